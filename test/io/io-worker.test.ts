/** The I/O worker: a real thread that reads from a real server, and what happens when it cannot. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../src/base/clock.ts';
import { ErrorCode, StreamError } from '../../src/base/errors.ts';
import { createRandom } from '../../src/base/random.ts';
import { readParts } from '../../src/io/parts.ts';
import type { Bytes, Part, Source } from '../../src/io/source.ts';
import { httpSource } from '../../src/io/sources/http.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import {
  createIoWorker,
  type IoWorker,
  type IoWorkerOptions,
} from '../../src/io/worker/io-worker.ts';
import {
  type Answer,
  type FaultServer,
  rangeHead,
  rangeOf,
  startFaultServer,
} from '../support/fault-server.ts';
import { bundledWorkerUrl as workerUrl } from '../support/worker-url.ts';

const FILE = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8) * 7) & 255);

let server: FaultServer;
/** What to answer instead of a file, by its name. */
const answers = new Map<string, Answer>();
let closedCount = 0;
const open: IoWorker[] = [];
const warnings: string[] = [];

beforeAll(async () => {
  server = await startFaultServer();
  server.onRequest = (file) => answers.get(file);
});
afterAll(() => server.close());
beforeEach(() => {
  answers.clear();
  server.files.clear();
  server.files.set('pack', FILE);
  server.requests.length = 0;
  warnings.length = 0;
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((worker) => worker.dispose()));
});

function makeWorker(options: IoWorkerOptions = {}): IoWorker {
  const worker = createIoWorker({
    workerUrl,
    onWarning: (message) => warnings.push(message),
    ...options,
  });
  open.push(worker);
  return worker;
}

/** `toEqual` takes a second for these. */
function expectSame(bytes: Uint8Array | undefined, expected: Uint8Array): void {
  expect(bytes?.length).toBe(expected.length);
  expect(Buffer.compare(bytes!, expected)).toBe(0);
}

async function failure(promise: Promise<unknown>): Promise<StreamError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(StreamError);
  return error as StreamError;
}

/**
 * Workers that die at the order to read "crash" while lives are left, and hang at "hang". Counts
 * starts and messages.
 */
function frailWorkers(deaths: number): {
  createWorker: () => Worker;
  started: () => number;
  messages: () => number;
} {
  const left = new Int32Array(new SharedArrayBuffer(4));
  left[0] = deaths;
  let starts = 0;
  let messages = 0;
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    parentPort.on('message', ({ orders = [] }) => {
      for (const { file } of orders) {
        if (file === 'crash' && Atomics.sub(workerData.left, 0, 1) > 0) process.exit(9);
        if (file === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      }
    });
    import(workerData.url);`;
  return {
    started: () => starts,
    messages: () => messages,
    createWorker() {
      starts++;
      const worker = new Worker(code, { eval: true, workerData: { url: workerUrl.href, left } });
      worker.on('message', () => messages++);
      return worker;
    },
  };
}

/** Sends the first bytes of an answer; the caller sends the rest, if it likes. */
function heldAnswer(file: string): Promise<(bytes: Uint8Array) => void> {
  return new Promise((resolve) => {
    answers.set(file, (request, response) => {
      const [start, end] = rangeOf(request)!;
      const head = rangeHead(start, end, FILE.length);
      response.writeHead(206, { ...head, 'content-length': end - start });
      response.write(FILE.subarray(start, start + 10));
      response.on('close', () => closedCount++);
      resolve((bytes) => response.write(bytes));
    });
  });
}

describe('a source adopted by the I/O worker', () => {
  it('gives the same bytes as the source itself, in buffers of their own', async () => {
    const direct = httpSource(server.url);
    const remote = makeWorker().adopt(direct);
    expect([remote.name, remote.origin]).toEqual([direct.name, direct.origin]);
    const random = createRandom(7);
    const ranges = Array.from({ length: 60 }, () => {
      const start = Math.floor(random() * (FILE.length - 1));
      return [start, start + 1 + Math.floor(random() * (FILE.length - start - 1))] as const;
    });
    const answers = await Promise.all(
      ranges.map(([start, end]) => remote.read('pack', start, end)),
    );
    answers.forEach((bytes, i) => {
      expectSame(bytes, FILE.slice(...ranges[i]!));
      expect(bytes.buffer.byteLength).toBe(bytes.length);
    });
    expectSame(await remote.readAll('pack'), FILE);
    expectSame(await remote.readAll('pack'), await direct.readAll('pack'));
    expect(warnings).toEqual([]);
  });

  it('delivers every part once, counts its bytes, and reports what the read cost', async () => {
    const direct = httpSource(server.url);
    const remote = makeWorker().adopt(direct);
    const parts: Part[] = Array.from({ length: 50 }, (_, i) => ({
      start: 1000 + i * 900,
      end: 1000 + i * 900 + (i % 3 === 0 ? 1000 : 800),
    }));
    const [seen, bytes] = [[] as number[], [] as Bytes[]];
    let counted = 0;
    const report = await remote.readParts!('pack', parts, {
      onBytes(count) {
        counted += count;
      },
      onPart(index, part) {
        seen.push(index);
        bytes[index] = part;
        expect(counted).toBeGreaterThanOrEqual(parts[index]!.end - parts[0]!.start);
      },
    });
    expect(seen.toSorted((a, b) => a - b)).toEqual(parts.map((_, i) => i));
    bytes.forEach((part, i) => {
      expectSame(part, FILE.slice(parts[i]!.start, parts[i]!.end));
    });
    const span = parts.at(-1)!.end - parts[0]!.start;
    expect(counted).toBe(span);
    expect(report.linkBytes).toBe(span);
  });

  it('delivers a part while the rest of its read is still on its way', async () => {
    const arrived = heldAnswer('slow');
    const remote = makeWorker().adopt(httpSource(server.url));
    const parts: Part[] = [
      { start: 0, end: 100 },
      { start: 100, end: 5000 },
      { start: 5000, end: 9000 },
    ];
    const seen: number[] = [];
    let tellPart: (index: number) => void = () => undefined;
    const report = remote.readParts!('slow', parts, {
      onPart(index, bytes) {
        seen.push(index);
        expectSame(bytes, FILE.slice(parts[index]!.start, parts[index]!.end));
        tellPart(index);
      },
    });
    const send = await arrived;
    let sent = 10;
    for (const [index, { end }] of parts.entries()) {
      expect(seen).toEqual(parts.slice(0, index).map((_, i) => i));
      const delivered = new Promise<number>((resolve) => {
        tellPart = resolve;
      });
      send(FILE.subarray(sent, end));
      sent = end;
      expect(await delivered).toBe(index);
    }
    const { linkBytes, firstByteMs } = await report;
    expect(linkBytes).toBe(9000);
    expect(firstByteMs).toBeGreaterThan(0);
  });

  it('passes on what its source has to say, to whoever made it', async () => {
    answers.set('whole', (_, response) => void response.end(FILE));
    const said: string[] = [];
    const direct = httpSource(server.url, { onWarning: (message) => said.push(message) });
    const worker = makeWorker();
    expectSame(await worker.adopt(direct).read('whole', 5, 50), FILE.slice(5, 50));
    expect(said).toEqual([expect.stringMatching(/does not answer range requests/)]);
    expect(warnings).toEqual([]);
    expectSame(await worker.adopt(httpSource(server.url)).read('whole', 5, 50), FILE.slice(5, 50));
    expect(warnings).toEqual(said);
  });

  it('is told when an origin that was left alone may be asked again', async () => {
    answers.set('busy', (_, response) => response.writeHead(500).end());
    const remote = makeWorker().adopt(httpSource(server.url));
    const codes: number[] = [];
    let available = 0;
    const stop = remote.onAvailable!(() => available++);
    for (let i = 0; i < 6; i++) codes.push((await failure(remote.read('busy', 0, 10))).code);
    expect(codes).toEqual([...Array(5).fill(ErrorCode.Server), ErrorCode.Unavailable]);
    await expect.poll(() => available, { timeout: 30_000 }).toBeGreaterThan(0);
    stop();
    expectSame(await remote.read('pack', 5, 50), FILE.slice(5, 50));
  });

  it('brings many parts in few messages', async () => {
    const { createWorker, messages } = frailWorkers(0);
    const remote = makeWorker({ createWorker }).adopt(httpSource(server.url));
    await remote.readAll('pack');
    const before = messages();
    const parts = Array.from({ length: 500 }, (_, i) => ({ start: i * 600, end: i * 600 + 600 }));
    let count = 0;
    await remote.readParts!('pack', parts, { onPart: () => count++ });
    expect(count).toBe(500);
    expect(messages() - before).toBeLessThan(50);
  });

  const broken: [string, number, string][] = [
    ['missing', ErrorCode.NotFound, 'a file that is not there'],
    ['busy', ErrorCode.Server, 'a server that wants to be left alone for a while'],
    ['short', ErrorCode.ShortRead, 'a range beyond the end'],
    ['../secret', ErrorCode.NotFound, 'a name that leaves its folder'],
  ];
  it.each(broken)('fails as the source itself would: %s', async (file, code) => {
    server.files.set('short', FILE.subarray(0, 100));
    answers.set('busy', (_, response) => response.writeHead(503, { 'retry-after': '7' }).end());
    const direct = httpSource(server.url);
    const remote = makeWorker().adopt(direct);
    const [expected, seen] = [
      await failure(direct.read(file, 50, 200)),
      await failure(remote.read(file, 50, 200)),
    ];
    expect(seen.code).toBe(code);
    expect([seen.code, seen.message, seen.retryAfterMs]).toEqual([
      expected.code,
      expected.message,
      expected.retryAfterMs,
    ]);
    expect(seen.retryAfterMs).toBe(file === 'busy' ? 7000 : 0);
    expectSame(await remote.read('pack', 0, 10), FILE.slice(0, 10));
  });

  it('aborts a read at once, closes its connection, and leaves others alone', async () => {
    const arrived = heldAnswer('slow');
    const remote = makeWorker().adopt(httpSource(server.url));
    const controller = new AbortController();
    const aborted = failure(remote.read('slow', 0, 100_000, controller.signal));
    await arrived;
    const before = closedCount;
    const other = remote.read('pack', 5, 5000);
    controller.abort();
    expect((await aborted).code).toBe(ErrorCode.Cancelled);
    expectSame(await other, FILE.slice(5, 5000));
    await expect.poll(() => closedCount, { timeout: 20_000 }).toBe(before + 1);
    const asked = server.requests.length;
    expect((await failure(remote.read('pack', 0, 10, controller.signal))).code).toBe(
      ErrorCode.Cancelled,
    );
    expect(server.requests.length).toBe(asked);
  });

  it('is the same for every adoption, and is closed with the last', async () => {
    const worker = makeWorker();
    const direct = httpSource(server.url);
    const [one, two] = [worker.adopt(direct), worker.adopt(direct)];
    expect(one).toBe(two);
    expectSame(await one.read('pack', 0, 10), FILE.slice(0, 10));
    await one.dispose!();
    expectSame(await two.read('pack', 10, 20), FILE.slice(10, 20));
    const arrived = heldAnswer('slow');
    const running = failure(two.read('slow', 0, 100_000));
    await arrived;
    await two.dispose!();
    expect((await running).code).toBe(ErrorCode.Cancelled);
    expect((await failure(two.read('pack', 0, 10))).code).toBe(ErrorCode.Cancelled);
    const again = worker.adopt(direct);
    expect(again).not.toBe(one);
    expectSame(await again.read('pack', 20, 30), FILE.slice(20, 30));
  });

  it('stays where it is when it cannot be described: another thread has no clock of ours', () => {
    const timed = httpSource(server.url, { clock: createManualClock() });
    expect(makeWorker().adopt(timed)).toBe(timed);
    const source = memorySource({ pack: FILE });
    expect(makeWorker().adopt(source)).toBe(source);
  });
});

describe('an I/O worker that dies', () => {
  it('loses the reads that were running as Network errors, comes back and goes on', async () => {
    const { createWorker, started } = frailWorkers(1);
    const worker = makeWorker({ createWorker });
    const [one, two] = [httpSource(server.url), httpSource(server.url)].map((source) =>
      worker.adopt(source),
    );
    const arrived = heldAnswer('slow');
    const parts: number[] = [];
    const running = [
      failure(one!.read('slow', 0, 100_000)),
      failure(
        readParts(two!, 'slow', [{ start: 0, end: 90_000 }], { onPart: (i) => parts.push(i) }),
      ),
    ];
    await arrived;
    const culprit = failure(one!.read('crash', 0, 10));
    for (const lost of [...running, culprit]) {
      const { code, message } = await lost;
      expect(code).toBe(ErrorCode.Network);
      expect(message).toMatch(/: the I\/O worker died while (slow|crash) was read \(.*code 9\)/);
    }
    expect(parts).toEqual([]);
    const again = await Promise.all([one!, two!].map((source) => source.read('pack', 7, 70)));
    for (const bytes of again) expectSame(bytes, FILE.slice(7, 70));
    expect(started()).toBe(2);
    expect(warnings).toEqual([]);
  });

  it('is given up after five deaths with nothing read in between, with one warning', async () => {
    const { createWorker, started } = frailWorkers(1000);
    const worker = makeWorker({ createWorker });
    const remote = worker.adopt(httpSource(server.url));
    for (let i = 0; i < 5; i++)
      expect((await failure(remote.read('crash', 0, 10))).code).toBe(ErrorCode.Network);
    expect(worker.isFallback).toBe(true);
    expect((await failure(remote.read('crash', 0, 10))).code).toBe(ErrorCode.NotFound);
    expectSame(await remote.read('pack', 7, 70), FILE.slice(7, 70));
    expect(started()).toBe(5);
    expect(warnings).toEqual([expect.stringMatching(/in this thread: it died 5 times \(.*code 9/)]);
  });

  it('is not given up as long as it reads something between its deaths', async () => {
    const { createWorker, started } = frailWorkers(8);
    const worker = makeWorker({ createWorker });
    const remote = worker.adopt(httpSource(server.url));
    for (let i = 0; i < 8; i++) {
      await failure(remote.read('crash', 0, 10));
      expectSame(await remote.read('pack', i, 70), FILE.slice(i, 70));
    }
    expect(worker.isFallback).toBe(false);
    expect(started()).toBe(9);
  });

  it('is replaced when it hangs: an abort that it does not answer shows it', async () => {
    const { createWorker, started } = frailWorkers(0);
    const worker = makeWorker({ createWorker, abortTimeoutMs: 300 });
    const remote = worker.adopt(httpSource(server.url));
    await remote.read('pack', 0, 10);
    const controller = new AbortController();
    const hung = failure(remote.read('hang', 0, 10, controller.signal));
    const behind = failure(remote.read('pack', 0, 10));
    await Promise.resolve();
    controller.abort();
    expect((await hung).code).toBe(ErrorCode.Cancelled);
    expect((await behind).message).toMatch(/gave no answer within 300 ms/);
    expectSame(await remote.read('pack', 3, 30), FILE.slice(3, 30));
    expect(started()).toBe(2);
  });
});

describe('an I/O worker that cannot be had', () => {
  const broken: [string, IoWorkerOptions][] = [
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
      'code that never says it is ready',
      {
        createWorker: () => new Worker('setInterval(() => 0, 1000)', { eval: true }),
        startTimeoutMs: 200,
      },
    ],
  ];
  it.each(broken)('reads in this thread, with one warning: %s', async (_, options) => {
    const worker = makeWorker(options);
    const remote = worker.adopt(httpSource(server.url));
    const controller = new AbortController();
    const withdrawn = failure(remote.read('pack', 0, 10, controller.signal));
    controller.abort();
    const parts: number[] = [];
    const [bytes, all] = await Promise.all([
      remote.read('pack', 7, 70),
      remote.readAll('pack'),
      remote.readParts!('pack', [{ start: 0, end: 5 }], { onPart: (index) => parts.push(index) }),
    ]);
    expectSame(bytes, FILE.slice(7, 70));
    expectSame(all, FILE);
    expect(parts).toEqual([0]);
    expect((await withdrawn).code).toBe(ErrorCode.Cancelled);
    expect((await failure(remote.read('missing', 0, 1))).code).toBe(ErrorCode.NotFound);
    expect(worker.isFallback).toBe(true);
    expect(warnings).toEqual([
      expect.stringMatching(/reads are done in this thread: it does not start: .+ createWorker/),
    ]);
    await remote.dispose!();
  });

  it('reads in this thread what only this thread can make, and the rest in the worker', async () => {
    const worker = makeWorker();
    const own: Source = { ...memorySource({ pack: FILE }), descriptor: { kind: 'my-own' } };
    const [mine, http] = [worker.adopt(own), worker.adopt(httpSource(server.url))];
    const [one, two] = await Promise.all([mine.read('pack', 0, 9), http.read('pack', 0, 9)]);
    expect([one, two]).toEqual([FILE.slice(0, 9), FILE.slice(0, 9)]);
    expectSame(await mine.readAll('pack'), FILE);
    expect(worker.isFallback).toBe(false);
    expect(warnings).toEqual([expect.stringMatching(/is read in this thread: .*"my-own"/)]);
  });
});

describe('dispose', () => {
  it('ends running reads as Cancelled, and later ones too', async () => {
    const arrived = heldAnswer('slow');
    const worker = makeWorker();
    const remote = worker.adopt(httpSource(server.url));
    const running = failure(remote.read('slow', 0, 100_000));
    await arrived;
    const disposal = worker.dispose();
    expect(worker.dispose()).toBe(disposal);
    expect((await running).code).toBe(ErrorCode.Cancelled);
    await disposal;
    expect((await failure(remote.read('pack', 0, 10))).code).toBe(ErrorCode.Cancelled);
  });

  it('leaves nothing that is active, and an idle worker lets the process end by itself', async () => {
    const support = new URL('../../dist/', import.meta.url);
    const script = `
      import { createIoWorker } from '${support.href}src/io/worker/io-worker.js';
      import { httpSource } from '${support.href}src/io/sources/http.js';
      const active = () => process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort|Timeout/.test(name));
      const worker = createIoWorker();
      const source = worker.adopt(httpSource('${server.url}'));
      const { length } = await source.read('pack', 0, 1000);
      const controller = new AbortController();
      const aborted = source.read('pack', 0, 1000, controller.signal).catch(({ code }) => code);
      controller.abort();
      if (process.argv[1] === 'dispose') await worker.dispose();
      console.log(JSON.stringify({ length, code: await aborted, active: active() }));`;
    const run = promisify(execFile);
    for (const how of ['dispose', 'idle']) {
      const args = ['--input-type=module', '-e', script, how];
      const { stdout } = await run(process.execPath, args, {
        cwd: fileURLToPath(support),
        timeout: 30_000,
      });
      expect(JSON.parse(stdout)).toEqual({ length: 1000, code: ErrorCode.Cancelled, active: [] });
    }
  });
});
