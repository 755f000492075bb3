/** What all sources share: errors with a code, names that stay inside, signals that abort. */
import { assert, describe } from '../../base/assert.ts';
import { ErrorCode, reasonOf, StreamError } from '../../base/errors.ts';
import type { Part, Source } from '../source.ts';

/** Sources should reject with nothing else; one that does not is taken for a broken connection. */
export function toStreamError(source: Source, error: unknown): StreamError {
  if (error instanceof StreamError) return error;
  return new StreamError(ErrorCode.Network, `${source.name} failed (${reasonOf(error)})`);
}

/** The error of a withdrawn read. */
export function cancelledRead(file: string): StreamError {
  return new StreamError(ErrorCode.Cancelled, `reading ${file} was cancelled`);
}

/** The error of a read that met the end of the file. */
export function shortRead(
  file: string,
  start: number,
  end: number,
  fileBytes: number,
): StreamError {
  return new StreamError(
    ErrorCode.ShortRead,
    `${file} has ${fileBytes} bytes, expected bytes ${start} to ${end}`,
  );
}

/**
 * Throws unless `file` is a relative path with forward slashes that stays below its folder. Names
 * come from files that somebody else wrote.
 */
export function checkFileName(file: string): void {
  const isInside =
    file !== '' &&
    !file.startsWith('/') &&
    !/[\\\0:?#]/.test(file) &&
    file.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isInside)
    throw new StreamError(
      ErrorCode.NotFound,
      `${describe(file)} is no file name; expected a relative path with no "..", ":", "?" or "#"`,
    );
}

/** Throws unless `[start, end)` is a range. */
export function checkRange(file: string, start: number, end: number): void {
  if (Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end > start) return;
  throw new StreamError(
    ErrorCode.ShortRead,
    `bytes ${start} to ${end} of ${file} are no range; expected integers, 0 <= start < end`,
  );
}

/** Throws unless all parts are ranges, by ascending start. */
export function checkParts(file: string, parts: readonly Part[]): void {
  let before = 0;
  for (const { start, end } of parts) {
    checkRange(file, start, end);
    assert(start >= before, `parts of ${file} must ascend, got ${start} after ${before}`);
    before = start;
  }
  assert(parts.length > 0, `a read of ${file} has no parts`);
}

/** Rejects with `Cancelled` as soon as the signal aborts; else follows `work`. */
export function orCancelled<T>(
  file: string,
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(cancelledRead(file));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
