/** Options of the I/O engine and their defaults. */
import { assertNumber } from '../base/assert.ts';
import { MAX_IN_FLIGHT, MAX_IN_FLIGHT_LIMIT, MAX_READ_BYTES } from '../base/limits.ts';
import type { MergeLimits } from './queue.ts';
import type { RetrySettings } from './retry.ts';

export interface IoOptions extends Partial<RetrySettings>, Partial<MergeLimits> {
  /**
   * Reads running at a time on one origin, 1 to 64. Fewer are used where the link needs fewer.
   * Default 6, what browsers open over HTTP/1.1; servers that speak HTTP/2 bear more.
   */
  maxInFlight?: number;
  /** Of these, kept free for critical tickets when there are at least three. */
  reservedForCritical?: number;
  /** Tickets waiting for a read; with one more, the least worthy is given up as `Cancelled`. */
  maxQueued?: number;
  /** Ranges further apart are read apart. Default: derived from the link as measured. */
  mergeGapBytes?: number;
  /** Largest read of several payloads. Default: derived from the link as measured. */
  mergeMaxBytes?: number;
  /** Upper bound of the derived figure, 4 MiB at most. */
  mergeCapBytes?: number;
  /** A derived read takes no longer than this on the link as measured, so that others get a turn. */
  mergeSeconds?: number;
  /** A read that sends nothing for this long ends as `Timeout`. */
  stallTimeoutMs?: number;
  /** The slowest bearable link: n bytes that come all at once may take n / this, in seconds, more. */
  slowestBytesPerSecond?: number;
  /**
   * A read that nobody wants any more is aborted only if more than this is still to come: closing a
   * connection costs too. Default: derived from the link as measured.
   */
  abortBytes?: number;
  /** How long a source may refuse as `Unavailable` before its tickets are told so. */
  unavailablePatienceMs?: number;
  /** No new read while this many payloads wait to be decoded, */
  maxPendingDecodes?: number;
  /** or this many encoded bytes. */
  maxUndecodedBytes?: number;
}

/** What is derived from the link unless it is given. */
type Derived = 'mergeGapBytes' | 'mergeMaxBytes' | 'abortBytes';

export type IoSettings = Required<Omit<IoOptions, Derived>> & Pick<IoOptions, Derived>;

export const IO_DEFAULTS: Readonly<Required<Omit<IoOptions, Derived>>> = {
  maxInFlight: MAX_IN_FLIGHT,
  reservedForCritical: 1,
  maxQueued: 65_536,
  attempts: 3,
  backoffBaseMs: 250,
  backoffMaxMs: 8000,
  stallTimeoutMs: 15_000,
  slowestBytesPerSecond: 16 * 1024,
  mergeCapBytes: MAX_READ_BYTES,
  mergeSeconds: 0.25,
  unavailablePatienceMs: 5000,
  maxPendingDecodes: 64,
  maxUndecodedBytes: 32 * 1024 * 1024,
};

/** Fills in the defaults. Throws on a value out of range. */
export function checkIoOptions(options: IoOptions): IoSettings {
  const settings: IoSettings = { ...IO_DEFAULTS, ...options };
  const { mergeGapBytes = 0, mergeMaxBytes = 0, abortBytes = 0 } = settings;
  assertNumber('maxInFlight', settings.maxInFlight, 1, MAX_IN_FLIGHT_LIMIT);
  assertNumber('reservedForCritical', settings.reservedForCritical, 0, MAX_IN_FLIGHT_LIMIT);
  assertNumber('maxQueued', settings.maxQueued, 1);
  assertNumber('attempts', settings.attempts, 1, 100);
  assertNumber('backoffBaseMs', settings.backoffBaseMs, 0);
  assertNumber('backoffMaxMs', settings.backoffMaxMs, 0);
  assertNumber('stallTimeoutMs', settings.stallTimeoutMs, 1);
  assertNumber('slowestBytesPerSecond', settings.slowestBytesPerSecond, 1);
  assertNumber('mergeGapBytes', mergeGapBytes, 0, MAX_READ_BYTES);
  assertNumber('mergeMaxBytes', mergeMaxBytes, 0, MAX_READ_BYTES);
  assertNumber('mergeCapBytes', settings.mergeCapBytes, 0, MAX_READ_BYTES);
  assertNumber('mergeSeconds', settings.mergeSeconds, 0);
  assertNumber('abortBytes', abortBytes, 0);
  assertNumber('unavailablePatienceMs', settings.unavailablePatienceMs, 0);
  assertNumber('maxPendingDecodes', settings.maxPendingDecodes, 1);
  assertNumber('maxUndecodedBytes', settings.maxUndecodedBytes, 1);
  return settings;
}
