/** Reads a part of a file for `open`: with the patience that payloads are read with. */
import { ErrorCode, StreamError } from '../base/errors.ts';
import { IO_DEFAULTS } from '../io/engine-options.ts';
import { readParts } from '../io/parts.ts';
import { decideRetry, GIVE_UP } from '../io/retry.ts';
import type { Bytes, Source } from '../io/source.ts';
import { orCancelled, toStreamError } from '../io/sources/read-error.ts';
import type { StreamWorld } from '../world.ts';

export interface Range {
  file: string;
  start: number;
  end: number;
  /** What came before was damaged: caches are passed by. */
  fresh?: boolean;
  /** Waits for as long as the source refuses to be asked (offline); else that is a failure. */
  isPatient?: boolean;
}

/** The bytes of a range. Rejects with a `StreamError`; with `Cancelled` after an abort. */
export async function readRange(
  world: StreamWorld,
  source: Source,
  range: Range,
  signal: AbortSignal,
): Promise<Bytes> {
  const settings = { ...IO_DEFAULTS, ...world.options.io };
  for (let failures = 0; ; ) {
    try {
      return await readOnce(world, source, range, signal);
    } catch (thrown) {
      const error = toStreamError(source, thrown);
      if (signal.aborted) throw error;
      const isRefused = error.code === ErrorCode.Unavailable && range.isPatient;
      if (!isRefused) failures++;
      const waitMs = isRefused
        ? error.retryAfterMs + world.random() * settings.backoffMaxMs
        : decideRetry(error.code, failures, error.retryAfterMs, settings, world.random);
      if (waitMs === GIVE_UP) throw error;
      await pause(world, waitMs, signal);
    }
  }
}

/** One read, which ends as `Timeout` when the slowest bearable link would have brought it. */
async function readOnce(
  { clock, options }: StreamWorld,
  source: Source,
  { file, start, end, fresh = false }: Range,
  signal: AbortSignal,
): Promise<Bytes> {
  const { stallTimeoutMs, slowestBytesPerSecond } = { ...IO_DEFAULTS, ...options.io };
  const limitMs = stallTimeoutMs + ((end - start) / slowestBytesPerSecond) * 1000;
  const ending = new AbortController();
  const abort = (): void => ending.abort();
  signal.addEventListener('abort', abort);
  let isLate = false;
  const stopTimer = clock.after(limitMs, () => {
    isLate = true;
    ending.abort();
  });
  try {
    let bytes: Bytes | undefined;
    const onPart = (_: number, part: Bytes): void => {
      bytes = part;
    };
    const read = readParts(
      source,
      file,
      [{ start, end }],
      { onPart },
      { signal: ending.signal, fresh },
    );
    await orCancelled(file, read, ending.signal);
    return bytes!;
  } catch (error) {
    if (!isLate) throw error;
    throw new StreamError(ErrorCode.Timeout, `${file}: no answer in ${Math.round(limitMs)} ms`);
  } finally {
    stopTimer();
    signal.removeEventListener('abort', abort);
  }
}

/** Waits; no longer than until an abort. */
export function pause({ clock }: StreamWorld, waitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = clock.after(waitMs, done);
    signal.addEventListener('abort', done);
    function done(): void {
      stop();
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
