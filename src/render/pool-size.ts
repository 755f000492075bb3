/** How large the shared geometry buffers are: as the game says, else by what there is to stream. */
import { assert, assertNumber, describe } from '../base/assert.ts';
import type { GeometryFacts } from '../memory/view.ts';

export interface GeometryPoolSizes {
  /**
   * Bytes of the shared geometry buffers, taken once and kept (default: an eighth of the budget, at most
   * 256 MiB; with a hard limit as the first world needs them, half of the budget at most). 0: every
   * payload has buffers of its own.
   */
  geometryBytes?: number;
  /**
   * What happens to geometry for which the shared buffers have no room. `soft` (default): it gets
   * buffers of its own, within the budget. `hard`: it waits for its place, which others make, and more
   * than seven eighths of `geometryBytes` is never asked for; what the GPU holds of geometry is fixed,
   * whatever the world, and also where the budget changes at run time.
   */
  geometryLimit?: 'soft' | 'hard';
  /**
   * Bytes of the buffers through which geometry is uploaded; a third of it is what one frame may
   * upload (default: an eighth of `geometryBytes`, at most 8 MiB). 0: geometry is written directly.
   */
  stagingBytes?: number;
  /** Most bytes of geometry that are moved on the GPU per frame (default 4 MiB). */
  movedBytesPerFrame?: number;
}

const MEBIBYTE = 1024 * 1024;
const GEOMETRY_SHARE = 1 / 8;
const MAX_GEOMETRY_BYTES = 256 * MEBIBYTE;

/** With a budget that is not known. */
const UNKNOWN_BUDGET_BYTES = 256 * MEBIBYTE;

/** Below this there is no use for it on a device that has memory for anything. */
export const LEAST_GEOMETRY_BYTES: number = MEBIBYTE;

/** Of the room, what the buffers take at most: the CPU's copies need as much. */
const MOST_SHARE = 1 / 2;

/**
 * Buffers are so much larger than the geometry that is foreseen: an eighth stays free for moves, and
 * some views see more geometry for their textures than others.
 */
const MARGIN = 1.3;

/** Throws on an option out of range. */
export function checkSizes(options: GeometryPoolSizes): void {
  const { geometryBytes, geometryLimit = 'soft', stagingBytes, movedBytesPerFrame } = options;
  if (geometryBytes !== undefined) assertNumber('geometryBytes', geometryBytes, 0);
  if (stagingBytes !== undefined) assertNumber('stagingBytes', stagingBytes, 0);
  if (movedBytesPerFrame !== undefined) assertNumber('movedBytesPerFrame', movedBytesPerFrame, 0);
  assert(
    geometryLimit === 'soft' || geometryLimit === 'hard',
    `geometryLimit is ${describe(geometryLimit)}, expected 'soft' or 'hard'`,
  );
}

/** Before anything is known of what there is to stream. */
export function initialGeometryBytes(budgetBytes: number | undefined): number {
  return Math.min(MAX_GEOMETRY_BYTES, (budgetBytes ?? UNKNOWN_BUDGET_BYTES) * GEOMETRY_SHARE);
}

/**
 * What geometry comes to when the room is full of what there is to stream, in its own mix: with a share
 * `g` of geometry in the payloads, twice that and the textures fill the room at `g / (1 + g)` of it. Large
 * enough for the largest payload, where half of the room is.
 */
export function fittingGeometryBytes(facts: GeometryFacts): number {
  const { geometryBytes, textureBytes, largestBytes, roomBytes } = facts;
  const share = geometryBytes / Math.max(1, geometryBytes + textureBytes);
  const foreseen = Math.max((roomBytes * share) / (1 + share), largestBytes);
  const least = Math.min(LEAST_GEOMETRY_BYTES, roomBytes * GEOMETRY_SHARE);
  return Math.min(roomBytes * MOST_SHARE, Math.max(least, foreseen * MARGIN));
}
