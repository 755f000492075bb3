/**
 * How a lane uses its link, from what was measured of it: how many reads at a time, how large they
 * grow, which gaps they read through, and when an abort pays. Pure arithmetic.
 *
 * With bandwidth B and latency L, n reads of S bytes each take turns: one turn brings n S bytes, and
 * while one read waits for its first byte the others have (n - 1) S to send. As long as that is more
 * than the B L bytes the link carries meanwhile, latency costs nothing; below, it costs link time.
 */
import type { LinkEstimate } from './link-meter.ts';
import type { MergeLimits } from './queue.ts';

/**
 * What a request costs its host besides latency: 2.5 ms was measured in Chromium over HTTP/1.1 and
 * HTTP/2 alike, with 64 requests at a time.
 */
export const REQUEST_COST_SECONDS = 0.0025;

/** Reads beside those that cover the latency: one that sends, and one for sizes that vary. */
const SPARE_READS = 2;
/** Reads take turns at random, not in step: this many times the bytes that would just do. */
const TURN_FACTOR = 2;
/** As far as neighbors reach: bytes that are wanted anyway cost nothing, so that more is better. */
const MERGE_FACTOR = 4;
/** Reads may grow to this on any link: below, requests are mostly header. */
const MERGE_FLOOR_BYTES = 32 * 1024;
/** A request and its answer have headers of about this size. */
export const HEADER_BYTES = 1024;

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
  const inTurn = (TURN_FACTOR * inTransit(link)) / Math.max(1, readBytes);
  const needed = Math.ceil(inTurn) + SPARE_READS;
  return Math.min(maxReads, Math.max(Math.min(2, maxReads), needed));
}

/** Seconds between two answers when `reads` requests take turns and have nothing to send. */
function turnSeconds(link: LinkEstimate, reads: number): number {
  return Math.max(REQUEST_COST_SECONDS, link.latencySeconds / Math.max(1, reads));
}

/**
 * Bytes that cost no more to read than another request costs in link time: what a turn takes longer
 * than the bytes of a read, which come meanwhile. On a link that is busy anyway that is a header; on
 * a disk, whose head must move, a megabyte.
 *
 * @param readBytes mean size of the reads of late
 */
export function planGap(link: LinkEstimate, reads: number, readBytes: number): number {
  const { bandwidthBytesPerSecond } = link;
  const idle = TURN_FACTOR * bandwidthBytesPerSecond * turnSeconds(link, reads) - readBytes;
  return Math.max(HEADER_BYTES, idle, bandwidthBytesPerSecond * link.turnSeconds);
}

/** Large enough that requests cost nothing, small enough that others soon get a turn. */
export function planMerge(
  link: LinkEstimate,
  readBytes: number,
  { maxReads, mergeSeconds, mergeCapBytes }: PlanLimits,
): MergeLimits {
  const bandwidth = link.bandwidthBytesPerSecond;
  const turn = Math.max(link.turnSeconds, turnSeconds(link, maxReads));
  const enough = MERGE_FACTOR * bandwidth * turn;
  const quick = (bandwidth * mergeSeconds) / maxReads;
  const size = Math.min(Math.max(enough, quick), bandwidth * mergeSeconds);
  return {
    mergeGapBytes: planGap(link, maxReads, readBytes),
    mergeMaxBytes: Math.min(mergeCapBytes, Math.max(MERGE_FLOOR_BYTES, size)),
  };
}

/**
 * Bytes still to come from which on an abort pays: under HTTP/1.1 it closes the connection, and the
 * next read opens another, which takes two latencies.
 */
export function planAbort(link: LinkEstimate): number {
  return 2 * inTransit(link) + link.bandwidthBytesPerSecond * REQUEST_COST_SECONDS;
}
