/**
 * A source over HTTP, for browsers and Node alike. Asks for single ranges only: suffix and multiple
 * ranges are answered wrongly by common servers. A server that knows no ranges works too: its files
 * are downloaded whole, kept within a bound, and sliced.
 */
import { assert, assertNumber, describe } from '../../base/assert.ts';
import { type Clock, createSystemClock } from '../../base/clock.ts';
import { ErrorCode, StreamError } from '../../base/errors.ts';
import { MAX_CONTENT_BYTES } from '../../base/limits.ts';
import type { Bytes, Source } from '../source.ts';
import { checkContentRange, checkNotPage, checkStatus } from './http-answer.ts';
import { type HttpRequest, sendRequest } from './http-body.ts';
import { checkFileName, checkRange, orCancelled } from './read-error.ts';
import { createWholeFiles, type WholeFiles } from './whole-files.ts';

export interface HttpSourceOptions {
  /** Sent with every request, e.g. for authorization. */
  headers?: Record<string, string>;
  /** As in `fetch`. */
  credentials?: RequestCredentials;
  /** A request that sends nothing for this long ends as `Timeout`. */
  stallTimeoutMs?: number;
  /** Bytes of whole files to keep when the server knows no ranges. Larger files are not kept. */
  wholeFileBytes?: number;
  /** Told, once, that the server knows no ranges. Default: the console. */
  onWarning?: (message: string) => void;
  clock?: Clock;
}

export const HTTP_SOURCE_DEFAULTS: Readonly<
  Required<Pick<HttpSourceOptions, 'stallTimeoutMs' | 'wholeFileBytes'>>
> = {
  stallTimeoutMs: 15_000,
  wholeFileBytes: 128 * 1024 * 1024,
};

/**
 * @param baseUrl folder of the bundle: an absolute URL, or in a browser one relative to the page
 */
export function httpSource(baseUrl: string | URL, options: HttpSourceOptions = {}): Source {
  const { stallTimeoutMs, wholeFileBytes, headers, onWarning } = {
    ...HTTP_SOURCE_DEFAULTS,
    ...options,
  };
  assertNumber('stallTimeoutMs', stallTimeoutMs, 1);
  assertNumber('wholeFileBytes', wholeFileBytes, 0);
  const report = onWarning ?? ((message) => console.warn(`farfield: ${message}`));
  const base = resolveBase(baseUrl);
  const clock = options.clock ?? createSystemClock();
  const files = createWholeFiles(wholeFileBytes);
  let hasWarned = false;

  const send = (file: string, signal?: AbortSignal, range?: string): Promise<HttpRequest> => {
    checkFileName(file);
    const url = new URL(file.split('/').map(encodeURIComponent).join('/'), base);
    const init: RequestInit = { headers: range ? { ...headers, range } : { ...headers } };
    if (options.credentials) init.credentials = options.credentials;
    return sendRequest({ url, init, signal, clock, stallTimeoutMs });
  };
  const warn = (): void => {
    if (hasWarned) return;
    hasWarned = true;
    report(
      `${base.href} does not answer range requests: whole files are downloaded and sliced, ` +
        'which is slow; serve the bundle from a server that supports HTTP ranges',
    );
  };

  return {
    name: base.href,
    async read(file, start, end, signal): Promise<Bytes> {
      checkRange(file, start, end);
      const known = files.get(file);
      if (known) return sliceFile(file, await orCancelled(file, known, signal), start, end);
      const request = await send(file, signal, `bytes=${start}-${end - 1}`);
      const url = new URL(request.response.url || base.href);
      judge(request, url);
      if (request.response.status === 206) return readPart(request, url, start, end);
      warn();
      return readFromWhole(request, files, { file, start, end, url, signal });
    },
    async readAll(file, signal): Promise<Bytes> {
      const known = files.get(file);
      if (known) return (await orCancelled(file, known, signal)).slice();
      const request = await send(file, signal);
      judge(request, new URL(request.response.url || base.href));
      return request.whole(MAX_CONTENT_BYTES, () => undefined);
    },
  };
}

function judge(request: HttpRequest, url: URL): void {
  try {
    checkStatus(url, request.response);
    checkNotPage(url, request.response);
  } catch (error) {
    request.abandon();
    throw error;
  }
}

async function readPart(
  request: HttpRequest,
  url: URL,
  start: number,
  end: number,
): Promise<Bytes> {
  try {
    checkContentRange(url, request.response, start, end);
  } catch (error) {
    request.abandon();
    throw error;
  }
  const size = end - start;
  // One byte more than asked for would show that the body is not what its head says.
  const { bytes, total } = await request.slice(0, size + 1);
  if (total !== size)
    throw new StreamError(
      ErrorCode.ShortRead,
      `${url.href} sent ${total > size ? 'more than ' : ''}${Math.min(total, size)} bytes ` +
        `of range ${start}-${end - 1}, expected ${size}`,
    );
  return bytes;
}

interface WholeRead {
  file: string;
  start: number;
  end: number;
  url: URL;
  signal: AbortSignal | undefined;
}

/** Several reads may get the whole file at once: the first download serves them all. */
async function readFromWhole(
  request: HttpRequest,
  files: WholeFiles,
  { file, start, end, url, signal }: WholeRead,
): Promise<Bytes> {
  const known = files.get(file);
  if (known) {
    request.abandon();
    return sliceFile(file, await orCancelled(file, known, signal), start, end);
  }
  const { capacityBytes } = files;
  const length = Number(request.response.headers.get('content-length') ?? 0);
  if (length > capacityBytes) files.markTooLarge(file);
  if (!files.isTooLarge(file)) {
    request.release();
    const download = request.whole(capacityBytes, () => files.markTooLarge(file));
    const whole = await orCancelled(file, files.add(file, length, download), signal);
    return sliceFile(file, whole, start, end);
  }
  const { bytes, total } = await request.slice(start, end);
  if (bytes.length === end - start) return bytes;
  throw new StreamError(
    ErrorCode.ShortRead,
    `${url.href} has ${total} bytes, expected bytes ${start} to ${end}`,
  );
}

function sliceFile(file: string, bytes: Bytes, start: number, end: number): Bytes {
  if (end <= bytes.length) return bytes.slice(start, end);
  throw new StreamError(
    ErrorCode.ShortRead,
    `${file} has ${bytes.length} bytes, expected bytes ${start} to ${end}`,
  );
}

function resolveBase(baseUrl: string | URL): URL {
  const page = (globalThis as { location?: { href: string } }).location?.href;
  const text = String(baseUrl);
  const folder = text.endsWith('/') ? text : `${text}/`;
  assert(
    URL.canParse(folder, page),
    `baseUrl must be an absolute URL${page ? ' or one relative to the page' : ''}, got ${describe(text)}`,
  );
  const url = new URL(folder, page);
  assert(
    url.protocol === 'http:' || url.protocol === 'https:',
    `baseUrl must begin with http: or https:, got ${describe(url.href)}`,
  );
  return url;
}
