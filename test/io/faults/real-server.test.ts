/**
 * The fault table over real HTTP: a server on this machine that spoils its answers, `httpSource`, the
 * machine's own clock. A handful of each; the hundreds are in `fault-table.test.ts`.
 */
import type { ServerResponse } from 'node:http';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../src/base/clock.ts';
import { ErrorCode } from '../../../src/base/errors.ts';
import { createRandom } from '../../../src/base/random.ts';
import { createIoEngine } from '../../../src/io/engine.ts';
import { createMailbox } from '../../../src/io/mailbox.ts';
import type { Source } from '../../../src/io/source.ts';
import { createBreakers } from '../../../src/io/sources/breaker.ts';
import { type HttpSourceOptions, httpSource } from '../../../src/io/sources/http.ts';
import { mirrored } from '../../../src/io/sources/mirrors.ts';
import { createInlineDecoder } from '../../../src/io/worker/inline-decoder.ts';
import { createWorkerPool } from '../../../src/io/worker/pool.ts';
import { concat, encodeMesh, makeGrid } from '../../support/encode-mesh.ts';
import {
  type Answer,
  type FaultServer,
  rangeHead,
  rangeOf,
  startFaultServer,
} from '../../support/fault-server.ts';
import { type Books, createBooks, watchRejections } from '../../support/faults/checker.ts';
import {
  contentOf,
  makePacks,
  SHAPE_OPTIONS,
  SHAPES,
  type Shape,
  ticketOf,
} from '../../support/faults/packs.ts';
import { switchedNetwork } from '../../support/sources.ts';
import { bundledWorkerUrl as workerUrl } from '../../support/worker-url.ts';

const { None, Network, Timeout, NotFound, Server, ShortRead, Checksum, Unavailable } = ErrorCode;

const packs = makePacks(2, 1.5e6);
const clock = createSystemClock();
let server: FaultServer;
let rejections: ReturnType<typeof watchRejections>;
const rows: string[] = [];

beforeAll(async () => {
  rejections = watchRejections();
  server = await startFaultServer();
  for (const [name, bytes] of Object.entries(packs.files)) server.files.set(name, bytes);
});
afterEach(() => {
  server.onRequest = () => undefined;
});
afterAll(async () => {
  await server.close();
  expect(await rejections.stop()).toEqual([]);
  console.log(['fault over real HTTP      read     hits', ...rows].join('\n'));
});

/** A few payloads of each shape: separate reads, one merged read, separate large ones. */
function chosen(shape: Shape): number[] {
  const all = [...packs.payloads.keys()].filter(
    (payload) => packs.payloads[payload]!.shape === shape,
  );
  return all.slice(0, shape === 'large' ? 3 : 6);
}

/** Brings in a few payloads from `source`; every way it can go wrong is in the problems. */
async function bringIn(
  source: Source,
  shape: Shape,
  attempts: number,
  unavailablePatienceMs = 5000,
): Promise<Books> {
  const books = createBooks(packs);
  const mailbox = createMailbox();
  const engine = createIoEngine({
    sources: [source],
    decoder: createInlineDecoder({ decodeMesh: contentOf }),
    clock,
    random: createRandom(1),
    mailbox,
    options: { ...SHAPE_OPTIONS, attempts, backoffBaseMs: 10, unavailablePatienceMs },
  });
  for (const payload of chosen(shape)) {
    const ticket = ticketOf(packs, payload);
    books.submit(ticket);
    engine.submit(ticket);
  }
  await engine.settled();
  mailbox.drain((completion) => books.complete(completion, 0));
  expect(books.findProblems(engine, 0)).toEqual([]);
  await engine.dispose();
  return books;
}

/** The start of a good answer: its head and half of its bytes. */
function half(response: ServerResponse, file: string, range: [number, number]): void {
  const bytes = packs.files[file]!.subarray(...range);
  response.writeHead(206, rangeHead(...range, packs.files[file]!.length));
  response.write(bytes.subarray(0, bytes.length >> 1));
}

const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(code, headers).end('no');

/** What the server does instead of answering well. */
const ANSWERS: Record<string, (file: string) => Answer> = {
  'connect timeout': () => () => undefined,
  stall: (file) => (request, response) => half(response, file, rangeOf(request)!),
  'connection reset': (file) => (request, response) => {
    half(response, file, rangeOf(request)!);
    setTimeout(() => response.destroy(), 20);
  },
  'no connection': () => (request) => void request.socket.destroy(),
  '500': () => status(500),
  '503 + Retry-After': () => status(503, { 'retry-after': '1' }),
  '429': () => status(429),
  '404': () => status(404),
  'short read': (file) => (request, response) => {
    half(response, file, rangeOf(request)!);
    response.end();
  },
  'wrong Content-Range': (file) => (request, response) => {
    const [start, end] = rangeOf(request)!;
    const bytes = packs.files[file]!;
    response.writeHead(206, rangeHead(start + 1, end + 1, bytes.length));
    response.end(bytes.subarray(start + 1, end + 1));
  },
  '200 instead of 206': (file) => (_, response) => {
    const bytes = packs.files[file]!;
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  },
  'changed file': (file) => (request, response) => {
    const [start, end] = rangeOf(request)!;
    const bytes = packs.files[file]!.slice(start, end).map((byte) => byte ^ 0x55);
    response.writeHead(206, rangeHead(start, end, packs.files[file]!.length)).end(bytes);
  },
};

type Row = [name: string, once: number, forGood: number, partial?: true];

const TABLE: Row[] = [
  ['connect timeout', None, Timeout],
  ['stall', None, Timeout, true],
  ['connection reset', None, Network, true],
  ['no connection', None, Network],
  ['500', None, Server],
  ['503 + Retry-After', None, Server],
  ['429', None, Server],
  ['404', NotFound, NotFound],
  ['short read', None, ShortRead, true],
  ['wrong Content-Range', None, ShortRead],
  ['200 instead of 206', None, None],
  ['changed file', None, Checksum],
];

function makeSource(options: HttpSourceOptions = {}): Source {
  return httpSource(server.url, {
    breakers: null,
    onWarning: () => undefined,
    ...options,
  });
}

function note(name: string, shape: Shape, hits: number): void {
  rows.push(`${name.padEnd(25)} ${shape.padEnd(6)} ${`${hits}`.padStart(6)}`);
}

function codesOf({ completions }: Books): number[] {
  return [...new Set(completions.map(({ code }) => code))].sort((a, b) => a - b);
}

describe.each(TABLE)('%s over real HTTP', (name, once, forGood, isPartial) => {
  // Short only where silence is the point: elsewhere a slow machine must not add faults of its own.
  const isSilent = name === 'connect timeout' || name === 'stall';
  const options: HttpSourceOptions = {
    // What a cache holds can only be old where caches are asked.
    rangeCache: 'default',
    ...(isSilent && { connectTimeoutMs: 300, stallTimeoutMs: 300 }),
  };
  it.each(SHAPES)('is recovered from or reported, for %s reads', async (shape) => {
    let hits = 0;
    server.onRequest = (file, request) => {
      // A changed file is an old one in a cache: it is right when caches are passed by.
      const isFresh = request.headers['cache-control'] !== undefined;
      if (name === 'changed file' ? isFresh : hits >= 2) return undefined;
      hits++;
      return ANSWERS[name]!(file);
    };
    const recovered = codesOf(await bringIn(makeSource(options), shape, 6));
    expect(hits).toBeGreaterThan(0);
    if (once === None) expect(recovered).toEqual([None]);
    else expect(recovered).toContain(once);
    server.onRequest = (file) => {
      hits++;
      return ANSWERS[name]!(file);
    };
    const codes = codesOf(await bringIn(makeSource(options), shape, 2));
    note(name, shape, hits);
    expect(codes.filter((code) => !isPartial || code !== None)).toEqual([forGood]);
    expect(hits).toBeGreaterThanOrEqual(2);
  });
});

describe('a worker that dies', () => {
  it('of one payload is replaced, and the others arrive', async () => {
    const { deaths, createWorker } = poisonedWorkers();
    const pool = createWorkerPool({ workerUrl, workerCount: 2, createWorker });
    const encoded = await encodeMesh(makeGrid(20), { codec: 'raw' });
    const { bytes, checksum, decodedBytes } = encoded;
    server.files.set('meshes', concat(Array.from({ length: 20 }, () => bytes)));
    const mailbox = createMailbox();
    const engine = createIoEngine({
      sources: [makeSource()],
      decoder: pool,
      clock,
      random: createRandom(1),
      mailbox,
    });
    for (let payload = 0; payload < 20; payload++)
      engine.submit({
        ...{ payload, epoch: 1, kind: 1, source: 0, file: 'meshes', checksum, decodedBytes },
        ...{ start: payload * bytes.length, end: (payload + 1) * bytes.length },
        ...{ priority: payload, critical: false },
        label: [3, 11].includes(payload) ? `poison ${payload}` : `payload ${payload}`,
      });
    await engine.settled();
    const failed: number[] = [];
    let count = 0;
    mailbox.drain(({ payload, code, content }) => {
      count++;
      expect(code === None).toBe(content !== null);
      if (code !== None) failed.push(payload);
      if (code !== None) expect(code).toBe(ErrorCode.WorkerCrash);
    });
    expect([count, failed.sort((a, b) => a - b)]).toEqual([20, [3, 11]]);
    expect([engine.pendingCount, engine.stats().undecodedBytes, pool.pendingCount]).toEqual([
      0, 0, 0,
    ]);
    expect(deaths()).toBeGreaterThanOrEqual(4);
    note('worker crash (real pool)', 'merged', deaths());
    await engine.dispose();
    await pool.dispose();
  });
});

/** Workers that die of every job whose label says so. */
function poisonedWorkers(): { deaths: () => number; createWorker: () => Worker } {
  const count = new Int32Array(new SharedArrayBuffer(4));
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const isPoison = (value) => typeof value === 'string' ? value.startsWith('poison') :
      value !== null && typeof value === 'object' && !ArrayBuffer.isView(value) &&
      Object.values(value).some(isPoison);
    parentPort.on('message', (message) => {
      if (!isPoison(message)) return;
      Atomics.add(workerData.count, 0, 1);
      process.exit(7);
    });
    import(workerData.url);`;
  return {
    deaths: () => Atomics.load(count, 0),
    createWorker: () =>
      new Worker(code, { eval: true, workerData: { url: workerUrl.href, count } }),
  };
}

describe('an origin that is not there, over real HTTP', () => {
  it.each(SHAPES)('is left alone and taken up again, for %s reads', async (shape) => {
    let hits = 0;
    const breakers = createBreakers(clock, () => 1, { failures: 2, openBaseMs: 150 });
    server.onRequest = () => (hits++ < 4 ? status(500) : undefined);
    expect(codesOf(await bringIn(makeSource({ breakers }), shape, 20))).toEqual([None]);
    server.onRequest = () => status(500);
    const books = await bringIn(makeSource({ breakers }), shape, 2, 200);
    expect(codesOf(books).filter((code) => code !== Server && code !== Unavailable)).toEqual([]);
    expect(books.completions.length).toBe(chosen(shape).length);
    note('circuit open', shape, hits);
  });

  it.each(SHAPES)('is waited for while the device is offline, for %s reads', async (shape) => {
    const connectivity = switchedNetwork();
    connectivity.set(false);
    setTimeout(() => connectivity.set(true), 200);
    server.requests.length = 0;
    expect(codesOf(await bringIn(makeSource({ connectivity }), shape, 2))).toEqual([None]);
    note('offline window', shape, 1);
  });

  it.each(SHAPES)('is replaced by its mirror, for %s reads', async (shape) => {
    const gone = await startFaultServer();
    await gone.close();
    const down = httpSource(gone.url, { breakers: null });
    expect(codesOf(await bringIn(mirrored([down, makeSource()]), shape, 1))).toEqual([None]);
    const codes = codesOf(await bringIn(mirrored([down, down]), shape, 2));
    expect(codes).toEqual([Network]);
    note('mirror down', shape, 2);
  });
});
