import { describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../src/base/clock.ts';
import { ErrorCode, StreamError } from '../../src/base/errors.ts';
import type { MeshContent } from '../../src/io/content.ts';
import type { DecodeJob, DecodeResult, Decoder } from '../../src/io/decoder.ts';
import { createIoEngine, type IoEngine } from '../../src/io/engine.ts';
import type { IoOptions } from '../../src/io/engine-options.ts';
import { createMailbox } from '../../src/io/mailbox.ts';
import type { Bytes, Source } from '../../src/io/source.ts';
import type { Completion, Ticket } from '../../src/io/ticket.ts';

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const CONTENT: MeshContent = {
  scale: 1,
  offset: [0, 0, 0],
  primitives: [],
  materials: [],
  images: [],
};

/** A read that waits until the test says how it ends. */
interface HeldRead {
  file: string;
  start: number;
  end: number;
  isAborted: boolean;
  succeed(): Promise<void>;
  fail(error: unknown): Promise<void>;
}

/** A decode that waits until the test says how it ends. */
interface HeldDecode {
  job: DecodeJob;
  answer(result?: Partial<DecodeResult>): Promise<void>;
}

interface Bench {
  engine: IoEngine;
  clock: ManualClock;
  reads: HeldRead[];
  decodes: HeldDecode[];
  source: Source;
  take: () => Completion[];
}

function makeBench(options: IoOptions = {}, holdsDecodes = false): Bench {
  const clock = createManualClock();
  const reads: HeldRead[] = [];
  const decodes: HeldDecode[] = [];
  const source: Source = {
    name: 'held',
    origin: 'one host',
    readAll: () => Promise.reject(new Error('not used here')),
    read: (file, start, end, signal) =>
      new Promise((resolve, reject) => {
        const read: HeldRead = {
          file,
          start,
          end,
          isAborted: false,
          succeed() {
            resolve(Uint8Array.from({ length: end - start }, (_, i) => (start + i) & 255));
            return breathe();
          },
          fail(error) {
            reject(error);
            return breathe();
          },
        };
        signal?.addEventListener('abort', () => {
          read.isAborted = true;
          reject(new StreamError(ErrorCode.Cancelled, 'aborted'));
        });
        reads.push(read);
      }),
  };
  let pendingCount = 0;
  const decoder: Decoder = {
    get pendingCount() {
      return pendingCount;
    },
    decode: (job) =>
      new Promise((resolve) => {
        pendingCount++;
        const held: HeldDecode = {
          job,
          answer(result = {}) {
            pendingCount--;
            resolve({
              code: ErrorCode.None,
              message: '',
              content: CONTENT,
              decodeMs: 3,
              ...result,
            });
            return breathe();
          },
        };
        decodes.push(held);
        if (!holdsDecodes) void held.answer();
      }),
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
  const take = (): Completion[] => {
    const completions: Completion[] = [];
    mailbox.drain((completion) => completions.push(completion));
    return completions;
  };
  return { engine, clock, reads, decodes, source, take };
}

function ticket(payload: number, changes: Partial<Ticket> = {}): Ticket {
  return {
    payload,
    epoch: payload + 100,
    kind: 1,
    source: 0,
    file: 'pack',
    start: payload * 1000,
    end: payload * 1000 + 1000,
    checksum: 1,
    decodedBytes: 1,
    priority: 0,
    critical: false,
    label: `payload ${payload}`,
    ...changes,
  };
}

describe('merging', () => {
  it('reads neighbors at once and gives each its own bytes', async () => {
    const { engine, reads, decodes, take } = makeBench({ maxInFlight: 1 }, true);
    for (const payload of [3, 1, 2]) engine.submit(ticket(payload));
    await breathe();
    expect(reads.map(({ start, end }) => [start, end])).toEqual([[1000, 4000]]);
    expect(engine.inFlightCount).toBe(1);
    await reads[0]!.succeed();
    expect(decodes.map(({ job }) => [job.payload, job.bytes[0], job.bytes.length])).toEqual([
      [1, 1000 & 255, 1000],
      [2, 2000 & 255, 1000],
      [3, 3000 & 255, 1000],
    ]);
    expect(new Set(decodes.map(({ job }) => job.bytes.buffer)).size).toBe(3);
    for (const held of decodes) await held.answer();
    expect(
      take().map(({ payload, epoch, code, fetchedBytes, decodeMs }) => [
        payload,
        epoch,
        code,
        fetchedBytes,
        decodeMs,
      ]),
    ).toEqual([
      [1, 101, 0, 1000, 3],
      [2, 102, 0, 1000, 3],
      [3, 103, 0, 1000, 3],
    ]);
    expect(engine.fetchedBytes).toBe(3000);
  });

  it('stops at gaps, at the size limit, at other files and at another urgency', async () => {
    const { engine, reads } = makeBench({
      mergeGapBytes: 500,
      mergeMaxBytes: 2600,
      maxInFlight: 20,
    });
    engine.submit(ticket(0, { priority: 9 }));
    engine.submit(ticket(1, { start: 1500, end: 2500 }));
    engine.submit(ticket(2, { start: 2500, end: 2601 }));
    engine.submit(ticket(3, { start: 4000, end: 4100 }));
    engine.submit(ticket(4, { start: 4601, end: 4700 }));
    engine.submit(ticket(5, { file: 'other', start: 4100, end: 4200 }));
    engine.submit(ticket(6, { start: 4100, end: 4200, critical: true }));
    await breathe();
    expect(reads.map(({ file, start, end }) => [file, start, end])).toEqual([
      ['pack', 4100, 4200],
      ['pack', 0, 2500],
      ['pack', 2500, 2601],
      ['pack', 4000, 4100],
      ['pack', 4601, 4700],
      ['other', 4100, 4200],
    ]);
  });

  it('gives two payloads with the same range a buffer each', async () => {
    const { engine, reads, decodes } = makeBench();
    engine.submit(ticket(1, { start: 0, end: 10 }));
    engine.submit(ticket(2, { start: 0, end: 10 }));
    await breathe();
    await reads[0]!.succeed();
    expect(reads.length).toBe(1);
    expect(decodes[0]!.job.bytes).toEqual(decodes[1]!.job.bytes);
    expect(decodes[0]!.job.bytes.buffer).not.toBe(decodes[1]!.job.bytes.buffer);
  });

  it('sends one that has failed alone, so that it cannot spoil its neighbors again', async () => {
    const { engine, reads, clock, take } = makeBench({ backoffBaseMs: 100 });
    for (const payload of [1, 2]) engine.submit(ticket(payload));
    await breathe();
    await reads[0]!.fail(new StreamError(ErrorCode.ShortRead, 'the file is short'));
    expect(engine.queuedCount).toBe(2);
    clock.advance(50);
    await breathe();
    expect(reads.slice(1).map(({ start, end }) => [start, end])).toEqual([
      [1000, 2000],
      [2000, 3000],
    ]);
    await reads[1]!.succeed();
    expect(take().map(({ payload, code }) => [payload, code])).toEqual([[1, 0]]);
  });
});

describe('retries', () => {
  it('waits with jitter, twice as long each time, and then gives up and says why', async () => {
    const { engine, reads, clock, take } = makeBench({ backoffBaseMs: 100, attempts: 3 });
    engine.submit(ticket(1));
    await breathe();
    await reads[0]!.fail(new StreamError(ErrorCode.Network, 'no route'));
    // Half of the longest wait: the test's chance is always 0.5.
    clock.advance(49);
    await breathe();
    expect(reads.length).toBe(1);
    clock.advance(1);
    await breathe();
    expect(reads.length).toBe(2);
    await reads[1]!.fail(new StreamError(ErrorCode.Network, 'no route'));
    clock.advance(99);
    await breathe();
    expect(reads.length).toBe(2);
    clock.advance(1);
    await breathe();
    await reads[2]!.fail(new StreamError(ErrorCode.Network, 'no route'));
    expect(take()).toMatchObject([
      {
        payload: 1,
        code: ErrorCode.Network,
        content: null,
        message: 'payload 1: no route (attempt 3, the last)',
      },
    ]);
  });

  it('waits as long as the server asks', async () => {
    const { engine, reads, clock } = makeBench({ backoffBaseMs: 100 });
    engine.submit(ticket(1));
    await breathe();
    await reads[0]!.fail(new StreamError(ErrorCode.Server, 'busy', 5000));
    clock.advance(4999);
    await breathe();
    expect(reads.length).toBe(1);
    clock.advance(1);
    await breathe();
    expect(reads.length).toBe(2);
  });

  it('never repeats what is final', async () => {
    const { engine, reads, take } = makeBench();
    engine.submit(ticket(1));
    await breathe();
    await reads[0]!.fail(new StreamError(ErrorCode.NotFound, 'HTTP 404'));
    expect(take()).toMatchObject([{ code: ErrorCode.NotFound, message: 'payload 1: HTTP 404' }]);
    expect(engine.pendingCount).toBe(0);
  });

  it('fetches once more for a wrong checksum, then gives up', async () => {
    const { engine, reads, decodes, clock, take } = makeBench({}, true);
    engine.submit(ticket(1));
    await breathe();
    for (const attempt of [0, 1]) {
      await reads[attempt]!.succeed();
      await decodes[attempt]!.answer({
        code: ErrorCode.Checksum,
        message: 'payload 1: wrong',
        content: null,
      });
      clock.advance(0);
      await breathe();
    }
    expect(reads.length).toBe(2);
    expect(take()).toMatchObject([
      {
        code: ErrorCode.Checksum,
        message: 'payload 1: wrong (attempt 2, the last)',
        fetchedBytes: 2000,
      },
    ]);
  });

  it('ends a silent read by itself, with more patience the next time', async () => {
    const options = {
      stallTimeoutMs: 1000,
      slowestBytesPerSecond: 1000,
      backoffBaseMs: 0,
      attempts: 2,
    };
    const { engine, reads, clock, take } = makeBench(options);
    engine.submit(ticket(1));
    await breathe();
    clock.advance(1999);
    expect(reads[0]!.isAborted).toBe(false);
    clock.advance(1);
    await breathe();
    expect(reads[0]!.isAborted).toBe(true);
    clock.advance(0);
    await breathe();
    clock.advance(3999);
    expect(reads[1]!.isAborted).toBe(false);
    clock.advance(1);
    await breathe();
    expect(take()).toMatchObject([{ code: ErrorCode.Timeout }]);
    await engine.settled();
  });

  it('takes whatever a source throws for a broken connection, and survives a wrong length', async () => {
    const { engine, reads, take } = makeBench({ attempts: 1 });
    engine.submit(ticket(1));
    await breathe();
    await reads[0]!.fail('a text');
    expect(take()).toMatchObject([
      { code: ErrorCode.Network, message: 'payload 1: held failed (a text)' },
    ]);
    const throwing: Source = {
      name: 'throwing',
      read: () => {
        throw new Error('at once');
      },
      readAll: () => Promise.reject(new Error('not used here')),
    };
    const short: Source = {
      ...throwing,
      name: 'short',
      read: async (): Promise<Bytes> => new Uint8Array(3),
    };
    for (let payload = 0; payload < 500; payload++)
      engine.submit(ticket(payload, { source: payload === 0 ? engine.addSource(throwing) : 1 }));
    engine.submit(ticket(900, { source: engine.addSource(short) }));
    await engine.settled();
    const codes = take();
    expect(codes.length).toBe(501);
    expect(codes.at(-1)).toMatchObject({
      code: ErrorCode.ShortRead,
      message: 'payload 900: short: pack sent 3 bytes of range 900000-900999, expected 1000',
    });
  });
});

describe('cancel', () => {
  it('is free while queued, and answers at once and only once', async () => {
    const { engine, reads, take } = makeBench({ maxInFlight: 1, mergeMaxBytes: 0 });
    engine.submit(ticket(1));
    engine.submit(ticket(2));
    await breathe();
    expect(engine.cancel(2)).toBe(true);
    expect(take()).toMatchObject([{ payload: 2, epoch: 102, code: ErrorCode.Cancelled }]);
    expect(engine.cancel(2)).toBe(false);
    await reads[0]!.succeed();
    expect(reads.length).toBe(1);
    expect(take().map(({ payload }) => payload)).toEqual([1]);
  });

  it('lets a short read finish, and aborts a long one that nobody wants', async () => {
    const { engine, reads, take } = makeBench({ mergeMaxBytes: 0, abortBytes: 5000 });
    engine.submit(ticket(1));
    engine.submit(ticket(2, { end: 2000 + 5001 }));
    await breathe();
    engine.cancel(1);
    engine.cancel(2);
    expect(reads.map(({ isAborted }) => isAborted)).toEqual([false, true]);
    await breathe();
    expect(engine.inFlightCount).toBe(1);
    await reads[0]!.succeed();
    expect(engine.inFlightCount).toBe(0);
    expect(take().map(({ code }) => code)).toEqual([ErrorCode.Cancelled, ErrorCode.Cancelled]);
  });

  it('tells what still comes for nobody, until it has come', async () => {
    const { engine, reads } = makeBench({ mergeMaxBytes: 0, abortBytes: 5000 });
    engine.submit(ticket(1));
    engine.submit(ticket(2, { end: 2000 + 5001 }));
    engine.submit(ticket(9));
    await breathe();
    expect([1, 9, 404].map((payload) => engine.missingShareOf(payload))).toEqual([1, 1, 1]);
    expect(engine.unwantedBytes).toBe(0);
    engine.cancel(1);
    // Broken off: nothing more comes of it.
    engine.cancel(2);
    expect(engine.unwantedBytes).toBe(1000);
    await reads[0]!.succeed();
    expect(engine.unwantedBytes).toBe(0);
  });

  it('breaks off what is read from a source that is removed', async () => {
    const { engine, reads, source } = makeBench({ abortBytes: 5000 });
    const other = engine.addSource({ ...source, origin: 'another host' });
    engine.submit(ticket(1));
    engine.submit(ticket(2, { source: other }));
    await breathe();
    engine.removeSource(other);
    expect(reads.map(({ isAborted }) => isAborted)).toEqual([false, true]);
    expect(engine.unwantedBytes).toBe(0);
  });

  it('keeps a merged read while one of its members is wanted', async () => {
    const { engine, reads, decodes, take } = makeBench({ abortBytes: 100 });
    for (const payload of [1, 2]) engine.submit(ticket(payload));
    await breathe();
    engine.cancel(1);
    expect(reads[0]!.isAborted).toBe(false);
    await reads[0]!.succeed();
    expect(decodes.map(({ job }) => [job.payload, job.bytes.length])).toEqual([[2, 1000]]);
    expect(take().map(({ payload, code }) => [payload, code])).toEqual([
      [1, ErrorCode.Cancelled],
      [2, ErrorCode.None],
    ]);
  });

  it('joins the read that still runs when the payload is asked for again', async () => {
    const { engine, reads, take } = makeBench();
    engine.submit(ticket(1));
    await breathe();
    engine.cancel(1);
    engine.submit(ticket(1, { epoch: 7 }));
    await breathe();
    expect(reads.length).toBe(1);
    await reads[0]!.succeed();
    expect(take().map(({ epoch, code }) => [epoch, code])).toEqual([
      [101, ErrorCode.Cancelled],
      [7, ErrorCode.None],
    ]);
  });

  it('reads anew when the old read was aborted', async () => {
    const { engine, reads, take } = makeBench({ abortBytes: 0 });
    engine.submit(ticket(1));
    await breathe();
    engine.cancel(1);
    engine.submit(ticket(1, { epoch: 7 }));
    await breathe();
    expect(reads.map(({ isAborted }) => isAborted)).toEqual([true, false]);
    await reads[1]!.succeed();
    expect(take().map(({ epoch, code }) => [epoch, code])).toEqual([
      [101, ErrorCode.Cancelled],
      [7, ErrorCode.None],
    ]);
  });

  it('closes the bitmaps of content that comes too late', async () => {
    const { engine, reads, decodes, take } = makeBench({}, true);
    engine.submit(ticket(1));
    await breathe();
    await reads[0]!.succeed();
    engine.cancel(1);
    let closed = 0;
    const bitmap = { width: 1, height: 1, close: () => closed++ } as unknown as ImageBitmap;
    const image = {
      width: 1,
      height: 1,
      colorSpace: 'srgb',
      bitmap,
      compressed: null,
      encoded: null,
    } as const;
    await decodes[0]!.answer({ content: { ...CONTENT, images: [image] } });
    expect(closed).toBe(1);
    expect(take().map(({ code }) => code)).toEqual([ErrorCode.Cancelled]);
  });

  it('gives the place away even when a source does not react to being aborted', async () => {
    const { engine, clock, reads } = makeBench({
      maxInFlight: 1,
      stallTimeoutMs: 1000,
      attempts: 1,
    });
    const deaf: Source = {
      name: 'deaf',
      origin: 'one host',
      read: () => new Promise(() => undefined),
      readAll: () => new Promise(() => undefined),
    };
    engine.submit(ticket(1, { source: engine.addSource(deaf), critical: true }));
    engine.submit(ticket(2));
    await breathe();
    expect(reads.length).toBe(0);
    clock.advance(60_000);
    await breathe();
    clock.advance(1000);
    await breathe();
    expect(reads.length).toBe(1);
  });
});

describe('backpressure', () => {
  it('fetches nothing new while too much waits to be decoded', async () => {
    const options = { maxInFlight: 2, mergeMaxBytes: 0 };
    for (const limit of [{ maxPendingDecodes: 2 }, { maxUndecodedBytes: 2000 }]) {
      const { engine, reads, decodes } = makeBench({ ...options, ...limit }, true);
      for (let payload = 0; payload < 5; payload++) engine.submit(ticket(payload));
      await breathe();
      await reads[0]!.succeed();
      expect(reads.length).toBe(3);
      await reads[1]!.succeed();
      expect(reads.length).toBe(3);
      await reads[2]!.succeed();
      expect(engine.inFlightCount).toBe(0);
      await decodes[0]!.answer();
      await decodes[1]!.answer();
      expect(reads.length).toBe(5);
    }
  });
});

describe('the engine', () => {
  it('refuses mistakes of the caller', async () => {
    const { engine } = makeBench();
    engine.submit(ticket(1));
    expect(() => engine.submit(ticket(1))).toThrow(/payload 1 \(payload 1\) is already open/);
    expect(() => engine.submit(ticket(2, { source: 4 }))).toThrow(/unknown source 4/);
    expect(() => engine.submit(ticket(2, { end: 0 }))).toThrow(/bytes 2000 to 0/);
    expect(() => engine.submit(ticket(-1))).toThrow(/payload must be an integer/);
    expect(() => makeBench({ maxInFlight: 65 })).toThrow(
      /maxInFlight must be a number from 1 to 64/,
    );
    expect(engine.pendingCount).toBe(1);
  });

  it('cancels the tickets of a source that is removed, and uses its index again', async () => {
    const { engine, source, take } = makeBench();
    const index = engine.addSource(source);
    expect(index).toBe(1);
    engine.submit(ticket(1, { source: index }));
    engine.submit(ticket(2));
    engine.removeSource(index);
    expect(take().map(({ payload, code }) => [payload, code])).toEqual([[1, ErrorCode.Cancelled]]);
    expect(() => engine.removeSource(index)).toThrow(/no source 1/);
    expect(engine.addSource(source)).toBe(1);
    expect(engine.has(2)).toBe(true);
  });

  it('completes everything as cancelled on dispose, and whatever comes after', async () => {
    const { engine, reads, clock, take } = makeBench({ maxInFlight: 1, backoffBaseMs: 100 });
    for (const payload of [1, 50, 90])
      engine.submit(ticket(payload, { start: payload * 1e6, end: payload * 1e6 + 9 }));
    await breathe();
    await reads[0]!.fail(new StreamError(ErrorCode.Network, 'no route'));
    expect([engine.queuedCount, engine.inFlightCount, engine.pendingCount]).toEqual([2, 1, 3]);
    await engine.dispose();
    engine.submit(ticket(4));
    clock.advance(60_000);
    await breathe();
    expect(take().map(({ code }) => code)).toEqual(Array(4).fill(ErrorCode.Cancelled));
    expect([engine.queuedCount, engine.inFlightCount, engine.pendingCount]).toEqual([0, 0, 0]);
    expect(reads.length).toBe(2);
    expect(reads[1]!.isAborted).toBe(true);
    await engine.settled();
  });

  it('turns a decoder that rejects into a completion', async () => {
    const clock = createManualClock();
    const mailbox = createMailbox();
    const source: Source = {
      name: 'zeros',
      read: async (_, start, end) => new Uint8Array(end - start),
      readAll: async () => new Uint8Array(1),
    };
    const decoder: Decoder = {
      pendingCount: 0,
      decode: () => Promise.reject(new Error('broken')),
      cancel: () => false,
      dispose: () => Promise.resolve(),
    };
    const engine = createIoEngine({ sources: [source], decoder, clock, random: () => 0, mailbox });
    engine.submit(ticket(1));
    await engine.settled();
    mailbox.drain(({ code, message }) => {
      expect([code, message]).toEqual([ErrorCode.Decode, 'payload 1: the decoder failed (broken)']);
    });
    expect(engine.pendingCount).toBe(0);
  });
});

describe('the mailbox', () => {
  it('drains what was there, in order, and leaves what comes meanwhile', () => {
    const mailbox = createMailbox();
    const completion = (payload: number): Completion => ({
      payload,
      epoch: 0,
      code: ErrorCode.None,
      message: '',
      content: null,
      fetchedBytes: 0,
      fetchMs: 0,
      decodeMs: 0,
    });
    for (const payload of [1, 2, 3]) mailbox.push(completion(payload));
    const seen: number[] = [];
    const count = mailbox.drain(({ payload }) => {
      seen.push(payload);
      if (payload === 2) mailbox.push(completion(9));
    });
    expect([count, seen, mailbox.size]).toEqual([3, [1, 2, 3], 1]);
    mailbox.push(completion(10));
    expect(() =>
      mailbox.drain(() => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(mailbox.size).toBe(1);
    mailbox.drain(({ payload }) => expect(payload).toBe(10));
  });
});
