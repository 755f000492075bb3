/**
 * How a lane uses its link, from what was measured of it: how many reads at a time, how large they
 * grow, which gaps they read through, and when an abort pays. Pure arithmetic.
 *
 * With bandwidth B and latency L, n reads of S bytes keep the link busy when what the others bring
 * while one waits for its first byte covers that wait: (n - 1) S >= B L.
 */
import type { LinkEstimate } from './link-meter.ts';
import type { MergeLimits } from './queue.ts';

/**
 * What a request costs its host besides latency, in seconds of link time: 2.5 ms was measured in
 * Chromium over HTTP/1.1 and HTTP/2 alike, with 64 requests at a time.
 */
export const REQUEST_COST_SECONDS = 0.0025;

/** One read more than the arithmetic says: sizes and latencies vary. */
const SPARE_READS = 1;
/** A read's own transfer takes at least this many times what its request costs. */
const COST_FACTOR = 4;
/** Reads may grow to this on any link: below, requests are mostly header. */
const MERGE_FLOOR_BYTES = 32 * 1024;
/** Gaps up to this are always read through. */
const GAP_FLOOR_BYTES = 4 * 1024;

export interface PlanLimits {
  /** Most reads of this class at a time. */
  maxReads: number;
  /** A read takes no longer than this while `maxReads` share the link. */
  mergeSeconds: number;
  /** Largest read, whatever the link. */
  mergeCapBytes: number;
}

/** Bytes the link carries during one latency. */
function inTransit({ bandwidthBytesPerSecond, latencySeconds }: LinkEstimate): number {
  return bandwidthBytesPerSecond * latencySeconds;
}

/**
 * Reads that keep the link busy and no more: a longer line of open transfers only makes the next
 * important one slower.
 *
 * @param readBytes mean size of the reads of late
 */
export function planReads(link: LinkEstimate, readBytes: number, maxReads: number): number {
  const needed = Math.ceil(inTransit(link) / Math.max(1, readBytes)) + 1 + SPARE_READS;
  return Math.min(maxReads, Math.max(Math.min(2, maxReads), needed));
}

/** Seconds of link time that one more request costs while `reads` are open. */
function requestSeconds(link: LinkEstimate, reads: number): number {
  return Math.max(REQUEST_COST_SECONDS, link.latencySeconds / Math.max(1, reads));
}

/** A gap is read through where that is quicker than another request. */
export function planGap(link: LinkEstimate, reads: number): number {
  return Math.max(GAP_FLOOR_BYTES, link.bandwidthBytesPerSecond * requestSeconds(link, reads));
}

/** Large enough that requests cost little, small enough that others soon get a turn. */
export function planMerge(link: LinkEstimate, limits: PlanLimits): MergeLimits {
  const { maxReads, mergeSeconds, mergeCapBytes } = limits;
  const bandwidth = link.bandwidthBytesPerSecond;
  const cheap = COST_FACTOR * bandwidth * requestSeconds(link, maxReads);
  const quick = (bandwidth * mergeSeconds) / maxReads;
  const size = Math.max(
    MERGE_FLOOR_BYTES,
    Math.min(Math.max(cheap, quick), bandwidth * mergeSeconds),
  );
  return {
    mergeGapBytes: planGap(link, maxReads),
    mergeMaxBytes: Math.min(mergeCapBytes, size),
  };
}

/**
 * Bytes still to come from which on an abort pays: under HTTP/1.1 it closes the connection, and the
 * next read opens another, which takes two latencies.
 */
export function planAbort(link: LinkEstimate): number {
  return 2 * inTransit(link) + link.bandwidthBytesPerSecond * REQUEST_COST_SECONDS;
}
