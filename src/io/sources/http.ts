/**
 * A source over HTTP, for browsers and Node alike. Asks for single ranges only: suffix and multiple
 * ranges are answered wrongly by common servers. A server that knows no ranges works too: its files
 * are downloaded whole, kept within a bound, and sliced.
 */
import { assertNumber } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import { ErrorCode, StreamError } from '../../base/errors.ts';
import { MAX_CONTENT_BYTES } from '../../base/limits.ts';
import type { Random } from '../../base/random.ts';
import { createPartCutter, type PartCutter } from '../parts.ts';
import type { Bytes, Part, ReadOptions, ReadReport, ReadSink, Source } from '../source.ts';
import type { Breakers } from './breaker.ts';
import {
  ALWAYS_ONLINE,
  type Connectivity,
  deviceConnectivity,
  isLoopback,
} from './connectivity.ts';
import { type SourceEnv, sourceEnv } from './env.ts';
import { createGate, type Gate } from './gate.ts';
import { checkContentRange, checkNotPage, checkStatus, isEncoded } from './http-answer.ts';
import { fileUrl, resolveBase } from './http-base.ts';
import { type HttpRequest, sendRequest } from './http-request.ts';
import { cutFrom, readFromWhole, wholeBody } from './http-whole.ts';
import { checkFileName, checkParts, orCancelled } from './read-error.ts';
import { createWholeFiles, type WholeFiles } from './whole-files.ts';

/** What another thread can be told, too. */
export interface HttpSettings {
  /** Sent with every request, e.g. for authorization. */
  headers?: Record<string, string>;
  /** As in `fetch`. */
  credentials?: RequestCredentials;
  /** A request that is not answered within this ends as `Timeout`, */
  connectTimeoutMs?: number;
  /** as does one whose body sends nothing for this long. */
  stallTimeoutMs?: number;
  /** Bytes of whole files to keep when the server knows no ranges. Larger files are not kept. */
  wholeFileBytes?: number;
  /**
   * How ranges use the browser's own cache, as in `fetch`. Default `no-store`: on its way through
   * that cache a request waits for all others to the same file, which in Chromium makes six
   * connections load like two. What is to be kept belongs into `cached(source, store)`. Requests
   * then say `Cache-Control: no-cache`, which CDNs pass over unless they are told to obey it.
   */
  rangeCache?: RequestCache;
}

export interface HttpSourceOptions extends HttpSettings {
  /** Told, once, that the server knows no ranges. Default: the console. */
  onWarning?: (message: string) => void;
  clock?: Clock;
  random?: Random;
  /** Circuit breakers to share; null asks a failing server again and again. Default: the thread's. */
  breakers?: Breakers | null;
  /** Default: the browser's own, except for servers on the device itself. */
  connectivity?: Connectivity;
}

export const HTTP_SOURCE_DEFAULTS: Readonly<
  Required<
    Pick<HttpSettings, 'connectTimeoutMs' | 'stallTimeoutMs' | 'wholeFileBytes' | 'rangeCache'>
  >
> = {
  connectTimeoutMs: 10_000,
  stallTimeoutMs: 15_000,
  wholeFileBytes: 128 * 1024 * 1024,
  rangeCache: 'no-store',
};

/**
 * @param baseUrl folder of the bundle: an absolute URL, or in a browser one relative to the page
 */
export function httpSource(baseUrl: string | URL, options: HttpSourceOptions = {}): Source {
  const { onWarning, clock, random, breakers, connectivity, ...settings } = options;
  const complete = { ...HTTP_SOURCE_DEFAULTS, ...settings };
  assertNumber('connectTimeoutMs', complete.connectTimeoutMs, 1);
  assertNumber('stallTimeoutMs', complete.stallTimeoutMs, 1);
  assertNumber('wholeFileBytes', complete.wholeFileBytes, 0);
  const base = resolveBase(baseUrl);
  const env = sourceEnv({ onWarning, clock, random, breakers });
  const { origin, hostname } = base;
  const online = connectivity ?? (isLoopback(hostname) ? ALWAYS_ONLINE : deviceConnectivity());
  const gate = createGate(origin, env.breakers?.of(origin) ?? null, online);
  const reader = new HttpReader(base, complete, env, gate);
  // Ports of one's own live in this thread: another one could not keep to them.
  const isPlain = !clock && !random && breakers === undefined && !connectivity;
  return {
    name: base.href,
    origin,
    ...(isPlain && { descriptor: { kind: 'http', baseUrl: base.href, options: settings } }),
    ...(onWarning && { onWarning }),
    read: (file, start, end, signal) => reader.read(file, start, end, signal),
    readParts: (file, parts, sink, readOptions) => reader.readParts(file, parts, sink, readOptions),
    readAll: (file, signal) => reader.readAll(file, signal),
    onAvailable: (callback) => gate.onAvailable(callback),
  };
}

class HttpReader {
  readonly #base: URL;
  readonly #settings: HttpSettings & typeof HTTP_SOURCE_DEFAULTS;
  readonly #env: SourceEnv;
  readonly #gate: Gate;
  readonly #files: WholeFiles;
  #hasWarned = false;

  constructor(
    base: URL,
    settings: HttpSettings & typeof HTTP_SOURCE_DEFAULTS,
    env: SourceEnv,
    gate: Gate,
  ) {
    this.#base = base;
    this.#settings = settings;
    this.#env = env;
    this.#gate = gate;
    this.#files = createWholeFiles(settings.wholeFileBytes);
  }

  async read(file: string, start: number, end: number, signal?: AbortSignal): Promise<Bytes> {
    let bytes: Bytes | undefined;
    const onPart = (_: number, part: Bytes): void => {
      bytes = part;
    };
    await this.readParts(file, [{ start, end }], { onPart }, signal ? { signal } : {});
    return bytes!;
  }

  async readParts(
    file: string,
    parts: readonly Part[],
    sink: ReadSink,
    { signal, fresh = false }: ReadOptions = {},
  ): Promise<ReadReport> {
    checkFileName(file);
    checkParts(file, parts);
    const cutter = createPartCutter(parts, sink);
    if (fresh) this.#files.forget(file);
    const known = this.#files.get(file);
    if (known) {
      cutFrom(file, await orCancelled(file, known, signal), cutter);
      return { linkBytes: 0, cachedBytes: 0, firstByteMs: 0 };
    }
    return this.#gate.run(file, () => this.#readSpan(file, cutter, signal, fresh));
  }

  async readAll(file: string, signal?: AbortSignal): Promise<Bytes> {
    checkFileName(file);
    const known = this.#files.get(file);
    if (known) return (await orCancelled(file, known, signal)).slice();
    return this.#gate.run(file, async () =>
      wholeBody(await this.#send(file, signal), MAX_CONTENT_BYTES),
    );
  }

  async #readSpan(
    file: string,
    cutter: PartCutter,
    signal: AbortSignal | undefined,
    fresh: boolean,
  ): Promise<ReadReport> {
    const { start, end } = cutter;
    let request = await this.#send(file, signal, { range: `bytes=${start}-${end - 1}`, fresh });
    if (request.response.status === 206 && isEncoded(request.response)) {
      // The range was cut from compressed bytes: only all of them can be unpacked.
      request.abandon();
      request = await this.#send(file, signal, { fresh });
    }
    const isRange = request.response.status === 206;
    if (!isRange) this.#warn();
    const linkBytes = isRange
      ? await readRange(request, cutter)
      : await readFromWhole(request, { file, cutter, files: this.#files, signal });
    return { linkBytes, cachedBytes: 0, firstByteMs: request.firstByteMs };
  }

  async #send(
    file: string,
    signal: AbortSignal | undefined,
    { range, fresh }: { range?: string; fresh?: boolean } = {},
  ): Promise<HttpRequest> {
    const { headers, credentials, connectTimeoutMs, stallTimeoutMs } = this.#settings;
    const init: RequestInit = { headers: range ? { ...headers, range } : { ...headers } };
    if (credentials) init.credentials = credentials;
    if (range) init.cache = this.#settings.rangeCache;
    if (fresh) init.cache = 'reload';
    const { clock } = this.#env;
    const url = fileUrl(this.#base, file);
    const request = await sendRequest({
      url,
      init,
      signal,
      clock,
      connectTimeoutMs,
      stallTimeoutMs,
    });
    try {
      checkStatus(request.url, request.response);
      checkNotPage(request.url, request.response);
    } catch (error) {
      request.abandon();
      throw error;
    }
    return request;
  }

  #warn(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#env.onWarning(
      `${this.#base.href} does not answer range requests: whole files are downloaded and sliced, ` +
        'which is slow; serve the bundle from a server that supports HTTP ranges',
    );
  }
}

/** The answer claims to be the range asked for: takes it, if it is. Returns the bytes that came. */
async function readRange(request: HttpRequest, cutter: PartCutter): Promise<number> {
  const { url, response } = request;
  const { start, end } = cutter;
  const size = end - start;
  const refuse = (seen: string): StreamError =>
    new StreamError(
      ErrorCode.ShortRead,
      `${url.href} ${seen} of range ${start}-${end - 1}, expected ${size}`,
    );
  try {
    checkContentRange(url, response, start, end);
    const length = response.headers.get('content-length');
    if (length !== null && Number(length) !== size) throw refuse(`announced ${length} bytes`);
  } catch (error) {
    request.abandon();
    throw error;
  }
  await request.body((chunk) => {
    cutter.push(chunk);
    return request.receivedBytes <= size;
  });
  if (request.receivedBytes > size) throw refuse(`sent more than ${size} bytes`);
  cutter.finish(url.href);
  return request.receivedBytes;
}
