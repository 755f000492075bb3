/** Options of the I/O engine and their defaults. */
import { assertNumber } from '../base/assert.ts';
import {
  MAX_IN_FLIGHT,
  MAX_IN_FLIGHT_LIMIT,
  MERGE_GAP_BYTES,
  MERGE_MAX_BYTES,
} from '../base/limits.ts';
import type { MergeLimits } from './queue.ts';
import type { RetrySettings } from './retry.ts';

export interface IoOptions extends Partial<RetrySettings>, Partial<MergeLimits> {
  /** Reads running at a time, 1 to 64. */
  maxInFlight?: number;
  /** A read that takes this much longer than the slowest bearable link would ends as `Timeout`. */
  stallTimeoutMs?: number;
  /** The slowest bearable link: a read of n bytes may take n / this, in seconds, besides. */
  slowestBytesPerSecond?: number;
  /** A merged read never takes longer than this on the link as measured, so that others get a turn. */
  mergeSeconds?: number;
  /** A read that nobody wants any more is aborted only if larger: closing a connection costs too. */
  abortBytes?: number;
  /** No new read while this many payloads wait to be decoded, */
  maxPendingDecodes?: number;
  /** or this many encoded bytes. */
  maxUndecodedBytes?: number;
}

export const IO_DEFAULTS: Readonly<Required<IoOptions>> = {
  maxInFlight: MAX_IN_FLIGHT,
  attempts: 3,
  backoffBaseMs: 250,
  backoffMaxMs: 8000,
  stallTimeoutMs: 15_000,
  slowestBytesPerSecond: 16 * 1024,
  mergeGapBytes: MERGE_GAP_BYTES,
  mergeMaxBytes: MERGE_MAX_BYTES,
  mergeSeconds: 0.25,
  abortBytes: 128 * 1024,
  maxPendingDecodes: 64,
  maxUndecodedBytes: 32 * 1024 * 1024,
};

/** Fills in the defaults. Throws on a value out of range. */
export function checkIoOptions(options: IoOptions): Required<IoOptions> {
  const settings = { ...IO_DEFAULTS, ...options };
  assertNumber('maxInFlight', settings.maxInFlight, 1, MAX_IN_FLIGHT_LIMIT);
  assertNumber('attempts', settings.attempts, 1, 100);
  assertNumber('backoffBaseMs', settings.backoffBaseMs, 0);
  assertNumber('backoffMaxMs', settings.backoffMaxMs, 0);
  assertNumber('stallTimeoutMs', settings.stallTimeoutMs, 1);
  assertNumber('slowestBytesPerSecond', settings.slowestBytesPerSecond, 1);
  assertNumber('mergeGapBytes', settings.mergeGapBytes, 0);
  assertNumber('mergeMaxBytes', settings.mergeMaxBytes, 0);
  assertNumber('mergeSeconds', settings.mergeSeconds, 0);
  assertNumber('abortBytes', settings.abortBytes, 0);
  assertNumber('maxPendingDecodes', settings.maxPendingDecodes, 1);
  assertNumber('maxUndecodedBytes', settings.maxUndecodedBytes, 1);
  return settings;
}
