/** Judges what a server answered: status codes to errors, and whether a range is the one asked for. */
import { ErrorCode, StreamError } from '../../base/errors.ts';

/** Longest wait that a `Retry-After` may ask for. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * Throws unless the status is a success. 4xx is final, except 408 and 429 which, like 5xx, may come
 * right by themselves; 416 is a file shorter than the catalog says.
 */
export function checkStatus(url: URL, response: Response): void {
  const { status } = response;
  if (status === 200 || status === 206) return;
  const seen = `${url.href} answered HTTP ${status} ${response.statusText}`.trim();
  if (status === 416)
    throw new StreamError(ErrorCode.ShortRead, `${seen}: the file is shorter than expected`);
  if (status >= 400 && status < 500 && status !== 408 && status !== 429)
    throw new StreamError(ErrorCode.NotFound, seen);
  throw new StreamError(ErrorCode.Server, seen, retryAfterMs(response));
}

/**
 * Throws when a web page came instead of the file: development servers answer so, with status 200,
 * for files that do not exist.
 */
export function checkNotPage(url: URL, response: Response): void {
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('text/html') && !/\.html?$/.test(url.pathname))
    throw new StreamError(
      ErrorCode.NotFound,
      `${url.href} answered with a web page (${type}); the file is not there`,
    );
}

/**
 * Throws unless a 206 answer holds bytes `[start, end)`. A server of another origin may hide the
 * header from scripts; then only the length of the body is left to judge by.
 */
export function checkContentRange(url: URL, response: Response, start: number, end: number): void {
  const header = response.headers.get('content-range');
  if (header === null && response.type === 'cors') return;
  const match = /^bytes (\d+)-(\d+)\/(?:\d+|\*)$/.exec(header ?? '');
  if (match && Number(match[1]) === start && Number(match[2]) === end - 1) return;
  throw new StreamError(
    ErrorCode.ShortRead,
    `${url.href} answered with range ${header ?? '(none)'}, expected bytes ${start}-${end - 1}`,
  );
}

/** Whether the body was compressed on its way: then a range of it is none of the file. */
export function isEncoded(response: Response): boolean {
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  return encoding.trim().toLowerCase() !== 'identity';
}

/** `Retry-After` in milliseconds, 0 when there is none; a date counts from the answer's own date. */
function retryAfterMs(response: Response): number {
  const value = response.headers.get('retry-after');
  if (!value) return 0;
  const seconds = Number(value);
  const wait = Number.isFinite(seconds)
    ? seconds * 1000
    : Date.parse(value) - Date.parse(response.headers.get('date') ?? '');
  return Number.isFinite(wait) ? Math.min(MAX_RETRY_AFTER_MS, Math.max(0, wait)) : 0;
}
