/**
 * Putting items into the loose octree and taking them out. A leaf takes a handful of items of any
 * size before it is split; then each goes to the octant of its center if it is no larger than that.
 * What its node can hold in place after a packed item left goes there, all else to the node's list.
 */
import { clearBounds, widenBounds } from './bounds.ts';
import {
  addNode,
  CUBE_STRIDE,
  copyBox,
  DEPTH,
  FIRST_CHILD,
  freeSpill,
  growItems,
  LINK_STRIDE,
  NEXT_SIBLING,
  NONE,
  OCTANT,
  type OctreeTables,
  OWN_END,
  OWN_LIMIT,
  PARENT,
  SPILL_HEAD,
  SPILL_TOTAL,
  START,
  TOTAL,
  takeSpill,
} from './tables.ts';

/** Items in a leaf that make it split. 8 to 32 measured alike; below 8 nodes outweigh items. */
const SPLIT_ITEMS = 16;

/** The box of the item that is being placed: center and half extents as stored, in 32 bits. */
const box = new Float32Array(6);

/** Inserts the item, or moves it: center and half extents (meters). */
export function setItem(
  t: OctreeTables,
  item: number,
  cx: number,
  cy: number,
  cz: number,
  hx: number,
  hy: number,
  hz: number,
): void {
  growItems(t, item + 1);
  // What is stored is what is tested: bounds are decided by the rounded numbers.
  box[0] = cx;
  box[1] = cy;
  box[2] = cz;
  box[3] = hx;
  box[4] = hy;
  box[5] = hz;
  // Nothing could find it: NaN is neither near nor far.
  if (!Number.isFinite(box[0]! + box[1]! + box[2]! + box[3]! + box[4]! + box[5]!)) {
    deleteItem(t, item);
    return;
  }
  const extent = Math.max(box[3]!, box[4]!, box[5]!);
  const node = t.itemNodes[item]!;
  if (node !== NONE) {
    if (fits(t, node, extent)) {
      const place = t.itemPlaces[item]!;
      if (place >= 0) copyBox(box, 0, t.packedBoxes, place * 6);
      else copyBox(box, 0, t.spillBoxes, ~place * 6);
      widenBounds(t, node, box, 0);
      return;
    }
    detach(t, item);
  }
  attach(t, item, nodeFor(t, extent));
}

/** Takes the item out; whether it was in. */
export function deleteItem(t: OctreeTables, item: number): boolean {
  if (!(item < t.itemNodes.length) || t.itemNodes[item] === NONE) return false;
  detach(t, item);
  t.itemNodes[item] = NONE;
  return true;
}

/** Whether `box` may stay in the node: inside its loose bounds, and not one for a child of it. */
function fits(t: OctreeTables, node: number, extent: number): boolean {
  const half = t.cubes[node * CUBE_STRIDE + 3]!;
  const offset = offsetFrom(t, node);
  const isLeaf = t.links[node * LINK_STRIDE + FIRST_CHILD] === NONE;
  // The root holds whatever fits nowhere else.
  if (node === t.root) return isLeaf || offset > half || extent > half / 2;
  return offset + extent <= half * 2 && (isLeaf || extent > half / 2);
}

/** Largest distance along an axis from the center of `box` to that of the node's cube. */
function offsetFrom(t: OctreeTables, node: number): number {
  const at = node * CUBE_STRIDE;
  return Math.max(
    Math.abs(box[0]! - t.cubes[at]!),
    Math.abs(box[1]! - t.cubes[at + 1]!),
    Math.abs(box[2]! - t.cubes[at + 2]!),
  );
}

function nodeFor(t: OctreeTables, extent: number): number {
  let node = t.root;
  let half = t.cubes[node * CUBE_STRIDE + 3]!;
  if (offsetFrom(t, node) > half) return node;
  while (extent <= half / 2) {
    const at = node * LINK_STRIDE;
    if (t.links[at + FIRST_CHILD] === NONE) {
      if (t.links[at + TOTAL]! < SPLIT_ITEMS || t.links[at + DEPTH]! >= t.maxDepth) break;
      split(t, node);
    }
    node = childFor(t, node);
    half /= 2;
  }
  return node;
}

/** The child whose octant has the center of `box`. */
function childFor(t: OctreeTables, node: number): number {
  const at = node * CUBE_STRIDE;
  const x = t.cubes[at]!;
  const y = t.cubes[at + 1]!;
  const z = t.cubes[at + 2]!;
  const octant = (box[0]! >= x ? 1 : 0) | (box[1]! >= y ? 2 : 0) | (box[2]! >= z ? 4 : 0);
  let before = NONE;
  let next = t.links[node * LINK_STRIDE + FIRST_CHILD]!;
  while (next !== NONE && t.links[next * LINK_STRIDE + OCTANT]! < octant) {
    before = next;
    next = t.links[next * LINK_STRIDE + NEXT_SIBLING]!;
  }
  if (next !== NONE && t.links[next * LINK_STRIDE + OCTANT] === octant) return next;
  const half = t.cubes[at + 3]! / 2;
  const child = addNode(
    t,
    node,
    octant,
    x + (octant & 1 ? half : -half),
    y + (octant & 2 ? half : -half),
    z + (octant & 4 ? half : -half),
    half,
  );
  t.links[child * LINK_STRIDE + NEXT_SIBLING] = next;
  if (before === NONE) t.links[node * LINK_STRIDE + FIRST_CHILD] = child;
  else t.links[before * LINK_STRIDE + NEXT_SIBLING] = child;
  return child;
}

const waiting = new Float32Array(6);

/** Hands the items of a full leaf down to children; those too large for one stay. */
function split(t: OctreeTables, node: number): void {
  // `box` is that of the item on its way in, and is needed again.
  copyBox(box, 0, waiting, 0);
  const at = node * LINK_STRIDE;
  for (let place = t.links[at + OWN_END]! - 1; place >= t.links[at + START]!; place--)
    handDown(t, node, t.packedItems[place]!, t.packedBoxes, place * 6);
  let place = t.links[at + SPILL_HEAD]!;
  while (place !== NONE) {
    const next = t.spillNext[place]!;
    handDown(t, node, t.spillItems[place]!, t.spillBoxes, place * 6);
    place = next;
  }
  copyBox(waiting, 0, box, 0);
}

function handDown(
  t: OctreeTables,
  node: number,
  item: number,
  boxes: Float32Array,
  at: number,
): void {
  copyBox(boxes, at, box, 0);
  const half = t.cubes[node * CUBE_STRIDE + 3]!;
  const extent = Math.max(box[3]!, box[4]!, box[5]!);
  // An item may have moved out of the cube within the loose bounds: no child has room for it.
  if (extent > half / 2 || offsetFrom(t, node) > half) return;
  const child = childFor(t, node);
  detach(t, item);
  attach(t, item, child);
}

/** Adds the item with `box` to the node. */
function attach(t: OctreeTables, item: number, node: number): void {
  const at = node * LINK_STRIDE;
  const place = t.links[at + OWN_END]!;
  const isPacked = place < t.links[at + OWN_LIMIT]!;
  t.itemNodes[item] = node;
  if (isPacked) {
    t.links[at + OWN_END] = place + 1;
    t.packedItems[place] = item;
    copyBox(box, 0, t.packedBoxes, place * 6);
    t.itemPlaces[item] = place;
  } else attachSpilled(t, item, at);
  count(t, node, 1, isPacked ? 0 : 1);
  widenBounds(t, node, box, 0);
}

function attachSpilled(t: OctreeTables, item: number, at: number): void {
  const place = takeSpill(t);
  const head = t.links[at + SPILL_HEAD]!;
  t.spillItems[place] = item;
  copyBox(box, 0, t.spillBoxes, place * 6);
  t.spillNext[place] = head;
  t.spillPrevious[place] = NONE;
  if (head !== NONE) t.spillPrevious[head] = place;
  t.links[at + SPILL_HEAD] = place;
  t.itemPlaces[item] = ~place;
}

/** Takes the item out of its node. */
function detach(t: OctreeTables, item: number): void {
  const node = t.itemNodes[item]!;
  const place = t.itemPlaces[item]!;
  const at = node * LINK_STRIDE;
  if (place < 0) detachSpilled(t, ~place, at);
  else {
    // The last of the node's items takes the place: own ranges have no holes.
    const last = t.links[at + OWN_END]! - 1;
    t.links[at + OWN_END] = last;
    if (place !== last) {
      const moved = t.packedItems[last]!;
      t.packedItems[place] = moved;
      copyBox(t.packedBoxes, last * 6, t.packedBoxes, place * 6);
      t.itemPlaces[moved] = place;
    }
  }
  count(t, node, -1, place < 0 ? -1 : 0);
}

function detachSpilled(t: OctreeTables, place: number, at: number): void {
  const next = t.spillNext[place]!;
  const previous = t.spillPrevious[place]!;
  if (previous === NONE) t.links[at + SPILL_HEAD] = next;
  else t.spillNext[previous] = next;
  if (next !== NONE) t.spillPrevious[next] = previous;
  freeSpill(t, place);
}

/** Corrects the counts of the node and of all above it. */
function count(t: OctreeTables, node: number, items: number, spilled: number): void {
  const { links } = t;
  for (let up = node; up !== NONE; up = links[up * LINK_STRIDE + PARENT]!) {
    const before = links[up * LINK_STRIDE + TOTAL]!;
    const after = before + items;
    links[up * LINK_STRIDE + TOTAL] = after;
    if (before === 0) t.emptyNodes--;
    else if (after === 0) {
      t.emptyNodes++;
      clearBounds(t.bounds, up);
    }
    links[up * LINK_STRIDE + SPILL_TOTAL]! += spilled;
  }
}
