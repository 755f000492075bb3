import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/base/clock.ts';
import { ErrorCode } from '../../../src/base/errors.ts';
import { createRandom } from '../../../src/base/random.ts';
import type { Part, Source } from '../../../src/io/source.ts';
import { type HttpSourceOptions, httpSource } from '../../../src/io/sources/http.ts';
import { type FaultServer, rangeHead, startFaultServer } from '../../support/fault-server.ts';
import { breathe, failureOf, keepParts, readThrough } from '../../support/sources.ts';

const random = createRandom(5);
const FILE = Uint8Array.from({ length: 300_000 }, () => random() * 256);
const PARTS: Part[] = [
  { start: 1000, end: 3000 },
  { start: 3000, end: 3001 },
  { start: 20_000, end: 120_000 },
  { start: 110_000, end: 250_000 },
];

let server: FaultServer;
beforeAll(async () => {
  server = await startFaultServer();
  server.files.set('pack', FILE);
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  server.onRequest = () => undefined;
});

function make(options: HttpSourceOptions = {}): Source {
  return httpSource(server.url, { breakers: null, onWarning: () => undefined, ...options });
}

function expectParts(kept: ReturnType<typeof keepParts>, indices: number[]): void {
  expect(kept.problems).toEqual([]);
  expect([...kept.parts.keys()]).toEqual(indices);
  for (const [index, bytes] of kept.parts)
    expect(Buffer.compare(bytes, FILE.subarray(PARTS[index]!.start, PARTS[index]!.end))).toBe(0);
}

describe('parts over HTTP', () => {
  it('come with one request for their span, and a report of what it cost', async () => {
    const kept = keepParts();
    const report = await readThrough(make(), 'pack', PARTS, kept);
    expectParts(kept, [0, 1, 2, 3]);
    expect(server.requests.map(({ range }) => range)).toEqual(['bytes=1000-249999']);
    expect(kept.bytes).toBe(249_000);
    expect(report).toMatchObject({ linkBytes: 249_000, cachedBytes: 0 });
    expect(report.firstByteMs).toBeGreaterThan(0);
  });

  it('come as soon as their last byte is there, before the rest', async () => {
    let goOn = (): void => undefined;
    server.onRequest = () => (_, response) => {
      response.writeHead(206, rangeHead(1000, 250_000, FILE.length));
      response.write(FILE.subarray(1000, 3500));
      goOn = () => void response.end(FILE.subarray(3500, 250_000));
    };
    const kept = keepParts((index) => {
      if (index === 1) goOn();
    });
    // It would never end if the first parts waited for the last.
    await readThrough(make(), 'pack', PARTS, kept);
    expectParts(kept, [0, 1, 2, 3]);
  });

  it('measure the first byte by the clock they are given', async () => {
    const clock = createManualClock();
    server.onRequest = () => (request, response) => {
      clock.advance(120);
      server.good(request, response);
    };
    const report = await readThrough(make({ clock }), 'pack', PARTS, keepParts());
    expect(report.firstByteMs).toBe(120);
  });

  it('stay delivered when the connection breaks after them', async () => {
    server.onRequest = () => (_, response) => {
      response.writeHead(206, rangeHead(1000, 250_000, FILE.length));
      response.write(FILE.subarray(1000, 3500));
    };
    const kept = keepParts((index) => {
      if (index === 1) server.requests.length = 99;
    });
    const reading = failureOf(readThrough(make(), 'pack', PARTS, kept));
    while (server.requests.length < 99) await breathe();
    expectParts(kept, [0, 1]);
    await server.close();
    expect((await reading).code).toBe(ErrorCode.Network);
    expectParts(kept, [0, 1]);
    server = await startFaultServer();
    server.files.set('pack', FILE);
  });

  it('are cut out of the whole file as it comes when the server knows no ranges', async () => {
    let goOn = (): void => undefined;
    server.onRequest = () => (_, response) => {
      response.writeHead(200, { 'content-length': FILE.length });
      response.write(FILE.subarray(0, 5000));
      goOn = () => void response.end(FILE.subarray(5000));
    };
    const warnings: string[] = [];
    const source = make({ onWarning: (message) => warnings.push(message) });
    const first = keepParts((index) => {
      if (index === 1) goOn();
    });
    const second = keepParts();
    await Promise.all([
      readThrough(source, 'pack', PARTS, first),
      readThrough(source, 'pack', PARTS.slice(2), second),
    ]);
    expectParts(first, [0, 1, 2, 3]);
    expect([...second.parts.keys()]).toEqual([0, 1]);
    expect(warnings.length).toBe(1);
    const sent = server.requests.length;
    const third = keepParts();
    const report = await readThrough(source, 'pack', PARTS, third);
    expectParts(third, [0, 1, 2, 3]);
    expect(report.linkBytes).toBe(0);
    expect(server.requests.length).toBe(sent);
    // What is kept may be what was damaged.
    server.onRequest = () => undefined;
    await readThrough(source, 'pack', PARTS, keepParts(), { fresh: true });
    expect(server.requests.length).toBe(sent + 1);
  });

  it('are cut out of a file that is too large to keep, each time', async () => {
    server.onRequest = () => (_, response) => {
      response.writeHead(200, { 'content-length': FILE.length }).end(FILE);
    };
    const source = make({ wholeFileBytes: FILE.length - 1 });
    for (let i = 0; i < 3; i++) {
      const kept = keepParts();
      await readThrough(source, 'pack', PARTS, kept);
      expectParts(kept, [0, 1, 2, 3]);
    }
    expect(server.requests.length).toBe(3);
  });

  it('of a shared whole download outlive the read that began it', async () => {
    let goOn = (): void => undefined;
    server.onRequest = () => (_, response) => {
      response.writeHead(200, { 'content-length': FILE.length });
      response.write(FILE.subarray(0, 5000));
      goOn = () => void response.end(FILE.subarray(5000));
    };
    const source = make();
    const controller = new AbortController();
    const first = keepParts((index) => {
      if (index === 1) controller.abort();
    });
    const { signal } = controller;
    const error = await failureOf(readThrough(source, 'pack', PARTS, first, { signal }));
    expect(error.code).toBe(ErrorCode.Cancelled);
    const second = keepParts();
    const reading = readThrough(source, 'pack', PARTS, second);
    goOn();
    await reading;
    expectParts(second, [0, 1, 2, 3]);
    expectParts(first, [0, 1]);
    expect(server.requests.length).toBe(1);
  });

  it('are refused before the first when the body announces another length', async () => {
    server.onRequest = () => (_, response) => {
      const head = { ...rangeHead(1000, 250_000, FILE.length), 'content-length': 100 };
      response.writeHead(206, head).end(FILE.subarray(0, 100));
    };
    const kept = keepParts();
    const error = await failureOf(readThrough(make(), 'pack', PARTS, kept));
    expect(error.code).toBe(ErrorCode.ShortRead);
    expect(error.message).toMatch(/announced 100 bytes of range 1000-249999, expected 249000/);
    expect(kept.parts.size).toBe(0);
  });

  it('are unpacked from the whole file when the server compresses ranges', async () => {
    const packed = gzipSync(FILE);
    server.onRequest = (_, request) => (__, response) => {
      const isRange = request.headers.range !== undefined;
      const head = isRange ? rangeHead(1000, 250_000, packed.length) : {};
      response.writeHead(isRange ? 206 : 200, { 'content-encoding': 'gzip', ...head });
      response.end(isRange ? packed.subarray(1000, 250_000) : packed);
    };
    const kept = keepParts();
    await readThrough(make(), 'pack', PARTS, kept);
    expectParts(kept, [0, 1, 2, 3]);
    expect(server.requests.map(({ range }) => range)).toEqual(['bytes=1000-249999', undefined]);
  });

  it('are asked past every cache when what came before was damaged', async () => {
    const source = make({ rangeCache: 'default' });
    await readThrough(source, 'pack', PARTS, keepParts());
    await readThrough(source, 'pack', PARTS, keepParts(), { fresh: true });
    expect(server.requests.map(({ headers }) => headers['cache-control'])).toEqual([
      undefined,
      'no-cache',
    ]);
  });

  it('must be ranges in order', async () => {
    const source = make();
    for (const parts of [
      [],
      [PARTS[1]!, PARTS[0]!],
      [{ start: 5, end: 5 }],
      [{ start: -1, end: 5 }],
    ])
      await expect(readThrough(source, 'pack', parts, keepParts())).rejects.toThrow();
    expect(server.requests.length).toBe(0);
  });
});

describe('timeouts over HTTP', () => {
  /** Waits for the request, then lets time pass until the read has failed. */
  async function timeOut(clock: ReturnType<typeof createManualClock>, reading: Promise<unknown>) {
    const failing = failureOf(reading);
    let isOver = false;
    void failing.finally(() => {
      isOver = true;
    });
    while (server.requests.length === 0) await breathe();
    while (!isOver) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      clock.advance(50);
    }
    return failing;
  }

  it('say that nothing answered, or that the body stalled', async () => {
    const clock = createManualClock();
    const source = make({ clock, connectTimeoutMs: 700, stallTimeoutMs: 300 });
    server.onRequest = () => () => undefined;
    const silent = await timeOut(clock, readThrough(source, 'pack', PARTS, keepParts()));
    expect(silent.code).toBe(ErrorCode.Timeout);
    expect(silent.message).toMatch(/pack did not answer within 700 ms/);
    expect(clock.now()).toBeGreaterThanOrEqual(700);
    server.requests.length = 0;
    server.onRequest = () => (_, response) => {
      response.writeHead(206, rangeHead(1000, 250_000, FILE.length));
      response.write(FILE.subarray(1000, 3500));
    };
    const kept = keepParts();
    const stalled = await timeOut(clock, readThrough(source, 'pack', PARTS, kept));
    expect(stalled.code).toBe(ErrorCode.Timeout);
    expect(stalled.message).toMatch(/pack stalled: it sent nothing for 300 ms/);
    expectParts(kept, [0, 1]);
  });
});
