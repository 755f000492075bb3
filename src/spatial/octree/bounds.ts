/**
 * Bounds of branches. They are as tight as the boxes in the branch when a node is packed, grow with
 * what comes or moves, and never leave the node's loose cube: what moved out of that has another node.
 */
import {
  BOUNDS_STRIDE,
  FIRST_CHILD,
  LINK_STRIDE,
  NEXT_SIBLING,
  NONE,
  type OctreeTables,
  OWN_END,
  PARENT,
  SPILL_HEAD,
  START,
} from './tables.ts';

/**
 * Room for rounding (meters): no branch may be culled whose item a test of the item itself would
 * have kept, nor be taken for inside. Covers coordinates of cameras up to 10^9 m.
 */
const PAD_METERS = 1e-6;
const PAD_SHARE = 2 ** -40;

/** Makes the bounds of the node, and of those above, hold the box at `at` of `boxes`. */
export function widenBounds(t: OctreeTables, node: number, boxes: Float32Array, at: number): void {
  // What holds the box already is held by what is above.
  for (let up = node; up !== NONE; up = t.links[up * LINK_STRIDE + PARENT]!)
    if (!include(t.bounds, up * BOUNDS_STRIDE, boxes, at)) return;
}

/** Whether the bounds at `b` had to grow for the box. */
function include(bounds: Float64Array, b: number, boxes: Float32Array, at: number): boolean {
  let hasGrown = false;
  for (let axis = 0; axis < 3; axis++) {
    const center = boxes[at + axis]!;
    const half = boxes[at + axis + 3]!;
    const pad = PAD_METERS + (Math.abs(center) + half) * PAD_SHARE;
    const min = center - half - pad;
    const max = center + half + pad;
    if (min < bounds[b + axis]!) {
      bounds[b + axis] = min;
      hasGrown = true;
    }
    if (max > bounds[b + axis + 3]!) {
      bounds[b + axis + 3] = max;
      hasGrown = true;
    }
  }
  return hasGrown;
}

/** Measures the node anew: its own items and the bounds of its children. */
export function tightenBounds(t: OctreeTables, node: number): void {
  const { links, bounds } = t;
  const at = node * LINK_STRIDE;
  const b = node * BOUNDS_STRIDE;
  clearBounds(bounds, node);
  for (let place = links[at + START]!; place < links[at + OWN_END]!; place++)
    include(bounds, b, t.packedBoxes, place * 6);
  for (let place = links[at + SPILL_HEAD]!; place !== NONE; place = t.spillNext[place]!)
    include(bounds, b, t.spillBoxes, place * 6);
  let child = links[at + FIRST_CHILD]!;
  while (child !== NONE) {
    const c = child * BOUNDS_STRIDE;
    for (let axis = 0; axis < 3; axis++) {
      bounds[b + axis] = Math.min(bounds[b + axis]!, bounds[c + axis]!);
      bounds[b + axis + 3] = Math.max(bounds[b + axis + 3]!, bounds[c + axis + 3]!);
    }
    child = links[child * LINK_STRIDE + NEXT_SIBLING]!;
  }
}

/** The bounds of nothing. */
export function clearBounds(bounds: Float64Array, node: number): void {
  const b = node * BOUNDS_STRIDE;
  for (let axis = 0; axis < 3; axis++) {
    bounds[b + axis] = Number.POSITIVE_INFINITY;
    bounds[b + axis + 3] = Number.NEGATIVE_INFINITY;
  }
}
