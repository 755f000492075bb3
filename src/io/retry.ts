/**
 * Whether and when a failed payload is asked for again.
 *
 * Based on: Exponential backoff and jitter ("full jitter"). Marc Brooker, AWS Architecture Blog. 2015.
 */
import { ErrorCode } from '../base/errors.ts';
import type { Random } from '../base/random.ts';

export interface RetrySettings {
  /** Reads of one payload in all, the first included. */
  attempts: number;
  /** Longest wait before the second read; doubles with every further one. */
  backoffBaseMs: number;
  /** Longest wait before any read. */
  backoffMaxMs: number;
}

/** What `decideRetry` returns for a fetch that is given up. */
export const GIVE_UP = -1;

/**
 * Milliseconds to wait before the next read, or `GIVE_UP`. Draws from `random` only for backoff.
 *
 * @param failures reads of this range that failed, the latest included
 */
export function decideRetry(
  code: ErrorCode,
  failures: number,
  retryAfterMs: number,
  settings: RetrySettings,
  random: Random,
): number {
  if (!isTransient(code) || failures >= settings.attempts) return GIVE_UP;
  const ceilingMs = settings.backoffBaseMs * 2 ** (failures - 1);
  const backoffMs = random() * Math.min(settings.backoffMaxMs, ceilingMs);
  return Math.max(retryAfterMs, backoffMs);
}

/** Whether asking again may help. */
export function isTransient(code: ErrorCode): boolean {
  return (
    code === ErrorCode.Network ||
    code === ErrorCode.Timeout ||
    code === ErrorCode.Server ||
    code === ErrorCode.ShortRead
  );
}
