/** Which items touch an axis-aligned box. Allocates nothing once `out` is large enough. */
import { appendItem, type ItemList } from '../item-list.ts';
import {
  CUBE_STRIDE,
  LINK_STRIDE,
  LOOSENESS,
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
    if (node !== t.root) {
      const c = node * CUBE_STRIDE;
      const half = t.cubes[c + 3]! * LOOSENESS;
      const ax = Math.abs(t.cubes[c]! - box[0]!);
      const ay = Math.abs(t.cubes[c + 1]! - box[1]!);
      const az = Math.abs(t.cubes[c + 2]! - box[2]!);
      if (ax > box[3]! + half || ay > box[4]! + half || az > box[5]! + half) continue;
      if (ax + half <= box[3]! && ay + half <= box[4]! && az + half <= box[5]!) {
        takeBranch(t, walk, node, out);
        continue;
      }
    }
    const { packedBoxes, packedItems, spillBoxes, spillItems } = t;
    for (let place = t.links[at + START]!; place < t.links[at + OWN_END]!; place++)
      if (overlaps(packedBoxes, place * 6, box)) appendItem(out, packedItems[place]!);
    for (let place = t.links[at + SPILL_HEAD]!; place !== NONE; place = t.spillNext[place]!)
      if (overlaps(spillBoxes, place * 6, box)) appendItem(out, spillItems[place]!);
    pushChildren(t, walk, at);
  }
}

function overlaps(boxes: Float32Array, b: number, box: Float64Array): boolean {
  return (
    Math.abs(boxes[b]! - box[0]!) <= boxes[b + 3]! + box[3]! &&
    Math.abs(boxes[b + 1]! - box[1]!) <= boxes[b + 4]! + box[4]! &&
    Math.abs(boxes[b + 2]! - box[2]!) <= boxes[b + 5]! + box[5]!
  );
}
