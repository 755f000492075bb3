/**
 * The engine against what a link can physically do, on simulated time: how near it comes to bytes
 * over bandwidth plus one latency, and how long a critical payload waits behind a full queue. No
 * clock of the machine is involved, so the figures are the same everywhere.
 */
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../src/base/clock.ts';
import { createRandom } from '../../src/base/random.ts';
import type { Decoder } from '../../src/io/decoder.ts';
import { createIoEngine, type IoEngine } from '../../src/io/engine.ts';
import type { IoOptions } from '../../src/io/engine-options.ts';
import { createMailbox } from '../../src/io/mailbox.ts';
import type { Source } from '../../src/io/source.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import { simulatedSource } from '../../src/io/sources/simulated.ts';
import { SIMULATED_PROFILES, type SimulatedLink } from '../../src/io/sources/simulated-profiles.ts';

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Setup {
  link: SimulatedLink;
  options?: IoOptions;
  count?: number;
  /** Share of payloads with a gap of up to 60 kB before them. */
  gaps?: number;
  /** Makes each payload of 2 to 62 kB this size instead. */
  size?: number;
}

const link = (megabitsPerSecond: number, latencyMs: number): SimulatedLink => ({
  bandwidthBytesPerSecond: (megabitsPerSecond * 1e6) / 8,
  latencySeconds: latencyMs / 1000,
});

const decoder: Decoder = {
  pendingCount: 0,
  decode: async () => ({
    code: 0,
    message: '',
    content: { scale: 1, offset: [0, 0, 0], primitives: [], materials: [], images: [] },
    decodeMs: 0,
  }),
  cancel: () => false,
  dispose: () => Promise.resolve(),
};

function makeRun({ link, options = {}, count = 500, gaps = 0, size }: Setup) {
  const clock = createManualClock();
  const random = createRandom(3);
  const ranges: { start: number; end: number }[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (random() < gaps) at += Math.floor(random() * 60_000);
    const start = at;
    at += size ?? 2000 + Math.floor(random() ** 3 * 60_000);
    ranges.push({ start, end: at });
  }
  const files = { pack: new Uint8Array(at) };
  const inner = simulatedSource(memorySource(files), { clock, random, link });
  let reads = 0;
  const source: Source = {
    ...inner,
    readParts(...args) {
      reads++;
      return inner.readParts!(...args);
    },
  };
  const mailbox = createMailbox();
  const engine = createIoEngine({ sources: [source], decoder, clock, random, mailbox, options });
  const submit = (payload: number, range: { start: number; end: number }, critical = false): void =>
    engine.submit({
      payload,
      epoch: 1,
      kind: 1,
      source: 0,
      file: 'pack',
      checksum: 0,
      decodedBytes: 1,
      priority: -payload,
      critical,
      label: `payload ${payload}`,
      ...range,
    });
  const bytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const boundMs = (bytes / link.bandwidthBytesPerSecond + link.latencySeconds) * 1000;
  return { clock, engine, mailbox, ranges, submit, boundMs, reads: () => reads };
}

/** Milliseconds until `payloads` are complete. */
async function wait(
  { clock, mailbox }: ReturnType<typeof makeRun>,
  isDone: (seen: Set<number>) => boolean,
): Promise<number> {
  const fromMs = clock.now();
  const seen = new Set<number>();
  while (!isDone(seen)) {
    await breathe();
    clock.advance(1);
    mailbox.drain(({ payload }) => seen.add(payload));
    if (clock.now() - fromMs > 600_000) throw new Error(`only ${seen.size} came in ten minutes`);
  }
  return clock.now() - fromMs;
}

async function bringAll(
  setup: Setup,
): Promise<{ ratio: number; ms: number; engine: IoEngine; reads: number }> {
  const run = makeRun(setup);
  run.ranges.forEach((range, payload) => {
    run.submit(payload, range);
  });
  const ms = await wait(run, (seen) => seen.size === run.ranges.length);
  return { ratio: ms / run.boundMs, ms, engine: run.engine, reads: run.reads() };
}

/** What a page without a scheduler does: each payload alone, as many at a time as a browser opens. */
const ALONE: IoOptions = { mergeMaxBytes: 0, reservedForCritical: 0 };

describe('500 payloads over a link', () => {
  it('come within 1.15 of the bound at 40 ms and 20 Mbit/s', async () => {
    const { ratio, engine } = await bringAll({ link: link(20, 40) });
    expect(ratio).toBeLessThan(1.15);
    const { bandwidthBytesPerSecond, latencySeconds } = engine.link;
    expect(bandwidthBytesPerSecond / 2.5e6).toBeCloseTo(1, 0);
    expect(latencySeconds).toBeCloseTo(0.04, 2);
    // One by one over the same six connections they do not.
    const alone = await bringAll({ link: link(20, 40), options: ALONE });
    expect(alone.ratio).toBeGreaterThan(1.15);
  });

  it('come within 1.15 of the bound with gaps between them, too', async () => {
    const { ratio } = await bringAll({ link: link(20, 40), gaps: 0.3 });
    expect(ratio).toBeLessThan(1.15);
  });

  it('of 16 KB come three times sooner than one by one at 120 ms', async () => {
    const setup = { link: link(100, 120), count: 200, size: 16_000 };
    const merged = await bringAll(setup);
    const alone = await bringAll({ ...setup, options: ALONE });
    expect(alone.ms / merged.ms).toBeGreaterThan(3);
    expect(alone.reads).toBe(200);
  });

  it('read through gaps on a disk whose head must move, and not where that costs more', async () => {
    const setup = { count: 500, gaps: 0.5 };
    const { hdd } = SIMULATED_PROFILES;
    const merged = await bringAll({ ...setup, link: { ...hdd } });
    const strict = await bringAll({ ...setup, link: { ...hdd }, options: { mergeGapBytes: 0 } });
    expect(strict.ms / merged.ms).toBeGreaterThan(2);
    const slow = await bringAll({ ...setup, link: link(2, 5) });
    const amplification = ({ engine }: typeof slow): number => engine.stats().readAmplification;
    expect(amplification(slow)).toBeLessThan(1.1);
    expect(amplification(merged)).toBeGreaterThan(1.3);
  });
});

describe('a link that is not known yet', () => {
  it('is not filled with gaps: the first small payloads of a slow one come soon', async () => {
    const setup = { link: link(2, 40), count: 60, size: 500, gaps: 1 };
    const careful = await bringAll(setup);
    expect(careful.engine.stats().readAmplification).toBeLessThan(2);
    // What is right on a middling link, taken for granted here.
    const rash = await bringAll({ ...setup, options: { mergeGapBytes: 80_000 } });
    expect(rash.engine.stats().readAmplification).toBeGreaterThan(10);
    expect(rash.ms / careful.ms).toBeGreaterThan(5);
  });
});

describe('a critical payload behind 400 others', () => {
  it.each([
    [20, 40],
    [20, 120],
    [5, 40],
    [100, 40],
  ])(
    'comes within 2 latencies and its own share of the link (%d Mbit/s, %d ms)',
    async (mbit, ms) => {
      const run = makeRun({ link: link(mbit, ms), count: 401 });
      const last = run.ranges.pop()!;
      run.ranges.forEach((range, payload) => {
        run.submit(payload, range);
      });
      // In the thick of it.
      await wait(run, (seen) => seen.size > 40);
      const open = run.engine.inFlightCount;
      run.submit(1000, last, true);
      const arrivedMs = await wait(run, (seen) => seen.has(1000));
      const ownMs = ((last.end - last.start) / link(mbit, ms).bandwidthBytesPerSecond) * 1000;
      // A step of the test's clock on either side.
      expect(arrivedMs).toBeLessThanOrEqual(2 * ms + (open + 1) * ownMs + 2);
    },
  );

  it('waits in line when nothing is reserved and nothing is known of its worth', async () => {
    const run = makeRun({ link: link(20, 40), count: 401, options: { reservedForCritical: 0 } });
    const last = run.ranges.pop()!;
    run.ranges.forEach((range, payload) => {
      run.submit(payload, range);
    });
    await wait(run, (seen) => seen.size > 40);
    run.submit(1000, last);
    const ownMs = ((last.end - last.start) / 2.5e6) * 1000;
    const arrivedMs = await wait(run, (seen) => seen.has(1000));
    expect(arrivedMs).toBeGreaterThan(2 * 40 + 7 * ownMs + 2);
  });
});
