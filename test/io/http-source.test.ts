import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../src/base/clock.ts';
import { ErrorCode, StreamError } from '../../src/base/errors.ts';
import type { Source } from '../../src/io/source.ts';
import {
  type HttpSourceOptions,
  httpSource as sharedHttpSource,
} from '../../src/io/sources/http.ts';

const FILE = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7) & 255);

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** What the server does with each path; every test adds its own. */
const answers = new Map<string, Answer>();
const requests: { path: string; range: string | undefined }[] = [];

const server = createServer((request, response) => {
  const path = request.url ?? '';
  requests.push({ path, range: request.headers.range });
  const answer = answers.get(path);
  if (answer) answer(request, response);
  else response.writeHead(404).end('nothing here');
});
let base = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/world`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  answers.clear();
  requests.length = 0;
});

function rangeOf(request: IncomingMessage): [number, number] {
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')!;
  return [Number(match[1]), Number(match[2]) + 1];
}

const partial: Answer = (request, response) => {
  const [start, end] = rangeOf(request);
  const part = FILE.subarray(start, end);
  response.writeHead(206, {
    'content-range': `bytes ${start}-${start + part.length - 1}/${FILE.length}`,
    'content-length': part.length,
  });
  response.end(part);
};

/** Many failures in a row are the point here: nobody is left alone for them. */
function httpSource(url: string, options: HttpSourceOptions = {}): Source {
  return sharedHttpSource(url, { breakers: null, ...options });
}

async function failure(promise: Promise<unknown>): Promise<StreamError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(StreamError);
  return error as StreamError;
}

describe('httpSource', () => {
  it('reads single ranges and whole files, with the headers it was given', async () => {
    answers.set('/world/packs/a%20b.ffp', (request, response) => {
      expect(request.headers['x-key']).toBe('7');
      if (request.headers.range) partial(request, response);
      else response.end(FILE);
    });
    const source = httpSource(base, { headers: { 'x-key': '7' } });
    expect(await source.read('packs/a b.ffp', 100, 900)).toEqual(FILE.slice(100, 900));
    expect(await source.read('packs/a b.ffp', 4999, 5000)).toEqual(FILE.slice(4999));
    expect(await source.readAll('packs/a b.ffp')).toEqual(FILE);
    expect(requests.map(({ range }) => range)).toEqual([
      'bytes=100-899',
      'bytes=4999-4999',
      undefined,
    ]);
    expect(source.name).toBe(`${base}/`);
  });

  it('takes ranges past the browser cache, where they would wait for each other', async () => {
    answers.set('/world/pack', (request, response) => {
      if (request.headers.range) partial(request, response);
      else response.end(FILE);
    });
    const modes: (RequestCache | undefined)[] = [];
    const { fetch } = globalThis;
    globalThis.fetch = (url, init) => {
      modes.push(init?.cache);
      return fetch(url, init);
    };
    try {
      const source = httpSource(base);
      await source.read('pack', 0, 10);
      await source.readAll('pack');
      await source.readParts!(
        'pack',
        [{ start: 0, end: 10 }],
        { onPart: () => undefined },
        { fresh: true },
      );
      await httpSource(base, { rangeCache: 'force-cache' }).read('pack', 0, 10);
    } finally {
      globalThis.fetch = fetch;
    }
    expect(modes).toEqual(['no-store', undefined, 'reload', 'force-cache']);
  });

  it('slices the answers of a server without ranges, downloads each file once and warns once', async () => {
    for (const name of ['one', 'two'])
      answers.set(`/world/${name}`, (_, response) => void response.end(FILE));
    const warnings: string[] = [];
    const source = httpSource(base, { onWarning: (message) => warnings.push(message) });
    const ranges: [number, number][] = [
      [0, 10],
      [4000, 5000],
      [17, 18],
    ];
    const first = await Promise.all(ranges.map(([start, end]) => source.read('one', start, end)));
    first.forEach((bytes, i) => {
      expect(bytes).toEqual(FILE.slice(...ranges[i]!));
    });
    const sent = requests.length;
    expect(await source.read('one', 1, 5)).toEqual(FILE.slice(1, 5));
    expect(await source.readAll('one')).toEqual(FILE);
    expect(requests.length).toBe(sent);
    expect(await source.read('two', 1, 5)).toEqual(FILE.slice(1, 5));
    expect(warnings).toEqual([expect.stringMatching(/^http.* does not answer range requests/)]);
    expect((await failure(source.read('one', 4990, 5001))).code).toBe(ErrorCode.ShortRead);
  });

  it('keeps whole files only within its bound', async () => {
    answers.set('/world/sized', (_, response) => {
      response.writeHead(200, { 'content-length': FILE.length }).end(FILE);
    });
    answers.set('/world/chunked', (_, response) => {
      response.write(FILE.subarray(0, 2500));
      setImmediate(() => response.end(FILE.subarray(2500)));
    });
    const source = httpSource(base, { wholeFileBytes: 4999 });
    for (const start of [0, 3000, 4000])
      expect(await source.read('sized', start, start + 100)).toEqual(
        FILE.slice(start, start + 100),
      );
    expect(requests.length).toBe(3);
    // Its length is not announced: that it is too long shows only on the way. What it is read for
    // has come by then.
    for (let i = 0; i < 3; i++)
      expect(await source.read('chunked', 10, 20)).toEqual(FILE.slice(10, 20));
    expect(requests.length).toBe(6);
    expect(await source.read('chunked', 4000, 5000)).toEqual(FILE.slice(4000, 5000));
    expect((await failure(source.read('chunked', 4000, 5001))).code).toBe(ErrorCode.ShortRead);
  });

  it('downloads again after a whole download has failed', async () => {
    let count = 0;
    answers.set('/world/weak', (_, response) => {
      response.writeHead(200, { 'content-length': FILE.length });
      if (count++ > 0) response.end(FILE);
      else response.write(FILE.subarray(0, 50), () => response.destroy());
    });
    const source = httpSource(base);
    expect((await failure(source.read('weak', 60, 70))).code).toBe(ErrorCode.Network);
    expect(await source.read('weak', 0, 5)).toEqual(FILE.slice(0, 5));
  });

  it('tells final answers from those that may come right', async () => {
    const source = httpSource(base);
    const date = new Date(0);
    const cases: [number, Record<string, string>, number, number][] = [
      [404, {}, ErrorCode.NotFound, 0],
      [403, {}, ErrorCode.NotFound, 0],
      [416, {}, ErrorCode.ShortRead, 0],
      [408, {}, ErrorCode.Server, 0],
      [429, { 'retry-after': '2' }, ErrorCode.Server, 2000],
      [
        503,
        { 'retry-after': new Date(9000).toUTCString(), date: date.toUTCString() },
        ErrorCode.Server,
        9000,
      ],
      [503, { 'retry-after': '99999999' }, ErrorCode.Server, 60_000],
      [500, { 'retry-after': 'soon' }, ErrorCode.Server, 0],
    ];
    for (const [status, headers, code, retryAfterMs] of cases) {
      answers.set(
        '/world/pack',
        (_, response) => void response.writeHead(status, headers).end('no'),
      );
      const error = await failure(source.read('pack', 0, 10));
      expect([status, error.code, error.retryAfterMs]).toEqual([status, code, retryAfterMs]);
      expect(error.message).toMatch(new RegExp(`${base}/pack answered HTTP ${status}`));
    }
  });

  it('takes a web page for what it is: the file is missing', async () => {
    answers.set('/world/world.json', (_, response) => {
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end('<!doctype html>');
    });
    const error = await failure(httpSource(base).readAll('world.json'));
    expect(error.code).toBe(ErrorCode.NotFound);
    expect(error.message).toMatch(/answered with a web page/);
  });

  it('refuses a range that is not the one asked for', async () => {
    const source = httpSource(base);
    const heads = [
      {},
      { 'content-range': 'bytes 1-10/5000' },
      { 'content-range': 'bytes 0-8/5000' },
      { 'content-range': 'nonsense' },
    ];
    for (const head of heads) {
      answers.set(
        '/world/pack',
        (_, response) => void response.writeHead(206, head).end(FILE.subarray(0, 10)),
      );
      const error = await failure(source.read('pack', 0, 10));
      expect(error.code).toBe(ErrorCode.ShortRead);
      expect(error.message).toMatch(/answered with range .*expected bytes 0-9/);
    }
  });

  it('refuses a body that is shorter or longer than its range', async () => {
    const source = httpSource(base);
    for (const length of [0, 9, 11, 4000]) {
      answers.set('/world/pack', (_, response) => {
        response
          .writeHead(206, { 'content-range': 'bytes 0-9/5000' })
          .end(FILE.subarray(0, length));
      });
      const error = await failure(source.read('pack', 0, 10));
      expect(error.code).toBe(ErrorCode.ShortRead);
      expect(error.message).toMatch(/of range 0-9, expected 10/);
    }
  });

  it('calls a connection that breaks a network error, before and during the body', async () => {
    const source = httpSource(base);
    answers.set('/world/cut', (_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-4999/5000', 'content-length': 5000 });
      response.write(FILE.subarray(0, 100), () => response.destroy());
    });
    expect((await failure(source.read('cut', 0, 5000))).code).toBe(ErrorCode.Network);
    answers.set('/world/never', (request) => request.socket.destroy());
    expect((await failure(source.read('never', 0, 10))).code).toBe(ErrorCode.Network);
    const nobody = httpSource('http://127.0.0.1:1/');
    expect((await failure(nobody.read('a', 0, 10))).message).toMatch(
      /cannot read http:.*ECONNREFUSED|bad port/,
    );
  });

  it('ends as Cancelled when aborted: before, while waiting and in the body', async () => {
    const source = httpSource(base);
    answers.set('/world/slow', (_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-4999/5000' });
      response.write(FILE.subarray(0, 100));
    });
    const aborted = AbortSignal.abort();
    expect((await failure(source.read('slow', 0, 5000, aborted))).code).toBe(ErrorCode.Cancelled);
    expect(requests.length).toBe(0);
    const controller = new AbortController();
    const reading = source.read('slow', 0, 5000, controller.signal);
    while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect((await failure(reading)).code).toBe(ErrorCode.Cancelled);
  });

  it('ends as Timeout when nothing comes for too long, counted from the last bytes', async () => {
    const clock = createManualClock();
    const source = httpSource(base, { clock, stallTimeoutMs: 1000 });
    let goOn = (): void => undefined;
    answers.set('/world/stall', (_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-4999/5000' });
      response.write(FILE.subarray(0, 100));
      goOn = () => void response.write(FILE.subarray(100, 200));
    });
    const reading = failure(source.read('stall', 0, 5000));
    while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(999);
    goOn();
    const error = await Promise.race([
      reading,
      (async () => {
        for (;;) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          clock.advance(100);
        }
      })(),
    ]);
    expect(error.code).toBe(ErrorCode.Timeout);
    expect(error.message).toMatch(/stalled: it sent nothing for 1000 ms/);
    expect(clock.now()).toBeGreaterThanOrEqual(1000);
  });

  it('refuses names that leave the folder, and bases that are no address', async () => {
    const source = httpSource(base);
    for (const name of [
      '../secret',
      '/etc',
      'a//b',
      'a/../b',
      '',
      'a\\b',
      'http://x/y',
      'a?b',
      './a',
    ])
      expect((await failure(source.readAll(name))).code).toBe(ErrorCode.NotFound);
    expect(requests.length).toBe(0);
    expect(() => httpSource('/worlds/island/')).toThrow(/baseUrl must be an absolute URL, got/);
    expect(() => httpSource('file:///tmp/')).toThrow(/must begin with http/);
    expect(() => httpSource(base, { stallTimeoutMs: 0 })).toThrow(/stallTimeoutMs/);
  });
});
