/** One HTTP request whose silence is noticed: a body that stops coming ends as `Timeout`. */
import type { Clock } from '../../base/clock.ts';
import { ErrorCode, StreamError } from '../../base/errors.ts';
import type { Bytes } from '../source.ts';
import { cancelledRead } from './read-error.ts';

export interface HttpRequest {
  readonly response: Response;
  /**
   * Reads the body and keeps bytes `[start, end)` of it. Stops asking for more once it has them.
   * Resolves with fewer when the body ends early; `total` counts what came.
   */
  slice(start: number, end: number): Promise<{ bytes: Bytes; total: number }>;
  /** Reads all of the body; throws, after `onTooLong`, when it is longer than `maxBytes`. */
  whole(maxBytes: number, onTooLong: () => void): Promise<Bytes>;
  /** Lets go of the caller's signal: from here on the request belongs to nobody in particular. */
  release(): void;
  /** Ends the request; for answers that are not wanted. */
  abandon(): void;
}

export interface RequestOptions {
  url: URL;
  init: RequestInit;
  signal: AbortSignal | undefined;
  clock: Clock;
  stallTimeoutMs: number;
}

/** Sends a request. Rejects with `Network`, `Timeout` or `Cancelled`. */
export async function sendRequest(options: RequestOptions): Promise<HttpRequest> {
  const { url, init, signal, clock, stallTimeoutMs } = options;
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  let isStalled = false;
  let stopTimer = (): void => undefined;
  const expectMore = (): void => {
    stopTimer();
    stopTimer = clock.after(stallTimeoutMs, () => {
      isStalled = true;
      controller.abort();
    });
  };
  const release = (): void => signal?.removeEventListener('abort', abort);
  const finish = (): void => {
    stopTimer();
    release();
  };
  const explain = (error: unknown): StreamError => {
    finish();
    if (error instanceof StreamError) return error;
    if (isStalled)
      return new StreamError(
        ErrorCode.Timeout,
        `${url.href} sent nothing for ${stallTimeoutMs} ms`,
      );
    if (controller.signal.aborted) return cancelledRead(url.href);
    const reason = error instanceof Error ? `${error.message}${causeOf(error)}` : String(error);
    return new StreamError(ErrorCode.Network, `cannot read ${url.href} (${reason})`);
  };
  if (signal?.aborted) throw cancelledRead(url.href);
  signal?.addEventListener('abort', abort, { once: true });
  expectMore();
  try {
    const response = await fetch(url, { ...init, signal: controller.signal });
    const read = async (take: (chunk: Uint8Array) => boolean): Promise<void> => {
      try {
        const reader = response.body?.getReader();
        for (let wantsMore = reader !== undefined; wantsMore; ) {
          expectMore();
          const { done, value } = await reader!.read();
          if (done) break;
          wantsMore = take(value);
        }
        finish();
        // An answer that goes on after all that was asked for: close it, whatever that says.
        await reader?.cancel();
      } catch (error) {
        const explained = explain(error);
        controller.abort();
        throw explained;
      }
    };
    return {
      response,
      release,
      abandon() {
        finish();
        controller.abort();
      },
      slice: (start, end) => sliceBody(read, start, end),
      whole: (maxBytes, onTooLong) => wholeBody(read, url, maxBytes, onTooLong),
    };
  } catch (error) {
    throw explain(error);
  }
}

type ReadBody = (take: (chunk: Uint8Array) => boolean) => Promise<void>;

async function sliceBody(
  read: ReadBody,
  start: number,
  end: number,
): Promise<{ bytes: Bytes; total: number }> {
  const bytes = new Uint8Array(end - start);
  let total = 0;
  await read((chunk) => {
    const from = Math.max(0, start - total);
    const to = Math.min(chunk.length, end - total);
    if (from < to) bytes.set(chunk.subarray(from, to), total + from - start);
    total += chunk.length;
    return total < end;
  });
  const got = Math.min(bytes.length, Math.max(0, total - start));
  return { bytes: bytes.subarray(0, got), total };
}

async function wholeBody(
  read: ReadBody,
  url: URL,
  maxBytes: number,
  onTooLong: () => void,
): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  await read((chunk) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length <= maxBytes) return true;
    onTooLong();
    throw new StreamError(
      ErrorCode.ShortRead,
      `${url.href} is longer than ${maxBytes} bytes, the most that is read as a whole`,
    );
  });
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Node's fetch says only "fetch failed" and keeps the reason behind it. */
function causeOf(error: Error): string {
  return error.cause instanceof Error ? `: ${error.cause.message}` : '';
}
