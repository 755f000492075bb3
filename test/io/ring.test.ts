/** The completion ring: order, fullness, and that nobody can tell it from messages. */
import { afterEach, describe, expect, it } from 'vitest';
import { ErrorCode } from '../../src/base/errors.ts';
import { createRandom } from '../../src/base/random.ts';
import { RingInlet } from '../../src/io/worker/inlet.ts';
import { ResultOutlet } from '../../src/io/worker/outlet.ts';
import { createWorkerPool, type WorkerPool } from '../../src/io/worker/pool.ts';
import type { WorkerPoolOptions } from '../../src/io/worker/pool-options.ts';
import type { FromWorker, WorkerResult } from '../../src/io/worker/protocol.ts';
import { createRing, RingReader, RingWriter } from '../../src/io/worker/ring.ts';
import { packResult, SlabWriter, unpackResult } from '../../src/io/worker/shared-result.ts';
import { makeDecodeWorkload } from '../support/decode-workload.ts';
import { countShared, fingerprint } from '../support/fingerprint.ts';
import { bundledWorkerUrl as workerUrl } from '../support/worker-url.ts';

const pools: WorkerPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.dispose()));
});

describe('a ring', () => {
  it('gives back every record, in order and exact, however often it wraps', () => {
    const random = createRandom(11);
    const buffer = createRing(1024);
    const [writer, reader] = [new RingWriter(buffer), new RingReader(buffer)];
    const expected: [number, string][] = [];
    let [next, seen, refused] = [0, 0, 0];
    while (seen < 5000) {
      const length = Math.floor(random() * 300);
      const text = String.fromCharCode(
        ...Array.from({ length }, () => Math.floor(random() * 65_536)),
      );
      if (writer.push(next, text)) expected.push([next++, text]);
      else refused++;
      for (let turns = random() * 3; turns > 1 && reader.next >= 0; turns--) {
        expect([reader.next, reader.text()]).toEqual(expected[seen++]);
        reader.advance();
      }
    }
    expect(refused).toBeGreaterThan(0);
  });

  it('takes numbers and counts beyond 16 bits, and a record as large as itself', () => {
    const buffer = createRing(1024);
    const [writer, reader] = [new RingWriter(buffer), new RingReader(buffer)];
    const text = 'x'.repeat(508);
    expect(writer.push(70_000, `${text}y`)).toBe(false);
    expect(writer.push(70_000, text)).toBe(true);
    expect(writer.push(70_001, '')).toBe(false);
    expect([reader.next, reader.text()]).toEqual([70_000, text]);
    reader.advance();
    expect(reader.next).toBe(-1);
    expect(writer.push(70_001, '')).toBe(true);
  });

  it('calls a reader that waits, once per call, also for what came before it asked', async () => {
    const buffer = createRing(1024);
    const [writer, reader] = [new RingWriter(buffer), new RingReader(buffer)];
    let calls = 0;
    const call = (): void => void calls++;
    expect(reader.next).toBe(-1);
    reader.onMore(call);
    reader.onMore(call);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls).toBe(0);
    writer.push(0, 'a');
    writer.wake();
    await expect.poll(() => calls).toBe(1);
    reader.onMore(call);
    await expect.poll(() => calls).toBe(2);
    // What it has looked at and left is no news.
    expect(reader.next).toBe(0);
    reader.onMore(call);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls).toBe(2);
    reader.close();
    writer.push(1, 'b');
    writer.wake();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls).toBe(2);
  });
});

function resultOf(id: number, extra: object = {}): WorkerResult {
  return { id, code: ErrorCode.None, message: '', content: null, decodeMs: 1, ...extra };
}

describe('a result in shared memory', () => {
  const pack = (value: object): { text: string | null; slabs: Map<number, SharedArrayBuffer> } => {
    const slabs = new Map<number, SharedArrayBuffer>();
    const text = packResult(
      resultOf(3, { content: { images: [], ...value } }),
      new SlabWriter((index, buffer) => slabs.set(index, buffer)),
    );
    return { text, slabs };
  };

  it('is what it was, odd numbers and all', () => {
    const value = {
      numbers: [0, -0, Number.NaN, Infinity, -Infinity, 1e-310, 2 ** 53],
      nothing: null,
      missing: undefined,
      text: 'äß\u2028"\ud800',
      nested: [{ view: new Int16Array([1, -2, 3]).subarray(1) }, new Float32Array([0.5])],
    };
    const { text, slabs } = pack(value);
    const { content } = unpackResult(text!, slabs)!;
    expect(content).toStrictEqual({ images: [], ...value });
    expect(Object.keys(content!)).toEqual(['images', ...Object.keys(value)]);
  });

  it.each([
    ['a class', { when: new Date(0) }],
    ['a map', { map: new Map() }],
    ['a big integer', { big: 1n }],
    ['a buffer', { buffer: new ArrayBuffer(4) }],
    ['a value of the game', { kind: 16, value: 1 }],
    ['an image that is a bitmap', { images: [{ bitmap: {}, encoded: null }] }],
    ['an image that is encoded', { images: [{ bitmap: null, encoded: {} }] }],
    ['more bytes than are shared', { bytes: new Uint8Array(256 * 1024 + 1) }],
  ])('is left to a message when it holds %s', (_, value) => {
    expect(pack(value).text).toBeNull();
  });

  it('waits for its slab', () => {
    const { text, slabs } = pack({ view: new Uint8Array(3) });
    expect(unpackResult(text!, new Map())).toBeNull();
    expect(unpackResult(text!, slabs)).not.toBeNull();
  });
});

describe('inlet and outlet', () => {
  it('keep the order of the worker and lose nothing when the ring is full', () => {
    const buffer = createRing(1024);
    const posted: FromWorker[] = [];
    const outlet = new ResultOutlet({ post: (message) => posted.push(message), listen: () => 0 });
    outlet.useRing(buffer);
    const inlet = new RingInlet(buffer);
    const [random, seen] = [createRandom(5), [] as WorkerResult[]];
    for (let id = 0; id < 2000; id++) {
      // Bitmaps and other things that cannot be shared go by message.
      const isOdd = random() < 0.2;
      const view = new Uint8Array([id & 255, id >> 8]);
      const plain = { primitives: [], images: [], view };
      const content = isOdd ? { ...plain, big: 1n } : plain;
      outlet.send([{ result: resultOf(id, { content }), label: 'x' }], false);
      if (random() > 0.3) continue;
      for (const message of posted.splice(0)) {
        if (message.type === 'slab') inlet.addSlab(message.index, message.buffer);
        if (message.type === 'done') inlet.add(message.results);
      }
      seen.push(...inlet.drain());
    }
    for (const message of posted) if (message.type === 'done') inlet.add(message.results);
    seen.push(...inlet.drain());
    expect(seen.map(({ id }) => id)).toEqual(Array.from({ length: 2000 }, (_, id) => id));
    for (const { id, content } of seen)
      expect((content as unknown as { view: Uint8Array }).view.join()).toBe(
        `${id & 255},${id >> 8}`,
      );
  });
});

async function decodeAll(
  options: WorkerPoolOptions,
  count: number,
): Promise<{ order: number[]; prints: string[]; shared: number; all: number }> {
  const pool = createWorkerPool({ workerUrl, ...options });
  pools.push(pool);
  await pool.warm();
  const order: number[] = [];
  const jobs = await makeDecodeWorkload(count, 77);
  const results = await Promise.all(
    jobs.map(async (job) => {
      const result = await pool.decode(job);
      order.push(job.payload);
      return result;
    }),
  );
  return { order, prints: results.map(fingerprint), ...countShared(results) };
}

describe('a pool with completions through the ring', () => {
  it('gives the same results in the same order as with messages, to the byte', async () => {
    const byMessage = await decodeAll({ workerCount: 1 }, 200);
    const byRing = await decodeAll({ workerCount: 1, completions: 'ring' }, 200);
    const byFullRing = await decodeAll(
      { workerCount: 1, completions: 'ring', ringBytes: 1024 },
      200,
    );
    expect(byMessage.shared).toBe(0);
    expect(byRing.shared).toBeGreaterThan(byRing.all / 2);
    expect(byRing.shared).toBeLessThan(byRing.all);
    // Most records are longer than this ring, and some are not.
    expect(byFullRing.shared).toBeLessThan(byRing.shared);
    for (const other of [byRing, byFullRing]) {
      expect(other.order).toEqual(byMessage.order);
      expect(other.prints).toEqual(byMessage.prints);
    }
    const codes = byMessage.prints.map((print) => (JSON.parse(print) as { code: string }).code);
    expect(new Set(codes).size).toBeGreaterThanOrEqual(3);
  });

  it('gives the same results from two workers', async () => {
    const [one, two] = [
      await decodeAll({ workerCount: 2 }, 120),
      await decodeAll({ workerCount: 2, completions: 'ring' }, 120),
    ];
    expect(two.prints).toEqual(one.prints);
    expect(two.shared).toBeGreaterThan(0);
  });

  it('says so and uses messages where memory cannot be shared', async () => {
    const warnings: string[] = [];
    const scope = globalThis as { crossOriginIsolated?: boolean };
    scope.crossOriginIsolated = false;
    try {
      const { shared, prints } = await decodeAll(
        { workerCount: 1, completions: 'ring', onWarning: (message) => warnings.push(message) },
        20,
      );
      expect(shared).toBe(0);
      expect(prints.length).toBe(20);
    } finally {
      delete scope.crossOriginIsolated;
    }
    expect(warnings).toEqual([expect.stringMatching(/cross-origin isolated.*by message instead/)]);
    expect(() => createWorkerPool({ completions: 'pigeon' as never })).toThrow(
      /completions must be "message" or "ring", got "pigeon"/,
    );
  });
});
