/**
 * Which items some frustum touches. One walk however many frusta, so that no item is found twice. A
 * branch inside one of them is taken without further tests; below a node, only the planes that cut
 * it are tested. Allocates nothing once `out` is large enough.
 *
 * Based on: Assarsson, Möller. Optimized view frustum culling algorithms. 2000 (plane masks).
 */
import { FRUSTUM_STRIDE } from '../frustum.ts';
import { appendItem, type ItemList } from '../item-list.ts';
import {
  BOUNDS_STRIDE,
  DEPTH,
  LINK_STRIDE,
  NONE,
  type OctreeTables,
  OWN_END,
  SPILL_HEAD,
  START,
} from './tables.ts';
import { beginWalk, pushChildren, takeBranch, type Walk } from './walk.ts';

/** Bits of the planes of a frustum that cut a node; all six, and a frustum that misses the node. */
const ALL_PLANES = 63;
const MISSES = 255;

/** Appends every item whose box touches one of `count` frusta, which begin at `offset`. */
export function queryFrusta(
  t: OctreeTables,
  walk: Walk,
  planes: Float64Array,
  offset: number,
  count: number,
  out: ItemList,
): void {
  beginWalk(t, walk, count);
  walk.crossed.fill(ALL_PLANES, 0, count);
  while (walk.top > 0) {
    const node = walk.stack[--walk.top]!;
    const at = node * LINK_STRIDE;
    const masks = (t.links[at + DEPTH]! + 1) * count;
    walk.visitedNodes++;
    const left = narrowFrusta(t, walk, node, masks, planes, offset, count);
    if (left < 0) takeBranch(t, walk, node, out);
    if (left <= 0) continue;
    const { packedBoxes, packedItems, spillBoxes, spillItems } = t;
    for (let place = t.links[at + START]!; place < t.links[at + OWN_END]!; place++)
      if (touches(walk.crossed, masks, planes, offset, count, packedBoxes, place * 6))
        appendItem(out, packedItems[place]!);
    for (let place = t.links[at + SPILL_HEAD]!; place !== NONE; place = t.spillNext[place]!)
      if (touches(walk.crossed, masks, planes, offset, count, spillBoxes, place * 6))
        appendItem(out, spillItems[place]!);
    pushChildren(t, walk, at);
  }
}

/** Writes the node's masks; returns how many frusta cross it, -1 when it is inside one of them. */
function narrowFrusta(
  t: OctreeTables,
  walk: Walk,
  node: number,
  masks: number,
  planes: Float64Array,
  offset: number,
  count: number,
): number {
  const { crossed } = walk;
  const b = node * BOUNDS_STRIDE;
  const x = (t.bounds[b]! + t.bounds[b + 3]!) / 2;
  const y = (t.bounds[b + 1]! + t.bounds[b + 4]!) / 2;
  const z = (t.bounds[b + 2]! + t.bounds[b + 5]!) / 2;
  const hx = t.bounds[b + 3]! - x;
  const hy = t.bounds[b + 4]! - y;
  const hz = t.bounds[b + 5]! - z;
  let left = 0;
  for (let frustum = 0; frustum < count; frustum++) {
    let mask = crossed[masks - count + frustum]!;
    if (mask !== MISSES) {
      for (let plane = 0; plane < 6; plane++) {
        if ((mask & (1 << plane)) === 0) continue;
        const p = offset + frustum * FRUSTUM_STRIDE + plane * 4;
        const nx = planes[p]!;
        const ny = planes[p + 1]!;
        const nz = planes[p + 2]!;
        const distance = nx * x + ny * y + nz * z + planes[p + 3]!;
        const reach = Math.abs(nx) * hx + Math.abs(ny) * hy + Math.abs(nz) * hz;
        if (distance < -reach) {
          mask = MISSES;
          break;
        }
        if (distance >= reach) mask &= ~(1 << plane);
      }
      if (mask === 0) return -1;
      if (mask !== MISSES) left++;
    }
    crossed[masks + frustum] = mask;
  }
  return left;
}

/** Whether a box is not outside of some frustum that its node crosses. */
function touches(
  crossed: Uint8Array,
  masks: number,
  planes: Float64Array,
  offset: number,
  count: number,
  boxes: Float32Array,
  b: number,
): boolean {
  for (let frustum = 0; frustum < count; frustum++) {
    const mask = crossed[masks + frustum]!;
    if (mask === MISSES) continue;
    let isOut = false;
    for (let plane = 0; plane < 6 && !isOut; plane++) {
      if ((mask & (1 << plane)) === 0) continue;
      const p = offset + frustum * FRUSTUM_STRIDE + plane * 4;
      const nx = planes[p]!;
      const ny = planes[p + 1]!;
      const nz = planes[p + 2]!;
      const distance = nx * boxes[b]! + ny * boxes[b + 1]! + nz * boxes[b + 2]! + planes[p + 3]!;
      const reach =
        Math.abs(nx) * boxes[b + 3]! + Math.abs(ny) * boxes[b + 4]! + Math.abs(nz) * boxes[b + 5]!;
      isOut = distance < -reach;
    }
    if (!isOut) return true;
  }
  return false;
}
