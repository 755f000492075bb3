/** What is measured of a link, and what follows from it for the reads on it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLinkMeter, type LinkEstimate } from '../../src/io/link-meter.ts';
import { planAbort, planGap, planMerge, planReads } from '../../src/io/link-plan.ts';

const link = (megabitsPerSecond: number, latencyMs: number): LinkEstimate => ({
  bandwidthBytesPerSecond: (megabitsPerSecond * 1e6) / 8,
  latencySeconds: latencyMs / 1000,
  turnSeconds: 0,
});

/** Reads one after the other, in chunks of 10 ms, over a link that is as it is said to be. */
function measure(truth: LinkEstimate, reads: number, readBytes: number): LinkEstimate {
  const meter = createLinkMeter();
  let nowMs = 0;
  for (let read = 0; read < reads; read++) {
    const startMs = nowMs;
    nowMs += truth.latencySeconds * 1000;
    meter.firstByte(nowMs - startMs);
    for (let left = readBytes, isFirst = true; left > 0; isFirst = false) {
      const chunk = Math.min(left, truth.bandwidthBytesPerSecond / 100);
      nowMs += (chunk / truth.bandwidthBytesPerSecond) * 1000;
      meter.bytes(startMs, nowMs, chunk, isFirst, true);
      left -= chunk;
    }
  }
  return meter.estimate;
}

describe('the link meter', () => {
  it.each([
    [20, 40],
    [1000, 1],
    [1.6, 400],
    [100, 120],
  ])('finds %d Mbit/s and %d ms, whatever it believed first', (mbit, ms) => {
    const truth = link(mbit, ms);
    const { bandwidthBytesPerSecond, latencySeconds } = measure(truth, 100, 400_000);
    expect(bandwidthBytesPerSecond / truth.bandwidthBytesPerSecond).toBeCloseTo(1, 1);
    expect(latencySeconds / truth.latencySeconds).toBeCloseTo(1, 1);
  });

  it('is not fooled by reads that share the link', () => {
    const meter = createLinkMeter();
    // Two reads side by side, 1000 bytes a millisecond together.
    meter.bytes(0, 50, 1, true, true);
    meter.bytes(0, 50, 1, true, false);
    for (let nowMs = 60; nowMs < 20_000; nowMs += 10) {
      meter.bytes(0, nowMs - 5, 5000, false, false);
      meter.bytes(0, nowMs, 5000, false, false);
    }
    expect(meter.estimate.bandwidthBytesPerSecond).toBeCloseTo(1e6, -4);
  });

  it('takes no pause between reads for a slow link', () => {
    const meter = createLinkMeter();
    for (let i = 0; i < 200; i++) {
      const startMs = i * 1000;
      meter.firstByte(50);
      meter.bytes(startMs, startMs + 60, 10_000, true, true);
    }
    expect(meter.estimate.bandwidthBytesPerSecond).toBeGreaterThan(8e5);
  });

  it('tells a head that must move from a link that is busy', () => {
    const disk = createLinkMeter();
    const net = createLinkMeter();
    // Five reads wait at any time. The disk is silent for 9 ms before each and then sends for 1 ms;
    // the network sends without a pause.
    for (let i = 0; i < 1000; i++) {
      const startMs = Math.max(0, i - 5) * 10;
      if (i < 3) for (const meter of [disk, net]) meter.firstByte(10);
      disk.bytes(startMs, i * 10 + 9, 75_000, true, true);
      disk.bytes(startMs, i * 10 + 10, 75_000, false, true);
      net.bytes(startMs, i * 10 + 0.1, 2000, true, true);
      net.bytes(startMs, i * 10 + 10, 148_000, false, true);
    }
    expect(disk.estimate.turnSeconds).toBeCloseTo(0.009, 3);
    expect(disk.estimate.bandwidthBytesPerSecond / 150e6).toBeCloseTo(1, 0);
    expect(net.estimate.turnSeconds).toBeLessThan(0.001);
    expect(net.estimate.bandwidthBytesPerSecond / 15e6).toBeCloseTo(1, 0);
  });

  it('knows nothing before the first read, and says so', () => {
    const meter = createLinkMeter();
    expect(meter.samples).toBe(0);
    expect(meter.isKnown).toBe(false);
    meter.firstByte(300);
    expect(meter.samples).toBe(1);
    expect(meter.estimate.latencySeconds).toBeCloseTo(0.3);
  });
});

describe('the bandwidth', () => {
  it('is known once the link has worked five times as long as the guess counts for', () => {
    const meter = createLinkMeter();
    const seen: boolean[] = [];
    for (let i = 0; i < 8; i++) {
      meter.bytes(0, 50 + i * 10, 3000, i === 0, true);
      seen.push(meter.isKnown);
    }
    expect(seen).toEqual([false, false, false, false, false, true, true, true]);
    expect(meter.estimate.bandwidthBytesPerSecond).toBeLessThan(1.5e6);
  });
});

describe('the plan', () => {
  it('opens as many reads as cover the latency, twice over', () => {
    // 2.5 MB/s for 40 ms are 100 kB on their way.
    expect(planReads(link(20, 40), 100_000, 5)).toBe(4);
    expect(planReads(link(20, 40), 30_000, 64)).toBe(9);
    expect(planReads(link(20, 0), 100_000, 5)).toBe(2);
    expect(planReads(link(1000, 120), 32_000, 5)).toBe(5);
    expect(planReads(link(1000, 120), 32_000, 1)).toBe(1);
  });

  it('reads through gaps while a turn of requests leaves the link idle', () => {
    // Two turns of 40 ms / 5 at 2.5 MB/s, less what a read of 10 kB brings meanwhile.
    expect(planGap(link(20, 40), 5, 10_000)).toBeCloseTo(30_000);
    // 2.5 ms of a request's own cost at 125 MB/s.
    expect(planGap(link(1000, 0), 5, 100_000)).toBeCloseTo(525_000);
  });

  it('reads through nothing but a header where the link is busy anyway', () => {
    expect(planGap(link(20, 40), 5, 64_000)).toBe(1024);
    expect(planGap(link(0.1, 1), 5, 1000)).toBe(1024);
  });

  it('reads through more than a megabyte where a head must move', () => {
    const disk = { bandwidthBytesPerSecond: 150e6, latencySeconds: 0.009, turnSeconds: 0.009 };
    // However many reads wait, the head moves for one at a time.
    for (const reads of [1, 5]) expect(planGap(disk, reads, 2e6)).toBeCloseTo(1_350_000);
    const limits = { maxReads: 1, mergeSeconds: 0.25, mergeCapBytes: 4 << 20 };
    expect(planMerge(disk, 64_000, limits).mergeMaxBytes).toBe(4 << 20);
  });

  it('never lets one read hold a slow link for long, nor grow past its cap', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 10_000, noNaN: true }),
        fc.double({ min: 0, max: 1000, noNaN: true }),
        fc.integer({ min: 1, max: 64 }),
        (mbit, ms, maxReads) => {
          const estimate = link(mbit, ms);
          const limits = { maxReads, mergeSeconds: 0.25, mergeCapBytes: 1 << 20 };
          const { mergeMaxBytes } = planMerge(estimate, 64_000, limits);
          expect(mergeMaxBytes).toBeLessThanOrEqual(1 << 20);
          const seconds = mergeMaxBytes / estimate.bandwidthBytesPerSecond;
          if (mergeMaxBytes > 32 * 1024) expect(seconds).toBeLessThanOrEqual(0.25 + 1e-9);
          const reads = planReads(estimate, mergeMaxBytes, maxReads);
          expect(reads).toBeGreaterThanOrEqual(Math.min(2, maxReads));
          expect(reads).toBeLessThanOrEqual(maxReads);
        },
      ),
    );
  });

  it('aborts only what costs more than a new connection', () => {
    expect(planAbort(link(20, 40))).toBeCloseTo(206_250);
    expect(planAbort(link(1.6, 400))).toBeGreaterThan(planAbort(link(1.6, 100)));
  });
});
