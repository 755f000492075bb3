import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { ErrorCode } from '../../src/base/errors.ts';
import type { DecodeJob, DecodeResult } from '../../src/io/decoder.ts';
import { createInlineDecoder } from '../../src/io/worker/inline-decoder.ts';
import { createWorkerPool, type WorkerPool } from '../../src/io/worker/pool.ts';
import type { WorkerPoolOptions } from '../../src/io/worker/pool-options.ts';
import { meshOf } from '../support/content.ts';
import {
  type EncodedPayload,
  encodeMesh,
  frame,
  makeGrid,
  writeContent,
} from '../support/encode-mesh.ts';
import { bundledWorkerUrl as workerUrl } from '../support/worker-url.ts';

const pools: WorkerPool[] = [];

function makePool(options: WorkerPoolOptions = {}): WorkerPool {
  const pool = createWorkerPool({ workerUrl, workerCount: 2, ...options });
  pools.push(pool);
  return pool;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.dispose()));
});

let nextPayload = 0;

function jobOf(encoded: EncodedPayload, changes: Partial<DecodeJob> = {}): DecodeJob {
  const { bytes, checksum, decodedBytes } = encoded;
  return {
    payload: nextPayload++,
    kind: 1,
    bytes: bytes.slice(),
    checksum,
    decodedBytes,
    priority: 0,
    label: 'grid',
    ...changes,
  };
}

/**
 * Workers that die when they are given a job whose label begins with "crash": always, or for as
 * many times as `lives` holds. "hang" makes them silent for good.
 */
function dyingWorkers(deaths: number): { createWorker: () => Worker; started: () => number } {
  const left = new Int32Array(new SharedArrayBuffer(4));
  left[0] = deaths;
  let count = 0;
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    parentPort.on('message', (message) => {
      for (const { label } of message.jobs ?? []) {
        if (label.startsWith('crash') && Atomics.sub(workerData.left, 0, 1) > 0) process.exit(7);
        if (label.startsWith('throw')) throw new Error('thrown by ' + label);
        if (label.startsWith('hang')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      }
    });
    import(workerData.url);`;
  return {
    started: () => count,
    createWorker() {
      count++;
      return new Worker(code, { eval: true, workerData: { url: workerUrl.href, left } });
    },
  };
}

function expectGood(result: DecodeResult): void {
  expect([result.code, result.message]).toEqual([ErrorCode.None, '']);
  expect(meshOf(result.content).primitives[0]!.index.length).toBeGreaterThan(0);
}

describe('the worker pool', () => {
  it.each(['raw', 'meshopt', 'draco'] as const)(
    'decodes %s to the same content as the inline decoder',
    async (codec) => {
      const encoded = await encodeMesh(makeGrid(30), { codec });
      const result = await makePool().decode(jobOf(encoded));
      expectGood(result);
      const inline = await createInlineDecoder().decode(jobOf(encoded));
      expect(result.content).toEqual(inline.content);
    },
  );

  it('answers many jobs of all codecs at once, each with its own content', async () => {
    const pool = makePool();
    const encoded = await Promise.all(
      [4, 7, 11, 16, 23].flatMap((side) =>
        (['raw', 'meshopt', 'draco'] as const).map((codec) =>
          encodeMesh(makeGrid(side), { codec }),
        ),
      ),
    );
    const results = await Promise.all(
      [...encoded, ...encoded].map((item) => pool.decode(jobOf(item))),
    );
    results.forEach((result, i) => {
      expectGood(result);
      const { indexCount } = encoded[i % encoded.length]!.header.primitives[0]!;
      expect(meshOf(result.content).primitives[0]!.index.length).toBe(indexCount);
    });
    expect(pool.pendingCount).toBe(0);
  });

  it('finds every flipped byte by the checksum, and goes on', async () => {
    const pool = makePool();
    const encoded = await encodeMesh(makeGrid(6), { codec: 'raw' });
    for (let at = 0; at < encoded.bytes.length; at += 41) {
      const job = jobOf(encoded);
      job.bytes[at]! ^= 1;
      const result = await pool.decode(job);
      expect(result.code).toBe(ErrorCode.Checksum);
      expect(result.message).toMatch(/^grid: \d+ bytes have checksum [0-9a-f]{8}, expected/);
    }
    expectGood(await pool.decode(jobOf(encoded)));
  });

  it('takes waiting jobs by priority', async () => {
    const pool = makePool({ workerCount: 1, jobsPerWorker: 1 });
    await pool.warm();
    const encoded = await encodeMesh(makeGrid(6), { codec: 'raw' });
    const order: number[] = [];
    const priorities = [3, 9, 1, Number.NaN, 7, 5];
    await Promise.all(
      priorities.map(async (priority) => {
        await pool.decode(jobOf(encoded, { priority }));
        order.push(priority);
      }),
    );
    expect(order).toEqual([9, 7, 5, 3, 1, Number.NaN]);
  });

  it('withdraws a waiting job, and says so when it is too late', async () => {
    const pool = makePool({ workerCount: 1, jobsPerWorker: 1 });
    await pool.warm();
    const encoded = await encodeMesh(makeGrid(6), { codec: 'raw' });
    const first = jobOf(encoded, { priority: 1 });
    const second = jobOf(encoded);
    const answers = [pool.decode(first), pool.decode(second)];
    await Promise.resolve();
    expect(pool.cancel(first.payload)).toBe(false);
    expect(pool.cancel(second.payload)).toBe(true);
    expect(pool.cancel(second.payload)).toBe(false);
    expect(pool.cancel(12345)).toBe(false);
    const [done, cancelled] = await Promise.all(answers);
    expectGood(done!);
    expect(cancelled!.code).toBe(ErrorCode.Cancelled);
  });
});

describe('waiting jobs', () => {
  it('change places until a worker takes them; what is unknown or has begun stays as it is', async () => {
    const pool = makePool({ workerCount: 1, jobsPerWorker: 1 });
    await pool.warm();
    const encoded = await encodeMesh(makeGrid(6), { codec: 'raw' });
    const order: string[] = [];
    const jobs = ['first', 'second', 'third', 'fourth'].map((label, i) =>
      jobOf(encoded, { label, priority: 10 - i }),
    );
    const answers = jobs.map(async (job) => {
      await pool.decode(job);
      order.push(job.label);
    });
    await Promise.resolve();
    pool.reprioritize(jobs[0]!.payload, -5);
    pool.reprioritize(jobs[3]!.payload, 100);
    pool.reprioritize(jobs[1]!.payload, Number.NaN);
    pool.reprioritize(987_654, 1);
    await Promise.all(answers);
    expect(order).toEqual(['first', 'fourth', 'third', 'second']);
  });

  it('are withdrawn by payload though an earlier job of it is running', async () => {
    const pool = makePool({ workerCount: 1, jobsPerWorker: 1 });
    await pool.warm();
    const encoded = await encodeMesh(makeGrid(6), { codec: 'raw' });
    const payload = nextPayload++;
    const running = pool.decode(jobOf(encoded, { payload }));
    await Promise.resolve();
    const again = pool.decode(jobOf(encoded, { payload }));
    expect(pool.cancel(payload)).toBe(true);
    expect(pool.cancel(payload)).toBe(false);
    expectGood(await running);
    expect((await again).code).toBe(ErrorCode.Cancelled);
  });
});

describe('the figures of the pool', () => {
  it('count jobs, bytes, busy and living time, and crashes', async () => {
    const { createWorker } = dyingWorkers(1);
    const pool = makePool({ createWorker, workerCount: 1 });
    expect(pool.stats).toMatchObject({ workerCount: 0, busyMs: 0, aliveMs: 0, crashes: 0 });
    const encoded = await encodeMesh(makeGrid(20), { codec: 'meshopt' });
    const results = [
      await pool.decode(jobOf(encoded)),
      await pool.decode(jobOf(encoded, { label: 'crash once' })),
      await pool.decode(jobOf(encoded, { checksum: encoded.checksum ^ 1 })),
    ];
    const { workerCount, busyMs, aliveMs, crashes, codecs } = pool.stats;
    expect([workerCount, crashes]).toEqual([1, 1]);
    expect(busyMs).toBeGreaterThan(0);
    expect(aliveMs).toBeGreaterThan(busyMs);
    const rows = Object.values(codecs);
    expect(rows.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(2);
    expect(rows.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(2 * encoded.decodedBytes);
    const goodMs = results[0]!.decodeMs + results[1]!.decodeMs;
    expect(rows.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(goodMs, 6);
    await pool.dispose();
    const ended = pool.stats.aliveMs;
    expect(pool.stats.workerCount).toBe(0);
    expect(pool.stats.aliveMs).toBe(ended);
  });
});

describe('a worker that dies', () => {
  it('is replaced, and its job is tried again', async () => {
    const { createWorker, started } = dyingWorkers(1);
    const pool = makePool({ createWorker, workerCount: 1 });
    const encoded = await encodeMesh(makeGrid(8), { codec: 'meshopt' });
    expectGood(await pool.decode(jobOf(encoded, { label: 'crash once' })));
    expect(started()).toBe(2);
  });

  it.each(['crash', 'throw'])(
    'ends as WorkerCrash for the job that did it alone (%s)',
    async (how) => {
      const { createWorker } = dyingWorkers(1000);
      const pool = makePool({ createWorker, workerCount: 2 });
      const encoded = await encodeMesh(makeGrid(8), { codec: 'raw' });
      const labels = ['good 1', `${how} always`, 'good 2', 'good 3', `${how} too`, 'good 4'];
      const results = await Promise.all(
        labels.map((label) => pool.decode(jobOf(encoded, { label }))),
      );
      results.forEach((result, i) => {
        if (labels[i]!.startsWith('good')) expectGood(result);
        else {
          expect(result.code).toBe(ErrorCode.WorkerCrash);
          expect(result.message).toMatch(/^(crash|throw) \w+: its decode worker died twice \(.+\)/);
        }
      });
      expectGood(await pool.decode(jobOf(encoded)));
    },
  );

  it('is noticed when it only falls silent', async () => {
    const { createWorker } = dyingWorkers(0);
    const pool = makePool({ createWorker, workerCount: 1, jobTimeoutMs: 300 });
    const encoded = await encodeMesh(makeGrid(8), { codec: 'raw' });
    const result = await pool.decode(jobOf(encoded, { label: 'hang' }));
    expect(result.code).toBe(ErrorCode.WorkerCrash);
    expect(result.message).toMatch(/gave no answer within 300 ms/);
    expectGood(await pool.decode(jobOf(encoded)));
  });
});

describe('a Draco stream that makes the decoder give up', () => {
  it('ends as a Decode error, and its worker, whose memory is lost, is replaced', async () => {
    const { createWorker, started } = dyingWorkers(0);
    const pool = makePool({ createWorker, workerCount: 1 });
    const good = await encodeMesh(makeGrid(4), { codec: 'draco' });
    const header = structuredClone(good.header);
    // One face of 2^31 - 1 points, sequential connectivity, one quantized attribute.
    const points = [0xff, 0xff, 0xff, 0xff, 0x07];
    const attribute = [1, 1, 0, 9, 3, 0, 0, 0, 1, 14];
    const version = [2, 2, 1, 0, 0, 0];
    const stream = new Uint8Array(96);
    stream.set([...new TextEncoder().encode('DRACO'), ...version, 1, ...points, 1]);
    stream.set(attribute, 30);
    header.primitives[0]!.draco = { offset: 0, bytes: stream.length };
    const bomb = { ...good, ...frame(writeContent(header, [stream])) };
    const results = await Promise.all(
      [bomb, good, bomb, good].map((encoded) => pool.decode(jobOf(encoded))),
    );
    for (const [i, result] of results.entries()) {
      if (i % 2 === 1) expectGood(result);
      else {
        expect(result.code).toBe(ErrorCode.Decode);
        expect(result.message).toMatch(/Draco gave up on it/);
      }
    }
    expect(started()).toBe(3);
  });
});

describe('a worker that cannot start', () => {
  const broken: [string, WorkerPoolOptions][] = [
    ['a file that is not there', { workerUrl: new URL('file:///nothing/here.js') }],
    [
      'a factory that throws',
      {
        createWorker: () => {
          throw new Error('no workers on this machine');
        },
      },
    ],
    [
      'code that throws',
      { createWorker: () => new Worker('throw new Error("broken code")', { eval: true }) },
    ],
    [
      'code that never says it is ready',
      {
        createWorker: () => new Worker('setInterval(() => 0, 1000)', { eval: true }),
        startTimeoutMs: 200,
      },
    ],
  ];
  it.each(broken)(
    'answers all jobs, waiting and later, with WorkerCrash: %s',
    async (_, options) => {
      const pool = makePool(options);
      const encoded = await encodeMesh(makeGrid(4), { codec: 'raw' });
      const results = await Promise.all([1, 2, 3].map(() => pool.decode(jobOf(encoded))));
      results.push(await pool.decode(jobOf(encoded)));
      for (const { code, message } of results) {
        expect(code).toBe(ErrorCode.WorkerCrash);
        expect(message).toMatch(/^grid: no decode worker starts: .+ check that the file is served/);
      }
      await expect(pool.warm()).rejects.toThrow(/no decode worker starts/);
      expect(pool.pendingCount).toBe(0);
    },
  );

  it.each(broken)('rejects warm with one worker and no job: %s', async (_, options) => {
    const pool = makePool({ ...options, workerCount: 1 });
    await expect(pool.warm()).rejects.toThrow(/no decode worker starts/);
  });

  it('is tried once more by warm, and given up where another worker does start', async () => {
    const calls: string[] = [];
    const pool = makePool({
      createWorker: () => {
        const isGood = calls.length === 0;
        calls.push(isGood ? 'good' : 'bad');
        if (!isGood) throw new Error('no more workers');
        return new Worker(workerUrl);
      },
    });
    await pool.warm();
    expect(calls.slice(0, 3)).toEqual(['good', 'bad', 'bad']);
    expectGood(await pool.decode(jobOf(await encodeMesh(makeGrid(4), { codec: 'raw' }))));
  });

  it('is made good by the second try of warm', async () => {
    let calls = 0;
    const pool = makePool({
      workerCount: 1,
      createWorker: () => {
        if (calls++ === 0) throw new Error('not yet');
        return new Worker(workerUrl);
      },
    });
    await pool.warm();
    expect(calls).toBe(2);
    expect(pool.stats.workerCount).toBe(1);
  });

  it('does not matter for Draco being unreachable: only Draco fails, and names the address', async () => {
    const pool = makePool({ dracoWasmUrl: new URL('file:///nothing/draco.wasm') });
    const draco = await encodeMesh(makeGrid(4), { codec: 'draco' });
    const raw = await encodeMesh(makeGrid(4), { codec: 'raw' });
    const [failed, good] = await Promise.all([pool.decode(jobOf(draco)), pool.decode(jobOf(raw))]);
    expect(failed.code).toBe(ErrorCode.Network);
    expect(failed.message).toMatch(/Draco decoder could not be loaded from file:.*dracoWasmUrl/);
    expectGood(good);
  });
});

describe('results name their codec and their bytes', () => {
  const decoders = [
    ['the pool', () => makePool()],
    ['the inline decoder', () => createInlineDecoder()],
  ] as const;
  it.each(decoders)('from %s', async (_, make) => {
    const decoder = make();
    for (const codec of ['raw', 'meshopt', 'draco'] as const) {
      const encoded = await encodeMesh(makeGrid(9), { codec });
      const result = await decoder.decode(jobOf(encoded));
      expect(result).toMatchObject({ code: ErrorCode.None, codec });
      const [{ attributes, index }] = meshOf(result.content).primitives as [
        ReturnType<typeof meshOf>['primitives'][number],
      ];
      const bytes = attributes.reduce((sum, { array }) => sum + array.byteLength, index.byteLength);
      expect(result.decodedBytes).toBe(bytes);
      const damaged = encoded.bytes.slice();
      damaged[damaged.length - 1]! ^= 1;
      const failed = await decoder.decode(jobOf({ ...encoded, bytes: damaged }));
      expect(failed).toMatchObject({ code: ErrorCode.Checksum, decodedBytes: 0, codec: 'other' });
    }
    const custom = frame(new Uint8Array(100).fill(7));
    const own = await decoder.decode(
      jobOf(
        { ...(await encodeMesh(makeGrid(2), { codec: 'raw' })), ...custom, decodedBytes: 100 },
        { kind: 20 },
      ),
    );
    expect(own).toMatchObject({ code: ErrorCode.None, codec: 'kind 20', decodedBytes: 100 });
    if (decoder.stats) {
      expect(Object.keys(decoder.stats.codecs)).toEqual(['raw', 'meshopt', 'draco', 'kind 20']);
    }
    await decoder.dispose();
  });
});

describe('dispose', () => {
  it('answers open jobs with Cancelled and later ones too', async () => {
    const pool = makePool();
    const encoded = await encodeMesh(makeGrid(60), { codec: 'draco' });
    await pool.warm();
    // Disposed in the same turn: no answer can have come in between.
    const open = Array.from({ length: 8 }, () => pool.decode(jobOf(encoded)));
    const disposal = pool.dispose();
    expect(pool.dispose()).toBe(disposal);
    await disposal;
    for (const { code } of await Promise.all(open)) expect(code).toBe(ErrorCode.Cancelled);
    expect((await pool.decode(jobOf(encoded))).code).toBe(ErrorCode.Cancelled);
    expect(pool.pendingCount).toBe(0);
  });

  it('leaves nothing that is active, and an idle pool lets the process end by itself', async () => {
    const support = new URL('../../dist/', import.meta.url);
    const script = `
      import { createWorkerPool } from '${support.href}src/io/worker/pool.js';
      import { encodeMesh, makeGrid } from '${support.href}test/support/encode-mesh.js';
      const active = () => process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort|Timeout/.test(name));
      const pool = createWorkerPool({ workerCount: 2 });
      await pool.warm();
      const encoded = await encodeMesh(makeGrid(10), { codec: 'draco' });
      const { code } = await pool.decode({ payload: 1, kind: 1, priority: 0, label: 'grid', ...encoded });
      if (process.argv[1] === 'dispose') await pool.dispose();
      console.log(JSON.stringify({ code, active: active() }));`;
    const run = promisify(execFile);
    for (const how of ['dispose', 'idle']) {
      const args = ['--input-type=module', '-e', script, how];
      const { stdout } = await run(process.execPath, args, {
        cwd: fileURLToPath(support),
        timeout: 15_000,
      });
      expect(JSON.parse(stdout)).toEqual({ code: 0, active: [] });
    }
  });
});
