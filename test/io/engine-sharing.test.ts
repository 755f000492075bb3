/** Parts as they arrive, shared reads, the place kept for critical work, the bounded queue. */
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../src/base/clock.ts';
import { ErrorCode, errorName, StreamError } from '../../src/base/errors.ts';
import type { MeshContent } from '../../src/io/content.ts';
import type { Decoder } from '../../src/io/decoder.ts';
import { createIoEngine } from '../../src/io/engine.ts';
import type { IoOptions } from '../../src/io/engine-options.ts';
import { createMailbox } from '../../src/io/mailbox.ts';
import { createPartCutter, type PartCutter } from '../../src/io/parts.ts';
import type { ReadOptions, Source } from '../../src/io/source.ts';
import type { Ticket } from '../../src/io/ticket.ts';

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A read whose bytes the test sends one by one. */
interface OpenRead {
  start: number;
  end: number;
  options: ReadOptions;
  cutter: PartCutter;
  send(count: number): Promise<void>;
  finish(): Promise<void>;
  fail(error: StreamError): Promise<void>;
}

function makeBench(options: IoOptions = {}) {
  const clock = createManualClock();
  const reads: OpenRead[] = [];
  const wakers = new Set<() => void>();
  const source: Source = {
    name: 'parts',
    read: () => Promise.reject(new Error('not used here')),
    readAll: () => Promise.reject(new Error('not used here')),
    onAvailable(callback) {
      wakers.add(callback);
      return () => void wakers.delete(callback);
    },
    readParts: (_, parts, sink, readOptions = {}) =>
      new Promise((resolve, reject) => {
        const cutter = createPartCutter(parts, sink);
        readOptions.signal?.addEventListener('abort', () =>
          reject(new StreamError(ErrorCode.Cancelled, 'aborted')),
        );
        reads.push({
          start: cutter.start,
          end: cutter.end,
          options: readOptions,
          cutter,
          send(count) {
            const from = cutter.start + cutter.received;
            cutter.push(Uint8Array.from({ length: count }, (_, i) => (from + i) & 255));
            return breathe();
          },
          finish() {
            resolve({ linkBytes: cutter.end - cutter.start, cachedBytes: 0, firstByteMs: 5 });
            return breathe();
          },
          fail(error) {
            reject(error);
            return breathe();
          },
        });
      }),
  };
  const decoded: number[] = [];
  const verdicts: ErrorCode[] = [];
  const content: MeshContent = {
    scale: 1,
    offset: [0, 0, 0],
    primitives: [],
    materials: [],
    images: [],
  };
  const decoder: Decoder = {
    pendingCount: 0,
    decode: async ({ payload, bytes }) => {
      decoded.push(payload);
      const code = verdicts.shift() ?? ErrorCode.None;
      const isGood = code === ErrorCode.None;
      expect(bytes.every((byte, i) => byte === ((bytes[0]! + i) & 255))).toBe(true);
      return { code, message: isGood ? '' : 'bad', content: isGood ? content : null, decodeMs: 1 };
    },
    cancel: () => false,
    dispose: () => Promise.resolve(),
  };
  const mailbox = createMailbox();
  const engine = createIoEngine({
    sources: [source],
    decoder,
    clock,
    random: () => 0.5,
    mailbox,
    options,
  });
  const take = (): string[] => {
    const seen: string[] = [];
    mailbox.drain(({ payload, code }) => seen.push(`${payload} ${errorName(code)}`));
    return seen;
  };
  const ask = (payload: number, changes: Partial<Ticket> = {}): void =>
    engine.submit({
      payload,
      epoch: 1,
      kind: 1,
      source: 0,
      file: 'pack',
      start: payload * 100,
      end: payload * 100 + 100,
      checksum: 0,
      decodedBytes: 1,
      priority: 0,
      critical: false,
      label: `payload ${payload}`,
      ...changes,
    });
  return { engine, clock, reads, decoded, verdicts, take, ask, wakers };
}

describe('parts of one read', () => {
  it('are decoded and completed while the rest is still coming', async () => {
    const { reads, take, ask, engine } = makeBench();
    for (const payload of [0, 1, 2]) ask(payload);
    await breathe();
    expect(reads.length).toBe(1);
    await reads[0]!.send(150);
    expect(take()).toEqual(['0 None']);
    await reads[0]!.send(149);
    expect(take()).toEqual(['1 None']);
    await reads[0]!.send(1);
    expect(take()).toEqual(['2 None']);
    expect(engine.inFlightCount).toBe(1);
    await reads[0]!.finish();
    expect(engine.inFlightCount).toBe(0);
  });

  it('that have come stay when the rest fails, and only the rest is read again', async () => {
    const { reads, take, ask, clock } = makeBench({ backoffBaseMs: 100 });
    for (const payload of [0, 1, 2]) ask(payload);
    await breathe();
    await reads[0]!.send(120);
    await reads[0]!.fail(new StreamError(ErrorCode.Network, 'reset'));
    expect(take()).toEqual(['0 None']);
    clock.advance(50);
    await breathe();
    expect(reads.slice(1).map(({ start, end }) => [start, end])).toEqual([
      [100, 200],
      [200, 300],
    ]);
  });

  it('end the read early when all that is still to come is unwanted, if that pays', async () => {
    for (const [abortBytes, isAborted] of [
      [50, true],
      [1000, false],
    ] as const) {
      const { reads, ask, engine, take } = makeBench({ abortBytes });
      for (const payload of [0, 1, 2]) ask(payload);
      await breathe();
      engine.cancel(1);
      engine.cancel(2);
      expect(reads[0]!.options.signal!.aborted).toBe(false);
      await reads[0]!.send(100);
      expect(reads[0]!.options.signal!.aborted).toBe(isAborted);
      expect(take()).toEqual(['1 Cancelled', '2 Cancelled', '0 None']);
    }
  });

  it('keep a slow read alive as long as bytes come', async () => {
    const { reads, ask, clock, take } = makeBench({ stallTimeoutMs: 1000, attempts: 1 });
    ask(0);
    await breathe();
    for (let i = 0; i < 50; i++) {
      clock.advance(900);
      await reads[0]!.send(1);
    }
    expect(take()).toEqual([]);
    clock.advance(1001);
    await breathe();
    expect(take()).toEqual(['0 Timeout']);
  });
});

describe('tickets of the same range', () => {
  it('share one read, each with a completion of its own', async () => {
    const { reads, take, ask, engine, decoded } = makeBench();
    ask(0);
    await breathe();
    ask(7, { start: 0, end: 100 });
    ask(8, { start: 0, end: 100 });
    await breathe();
    expect(reads.length).toBe(1);
    engine.cancel(8);
    await reads[0]!.send(100);
    expect(take()).toEqual(['8 Cancelled', '0 None', '7 None']);
    expect(decoded).toEqual([0, 7]);
    expect(engine.stats()).toMatchObject({ requests: 1, shared: 2, fetchedBytes: 100 });
  });

  it('count as one: the read goes on until the last has left', async () => {
    const { reads, ask, engine } = makeBench({ abortBytes: 0 });
    ask(0);
    ask(7, { start: 0, end: 100 });
    await breathe();
    engine.cancel(0);
    expect(reads[0]!.options.signal!.aborted).toBe(false);
    engine.cancel(7);
    expect(reads[0]!.options.signal!.aborted).toBe(true);
  });

  it('lend each other their worth, and take it away again', async () => {
    const { reads, ask, engine } = makeBench({ maxInFlight: 1, mergeMaxBytes: 0 });
    ask(90);
    await breathe();
    ask(1, { priority: 1 });
    ask(2, { priority: 2 });
    ask(11, { start: 100, end: 200, priority: 9 });
    engine.cancel(11);
    ask(12, { start: 200, end: 300, critical: true });
    ask(3, { priority: 1.5 });
    await reads[0]!.send(100);
    await reads[0]!.finish();
    await reads[1]!.send(100);
    await reads[1]!.finish();
    await reads[2]!.send(100);
    await reads[2]!.finish();
    expect(reads.map(({ start }) => start)).toEqual([9000, 200, 300, 100]);
  });

  it('are fetched afresh, past every cache, when the bytes were damaged', async () => {
    const { reads, take, ask, verdicts } = makeBench();
    verdicts.push(ErrorCode.Checksum, ErrorCode.None);
    ask(0);
    await breathe();
    await reads[0]!.send(100);
    await reads[0]!.finish();
    await breathe();
    expect(reads.map(({ options }) => options.fresh)).toEqual([false, true]);
    await reads[1]!.send(100);
    expect(take()).toEqual(['0 None']);
  });
});

describe('connections', () => {
  it('keep one free for critical tickets, however many others wait', async () => {
    const { reads, ask } = makeBench({ mergeMaxBytes: 0 });
    for (let payload = 0; payload < 400; payload++) ask(payload);
    await breathe();
    expect(reads.length).toBe(5);
    ask(1000, { critical: true });
    await breathe();
    expect(reads.length).toBe(6);
    expect(reads[5]!.start).toBe(100_000);
    ask(1001, { critical: true });
    await breathe();
    expect(reads.length).toBe(6);
    await reads[0]!.send(100);
    await reads[0]!.finish();
    expect(reads[6]!.start).toBe(100_100);
  });

  it('are all used by bulk when none is reserved', async () => {
    const { reads, ask } = makeBench({ mergeMaxBytes: 0, reservedForCritical: 0 });
    for (let payload = 0; payload < 400; payload++) ask(payload);
    await breathe();
    expect(reads.length).toBe(6);
  });

  it.each([1, 2, 64])('may be %i', async (maxInFlight) => {
    const { reads, ask } = makeBench({ mergeMaxBytes: 0, maxInFlight });
    for (let payload = 0; payload < 400; payload++) ask(payload);
    await breathe();
    expect(reads.length).toBe(maxInFlight < 3 ? maxInFlight : maxInFlight - 1);
  });

  it('are no more than the link needs, once it is known', async () => {
    const { reads, ask, clock, engine } = makeBench({ mergeMaxBytes: 0, maxInFlight: 20 });
    const size = 100_000;
    for (let payload = 0; payload < 400; payload++)
      ask(payload, { start: payload * size, end: payload * size + size });
    await breathe();
    expect(reads.length).toBe(19);
    // 5 ms of latency, 10 kB a millisecond: half a read of 100 kB is under way.
    for (let i = 0; i < 100; i++) {
      // The next begins as soon as the last has ended: no head moves in between.
      await reads[i]!.send(1);
      clock.advance(10);
      await reads[i]!.send(size - 1);
      await reads[i]!.finish();
    }
    const { concurrency } = engine.stats();
    expect(concurrency).toBeLessThanOrEqual(4);
    expect(engine.inFlightCount).toBe(concurrency);
  });
});

describe('the queue', () => {
  it('gives up the least worthy when it is full, never a critical one', async () => {
    const { ask, take, engine } = makeBench({ maxQueued: 3, maxInFlight: 1 });
    ask(0, { priority: 5 });
    ask(1, { priority: 1, critical: true });
    ask(2, { priority: 3 });
    expect(take()).toEqual([]);
    ask(3, { priority: 4 });
    expect(take()).toEqual(['2 Cancelled']);
    ask(4, { priority: 2 });
    expect(take()).toEqual(['4 Cancelled']);
    expect(engine.queuedCount).toBe(3);
  });
});

describe('a source that refuses', () => {
  const refused = new StreamError(ErrorCode.Unavailable, 'the device is offline', 60_000);

  it('is waited for without counting attempts, and asked at once when it is back', async () => {
    const { reads, ask, clock, take, wakers } = makeBench({ attempts: 1, mergeMaxBytes: 0 });
    ask(0);
    ask(50);
    await breathe();
    await reads[0]!.fail(refused);
    await reads[1]!.fail(refused);
    clock.advance(1000);
    await breathe();
    expect([reads.length, take()]).toEqual([2, []]);
    for (const wake of wakers) wake();
    expect(reads.length).toBe(4);
    await reads[2]!.send(100);
    expect(take()).toEqual(['0 None']);
  });

  it('is told of when it goes on for too long, and later tickets at once', async () => {
    const { reads, ask, clock, take } = makeBench({ unavailablePatienceMs: 5000 });
    const again = new StreamError(ErrorCode.Unavailable, 'the device is offline', 5000);
    ask(0);
    await breathe();
    await reads[0]!.fail(again);
    clock.advance(5000);
    await breathe();
    await reads[1]!.fail(again);
    expect(take()).toEqual(['0 Unavailable']);
    ask(1);
    await breathe();
    await reads[2]!.fail(again);
    expect(take()).toEqual(['1 Unavailable']);
  });

  it('is no longer listened to after it is removed', async () => {
    const { engine, wakers } = makeBench();
    expect(wakers.size).toBe(1);
    engine.removeSource(0);
    expect(wakers.size).toBe(0);
  });
});
