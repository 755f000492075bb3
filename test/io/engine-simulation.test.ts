import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../src/base/clock.ts';
import { crc32 } from '../../src/base/crc32.ts';
import { ErrorCode, errorName } from '../../src/base/errors.ts';
import { createRandom, type Random } from '../../src/base/random.ts';
import { createIoEngine, type IoEngine } from '../../src/io/engine.ts';
import type { IoOptions } from '../../src/io/engine-options.ts';
import { createMailbox } from '../../src/io/mailbox.ts';
import type { Bytes, Source } from '../../src/io/source.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import { simulatedSource } from '../../src/io/sources/simulated.ts';
import type { SimulatedFaults } from '../../src/io/sources/simulated-faults.ts';
import type { Completion } from '../../src/io/ticket.ts';
import { createInlineDecoder } from '../../src/io/worker/inline-decoder.ts';
import { meshOf } from '../support/content.ts';
import { encodeBlocks } from '../support/encode-mesh.ts';
import { contentOf } from '../support/faults/packs.ts';

/** Lets everything that is due in microtasks happen. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Payload {
  content: Uint8Array;
  file: string;
  start: number;
  end: number;
  checksum: number;
}

/** Two packs of payloads of a few bytes to a few blocks, with gaps between them. */
function makePacks(
  random: Random,
  count: number,
): { files: Record<string, Bytes>; payloads: Payload[] } {
  const files: Record<string, Bytes> = {};
  const payloads: Payload[] = [];
  for (const file of ['a.ffp', 'b.ffp']) {
    const pack = new Uint8Array(8 << 20);
    let at = 0;
    for (let i = 0; i < count / 2; i++) {
      const content = new Uint8Array(Math.floor(random() ** 4 * 150_000) + 1);
      for (let j = 0; j < content.length; j++) content[j] = random() * 256;
      const bytes = encodeBlocks(content);
      if (random() < 0.3) at += Math.floor(random() * 100_000);
      pack.set(bytes, at);
      payloads.push({ content, file, start: at, end: at + bytes.length, checksum: crc32(bytes) });
      at += bytes.length;
    }
    files[file] = pack;
  }
  return { files, payloads };
}

/** Counts reads that run, and shows each to `onStart`. */
function watched(
  inner: Source,
  onStart: (file: string, start: number, end: number) => void,
  onEnd: (start: number) => void = () => undefined,
): { source: Source; peak: () => number; active: () => number } {
  let active = 0;
  let peak = 0;
  const source: Source = {
    name: inner.name,
    readAll: (file, signal) => inner.readAll(file, signal),
    async read(file, start, end, signal) {
      peak = Math.max(peak, ++active);
      onStart(file, start, end);
      try {
        return await inner.read(file, start, end, signal);
      } finally {
        active--;
        onEnd(start);
      }
    },
  };
  return { source, peak: () => peak, active: () => active };
}

interface Run {
  engine: IoEngine;
  clock: ManualClock;
  log: string[];
  completions: Completion[];
  submitted: Map<string, Payload>;
  peak: number;
  active: number;
  reads: number;
}

const FAULTS: SimulatedFaults = {
  failureRate: 0.1,
  stallRate: 0.03,
  corruptRate: 0.05,
  shortReadRate: 0.05,
};

/** A few hundred random submits, cancels and changes of priority, then time until all is settled. */
async function simulate(seed: number, faults: SimulatedFaults, options: IoOptions): Promise<Run> {
  const random = createRandom(seed);
  const clock = createManualClock();
  const { files, payloads } = makePacks(random, 60);
  const link = { bandwidthBytesPerSecond: 2e6, latencySeconds: 0.04 };
  let reads = 0;
  const simulated = simulatedSource(memorySource(files), { clock, random, link, faults });
  const { source, peak, active } = watched(simulated, () => {
    reads++;
  });
  const mailbox = createMailbox();
  const decoder = createInlineDecoder({ decodeMesh: contentOf });
  const engine = createIoEngine({ sources: [source], decoder, clock, random, mailbox, options });
  const run: Run = {
    engine,
    clock,
    log: [],
    completions: [],
    submitted: new Map(),
    peak: 0,
    active: 0,
    reads: 0,
  };
  const drain = (): void => {
    mailbox.drain((completion) => {
      run.completions.push(completion);
      const { payload, epoch, code, message, fetchedBytes, fetchMs } = completion;
      run.log.push(
        `${clock.now()} ${payload}.${epoch} ${errorName(code)} ${fetchedBytes} ${fetchMs} ${message}`,
      );
    });
  };
  let epoch = 0;
  const step = async (): Promise<void> => {
    clock.advance(16);
    await breathe();
    drain();
  };
  for (let frame = 0; frame < 120; frame++) {
    for (let i = 0; i < 4; i++) {
      const payload = Math.floor(random() * payloads.length);
      if (engine.has(payload)) {
        if (random() < 0.4) expect(engine.cancel(payload)).toBe(true);
        else engine.reprioritize(payload, random(), random() < 0.1);
      } else {
        const { content: _, ...range } = payloads[payload]!;
        run.submitted.set(`${payload}.${++epoch}`, payloads[payload]!);
        const label = `payload ${payload}`;
        engine.submit({
          payload,
          epoch,
          kind: 1,
          source: 0,
          decodedBytes: 1e6,
          priority: random(),
          critical: random() < 0.1,
          label,
          ...range,
        });
      }
    }
    if (frame === 60) link.bandwidthBytesPerSecond = 3e5;
    await step();
  }
  let isSettled = false;
  void engine.settled().then(() => {
    isSettled = true;
  });
  for (let frame = 0; frame < 30_000 && !isSettled; frame++) await step();
  expect(isSettled).toBe(true);
  await breathe();
  drain();
  return Object.assign(run, { peak: peak(), active: active(), reads });
}

function checkRun(run: Run, maxInFlight: number): void {
  const names = run.completions.map(({ payload, epoch }) => `${payload}.${epoch}`);
  expect([...names].sort()).toEqual([...run.submitted.keys()].sort());
  expect(new Set(names).size).toBe(names.length);
  run.completions.forEach((completion, i) => {
    const payload = run.submitted.get(names[i]!)!;
    if (completion.code === ErrorCode.None) {
      const bytes = meshOf(completion.content).images[0]!.encoded!.bytes;
      expect(Buffer.compare(bytes, payload.content)).toBe(0);
      expect(completion.message).toBe('');
      expect(completion.fetchedBytes % (payload.end - payload.start)).toBe(0);
    } else {
      expect(completion.content).toBeNull();
      expect(completion.message).toMatch(new RegExp(`^payload ${completion.payload}: .`));
    }
  });
  expect(run.peak).toBeLessThanOrEqual(maxInFlight);
  const { engine } = run;
  expect([engine.pendingCount, engine.queuedCount, engine.inFlightCount, run.active]).toEqual([
    0, 0, 0, 0,
  ]);
}

describe('the engine under random faults and cancels', () => {
  const OPTIONS: IoOptions = { stallTimeoutMs: 1000, slowestBytesPerSecond: 100_000 };

  it.each([1, 2, 3, 4, 5, 6])(
    'completes every ticket exactly once, with the right bytes (seed %i)',
    async (seed) => {
      const maxInFlight = 1 + (seed % 6);
      const run = await simulate(seed, FAULTS, { ...OPTIONS, maxInFlight });
      checkRun(run, maxInFlight);
      const codes = new Set(run.completions.map(({ code }) => code));
      expect(codes).toContain(ErrorCode.None);
      expect(codes).toContain(ErrorCode.Cancelled);
    },
  );

  it('meets every kind of failure in these runs', async () => {
    const codes = new Set<number>();
    for (const [seed, faults] of [
      [7, { failureRate: 0.7 }],
      [8, { stallRate: 0.7 }],
      [9, { corruptRate: 0.7 }],
      [10, { shortReadRate: 0.7 }],
    ] as const) {
      const run = await simulate(seed, faults, { ...OPTIONS, maxInFlight: 4 });
      checkRun(run, 4);
      for (const { code } of run.completions) codes.add(code);
    }
    const { Network, Timeout, Checksum, ShortRead, Cancelled, None } = ErrorCode;
    expect([...codes].sort()).toEqual(
      [Network, Timeout, Checksum, ShortRead, Cancelled, None].sort(),
    );
  });

  it('is a pure function of the seed', async () => {
    const first = await simulate(21, FAULTS, OPTIONS);
    const second = await simulate(21, FAULTS, OPTIONS);
    const other = await simulate(22, FAULTS, OPTIONS);
    expect(second.log).toEqual(first.log);
    expect(other.log).not.toEqual(first.log);
  });

  it('loads everything when nothing fails, in fewer reads than without merging', async () => {
    const run = await simulate(31, {}, OPTIONS);
    checkRun(run, 6);
    const codes = new Set(run.completions.map(({ code }) => code));
    expect([...codes].sort()).toEqual([ErrorCode.None, ErrorCode.Cancelled]);
    const apart = await simulate(31, {}, { ...OPTIONS, mergeMaxBytes: 0 });
    expect(run.reads).toBeLessThan(apart.reads);
  });
});

describe('the order of reads', () => {
  it('is by critical, then priority, then payload, at every single read of one slot', async () => {
    const commands = fc.array(
      fc.record({
        payload: fc.nat({ max: 30 }),
        priority: fc.integer({ min: -3, max: 3 }),
        critical: fc.boolean(),
        act: fc.constantFrom('submit', 'submit', 'reprioritize', 'cancel', 'wait'),
      }),
      { minLength: 40, maxLength: 120, size: 'max' },
    );
    let readCount = 0;
    await fc.assert(
      fc.asyncProperty(commands, async (list) => {
        const clock = createManualClock();
        /** The slow reference: tickets that wait, in no order at all. */
        const waiting = new Map<number, { priority: number; critical: boolean }>();
        /** Reads that run; whoever asks for such a range again shares the read. */
        const running = new Set<number>();
        const files = { pack: new Uint8Array(31 * 10) };
        const random = createRandom(1);
        const link = { bandwidthBytesPerSecond: 1e4, latencySeconds: 0.002 };
        const wrong: string[] = [];
        const { source } = watched(
          simulatedSource(memorySource(files), { clock, random, link }),
          (_, start) => {
            const best = [...waiting].sort(
              ([a, x], [b, y]) =>
                Number(y.critical) - Number(x.critical) || y.priority - x.priority || a - b,
            )[0]!;
            // Thrown in here it would be one more failed read.
            if (start / 10 !== best[0]) wrong.push(`read ${start / 10}, expected ${best[0]}`);
            waiting.delete(start / 10);
            running.add(start / 10);
            readCount++;
          },
          (start) => running.delete(start / 10),
        );
        const mailbox = createMailbox();
        const decoder = createInlineDecoder({ decodeMesh: contentOf });
        const options = { maxInFlight: 1, mergeMaxBytes: 0 };
        const engine = createIoEngine({
          sources: [source],
          decoder,
          clock,
          random,
          mailbox,
          options,
        });
        for (const { payload, priority, critical, act } of list) {
          if (act === 'submit' && !engine.has(payload)) {
            if (!running.has(payload)) waiting.set(payload, { priority, critical });
            const range = { file: 'pack', start: payload * 10, end: payload * 10 + 10 };
            engine.submit({
              payload,
              epoch: 1,
              kind: 1,
              source: 0,
              checksum: crc32(files.pack.subarray(0, 10)),
              decodedBytes: 1,
              priority,
              critical,
              label: 'p',
              ...range,
            });
          } else if (act === 'reprioritize') {
            engine.reprioritize(payload, priority, critical);
            if (waiting.has(payload)) waiting.set(payload, { priority, critical });
          } else if (act === 'cancel') {
            engine.cancel(payload);
            waiting.delete(payload);
          } else if (act === 'wait') {
            await breathe();
            clock.advance(15);
            await breathe();
          }
        }
        await engine.dispose();
        expect(wrong).toEqual([]);
      }),
      { numRuns: 60 },
    );
    expect(readCount).toBeGreaterThan(300);
  });
});
