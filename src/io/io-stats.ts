/** What the I/O engine counts: totals since it was made, and the last few hundred dispatches. */
import { type ErrorCode, errorName } from '../base/errors.ts';
import { Ring, type RingSummary } from '../telemetry/ring.ts';
import type { DecoderStats } from './decoder.ts';
import type { LinkEstimate } from './link-meter.ts';

/** Figures of the I/O engine. A new object each call. */
export interface IoStats {
  /** Tickets waiting for a read or for their next attempt. */
  queued: number;
  /** Reads running, and the normal ones the busiest link is given at a time. */
  inFlight: number;
  concurrency: number;
  /** Tickets not yet completed. */
  pending: number;
  /** Encoded bytes fetched and not yet decoded. */
  undecodedBytes: number;
  /** Reads begun, and tickets they were to serve: how well merging works. */
  requests: number;
  requestedTickets: number;
  /** Tickets that joined the fetch of another one. */
  shared: number;
  /** Fetches asked for again: after a failure, or for damaged bytes. */
  retries: number;
  /** Reads aborted because nobody wanted them any more. */
  cancelled: number;
  /** Completions by code name. */
  completions: Record<string, number>;
  /** Bytes over the link, gaps and retries included. */
  fetchedBytes: number;
  /** Of these, bytes that became content. */
  usefulBytes: number;
  /** Bytes that a persistent cache had, and parts. */
  cachedBytes: number;
  cacheHits: number;
  /** The rest: gaps, damaged, withdrawn after they were fetched. */
  wastedBytes: number;
  /** `fetchedBytes / usefulBytes`; 1 is perfect, 0 before the first byte. */
  readAmplification: number;
  /** Microseconds from a ticket to its read, over the last 512 reads' tickets. */
  dispatchMicroseconds: RingSummary;
  /** Milliseconds from a read to its payload's last byte, over the last 512. */
  fetchMs: RingSummary;
  link: LinkEstimate;
  /** Null where the decoder does not count. `utilization`: share of the threads' time, 0 to 1. */
  decoder: (DecoderSummary & Pick<DecoderStats, 'workerCount' | 'crashes'>) | null;
}

interface DecoderSummary {
  utilization: number;
  /** Megabytes (1e6) of content a second of one thread, by codec. */
  megabytesPerSecond: Record<string, number>;
}

const SAMPLES = 512;

export class IoCounters {
  requests = 0;
  requestedTickets = 0;
  shared = 0;
  retries = 0;
  cancelled = 0;
  fetchedBytes = 0;
  usefulBytes = 0;
  cachedBytes = 0;
  cacheHits = 0;
  readonly dispatchMicroseconds: Ring = new Ring(SAMPLES);
  readonly fetchMs: Ring = new Ring(SAMPLES);
  readonly #completions = new Map<ErrorCode, number>();

  complete(code: ErrorCode): void {
    this.#completions.set(code, (this.#completions.get(code) ?? 0) + 1);
  }

  /** @param now the figures that are states, not sums */
  snapshot(
    now: Pick<
      IoStats,
      'queued' | 'inFlight' | 'concurrency' | 'pending' | 'undecodedBytes' | 'link'
    >,
    decoder: Readonly<DecoderStats> | undefined,
  ): IoStats {
    const { fetchedBytes, usefulBytes, cachedBytes } = this;
    const linkUseful = Math.max(0, usefulBytes - cachedBytes);
    return {
      ...now,
      requests: this.requests,
      requestedTickets: this.requestedTickets,
      shared: this.shared,
      retries: this.retries,
      cancelled: this.cancelled,
      completions: Object.fromEntries(
        [...this.#completions].map(([code, count]) => [errorName(code), count]),
      ),
      fetchedBytes,
      usefulBytes,
      cachedBytes,
      cacheHits: this.cacheHits,
      wastedBytes: Math.max(0, fetchedBytes - linkUseful),
      readAmplification: linkUseful > 0 ? fetchedBytes / linkUseful : 0,
      dispatchMicroseconds: this.dispatchMicroseconds.summary(),
      fetchMs: this.fetchMs.summary(),
      decoder: decoder ? summarize(decoder) : null,
    };
  }
}

function summarize(stats: Readonly<DecoderStats>): NonNullable<IoStats['decoder']> {
  const { workerCount, crashes, busyMs, aliveMs, codecs } = stats;
  const rates = Object.entries(codecs).map(([codec, { bytes, ms }]): [string, number] => [
    codec,
    ms > 0 ? bytes / ms / 1000 : 0,
  ]);
  return {
    workerCount,
    crashes,
    utilization: aliveMs > 0 ? Math.min(1, busyMs / aliveMs) : 0,
    megabytesPerSecond: Object.fromEntries(rates),
  };
}
