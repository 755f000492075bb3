/** Which items touch an axis-aligned box. Allocates nothing once `out` is large enough. */
import { Side } from '../frustum.ts';
import { appendItem, type ItemList } from '../item-list.ts';
import {
  BOUNDS_STRIDE,
  LINK_STRIDE,
  NONE,
  type OctreeTables,
  OWN_END,
  SPILL_HEAD,
  START,
} from './tables.ts';
import { beginWalk, pushChildren, takeBranch, type Walk } from './walk.ts';

/** Appends every item whose box touches the given one: center and half extents (meters). */
export function queryBox(t: OctreeTables, walk: Walk, box: Float64Array, out: ItemList): void {
  beginWalk(t, walk, 0);
  while (walk.top > 0) {
    const node = walk.stack[--walk.top]!;
    const at = node * LINK_STRIDE;
    walk.visitedNodes++;
    const side = sideOf(t.bounds, node * BOUNDS_STRIDE, box);
    if (side === Side.Inside) takeBranch(t, walk, node, out);
    if (side !== Side.Intersects) continue;
    const { packedBoxes, packedItems, spillBoxes, spillItems } = t;
    for (let place = t.links[at + START]!; place < t.links[at + OWN_END]!; place++)
      if (overlaps(packedBoxes, place * 6, box)) appendItem(out, packedItems[place]!);
    for (let place = t.links[at + SPILL_HEAD]!; place !== NONE; place = t.spillNext[place]!)
      if (overlaps(spillBoxes, place * 6, box)) appendItem(out, spillItems[place]!);
    pushChildren(t, walk, at);
  }
}

function sideOf(bounds: Float64Array, b: number, box: Float64Array): Side {
  let side: Side = Side.Inside;
  for (let axis = 0; axis < 3; axis++) {
    const low = box[axis]! - box[axis + 3]!;
    const high = box[axis]! + box[axis + 3]!;
    const min = bounds[b + axis]!;
    const max = bounds[b + axis + 3]!;
    if (min > high || max < low) return Side.Outside;
    if (min < low || max > high) side = Side.Intersects;
  }
  return side;
}

function overlaps(boxes: Float32Array, b: number, box: Float64Array): boolean {
  return (
    Math.abs(boxes[b]! - box[0]!) <= boxes[b + 3]! + box[3]! &&
    Math.abs(boxes[b + 1]! - box[1]!) <= boxes[b + 4]! + box[4]! &&
    Math.abs(boxes[b + 2]! - box[2]!) <= boxes[b + 5]! + box[5]!
  );
}
