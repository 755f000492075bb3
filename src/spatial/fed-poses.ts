/** Poses that a game foretells by itself, in place of what the motion filters would. */

/** Numbers per pose: seconds ahead when it was fed, eye 3, direction 3, weight. */
export const FED_STRIDE = 8;

export interface FedPoses {
  /** Clock time at which they were fed (ms). */
  atMs: number;
  /** Ascending by seconds ahead. */
  values: Float64Array;
  count: number;
}

/**
 * The first of the poses that is still ahead, or `count` when all are past: then the filters take
 * over again.
 */
export function firstAhead(fed: FedPoses, nowMs: number): number {
  const seconds = (nowMs - fed.atMs) / 1000;
  let first = 0;
  while (first < fed.count && fed.values[first * FED_STRIDE]! <= seconds) first++;
  return first;
}
