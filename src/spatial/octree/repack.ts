/**
 * Putting the loose octree back in order, a slice at a time. A pass visits the nodes depth first and
 * moves each, with its items, behind the one before: then nodes are read in the order in which they
 * lie in memory, and a whole branch's items are one stretch. After every node the tree is whole, so
 * queries and changes may come at any point of a pass.
 *
 * Branches that became empty are given up, those with few items become one leaf.
 */
import { beginMove, endMove, takeRows } from '../../base/arena.ts';
import { tightenBounds } from './bounds.ts';
import {
  BOUNDS_STRIDE,
  CUBE_STRIDE,
  copyBox,
  END,
  FIRST_CHILD,
  freeSpill,
  growNodes,
  growPacked,
  LINK_STRIDE,
  NEXT_SIBLING,
  NONE,
  type OctreeTables,
  OWN_END,
  OWN_LIMIT,
  PARENT,
  SPILL_HEAD,
  SPILL_TOTAL,
  START,
  TOTAL,
} from './tables.ts';

/** A branch with at most this many items becomes one leaf: half of what makes a leaf split. */
const MERGE_ITEMS = 8;

/** Disorder that is worth a pass: this many items, and this share of all. */
const MIN_DISORDER = 64;
const DISORDER_SHARE = 1 / 8;

/** What is out of place: items in lists instead of packed or gone from a range, empty nodes. */
function disorder(t: OctreeTables): number {
  const spilled = t.links[t.root * LINK_STRIDE + SPILL_TOTAL]!;
  const packed = t.links[t.root * LINK_STRIDE + TOTAL]! - spilled;
  return spilled + Math.max(0, t.packedPlaces - packed) + t.emptyNodes;
}

/**
 * Goes on with the running pass, or begins one when enough is out of place. Stops after about
 * `budget` nodes and items; a single node is never cut. Returns whether a pass is running still.
 */
export function repackSlice(t: OctreeTables, budget: number): boolean {
  if (t.cursor === NONE) {
    const size = t.links[t.root * LINK_STRIDE + TOTAL]!;
    if (disorder(t) < Math.max(MIN_DISORDER, size * DISORDER_SHARE)) return false;
    // A sixteenth more than there is: items that move during the pass may be packed twice.
    beginMove(t.packed, size + (size >> 4) + 16);
    beginMove(t.nodes, t.nodeCount + (t.nodeCount >> 4) + 16);
    growPacked(t, t.packed.next + size + (size >> 4) + 16);
    t.packedPlaces = 0;
    t.cursor = t.root;
  }
  for (let work = 0; work < budget && t.cursor !== NONE; ) work += visit(t, t.cursor);
  if (t.cursor !== NONE) return true;
  endMove(t.packed);
  endMove(t.nodes);
  return false;
}

/** Moves one node and its own items; returns how many nodes and items it touched. */
function visit(t: OctreeTables, old: number): number {
  const total = t.links[old * LINK_STRIDE + TOTAL]!;
  if (total === 0 && old !== t.root) return dropBranch(t, old);
  const node = moveNode(t, old);
  const at = node * LINK_STRIDE;
  const isMerged = total <= MERGE_ITEMS;
  const count = isMerged ? total : ownCount(t, at);
  const start = takeRows(t.packed, count);
  growPacked(t, t.packed.top);
  t.packedPlaces += count;
  let end = gatherOwn(t, at, node, start);
  let work = 1 + count;
  if (isMerged) {
    const nodesBefore = t.nodeCount;
    end = gatherBelow(t, at, node, end);
    work += nodesBefore - t.nodeCount;
  }
  t.links[at + START] = start;
  t.links[at + OWN_END] = end;
  t.links[at + OWN_LIMIT] = end;
  t.links[at + END] = NONE;
  const child = t.links[at + FIRST_CHILD]!;
  if (child !== NONE) t.cursor = child;
  else leave(t, node);
  return work;
}

/** Gives the node the next row, and puts that into the links of its neighbors. */
function moveNode(t: OctreeTables, old: number): number {
  const node = takeRows(t.nodes, 1);
  growNodes(t);
  t.cubes.copyWithin(node * CUBE_STRIDE, old * CUBE_STRIDE, (old + 1) * CUBE_STRIDE);
  t.bounds.copyWithin(node * BOUNDS_STRIDE, old * BOUNDS_STRIDE, (old + 1) * BOUNDS_STRIDE);
  t.links.copyWithin(node * LINK_STRIDE, old * LINK_STRIDE, (old + 1) * LINK_STRIDE);
  const { links } = t;
  const parent = links[node * LINK_STRIDE + PARENT]!;
  if (parent === NONE) t.root = node;
  else replaceChild(t, parent, old, node);
  let child = links[node * LINK_STRIDE + FIRST_CHILD]!;
  while (child !== NONE) {
    links[child * LINK_STRIDE + PARENT] = node;
    child = links[child * LINK_STRIDE + NEXT_SIBLING]!;
  }
  return node;
}

/** Where the parent's list of children says `old`, it says `node` from now on. */
function replaceChild(t: OctreeTables, parent: number, old: number, node: number): void {
  const { links } = t;
  let at = parent * LINK_STRIDE + FIRST_CHILD;
  while (links[at] !== old) at = links[at]! * LINK_STRIDE + NEXT_SIBLING;
  links[at] = node;
}

function ownCount(t: OctreeTables, at: number): number {
  let count = t.links[at + OWN_END]! - t.links[at + START]!;
  for (let place = t.links[at + SPILL_HEAD]!; place !== NONE; place = t.spillNext[place]!) count++;
  return count;
}

/** Packs the items of the node at `at` from `end` on, as items of `node`; returns the new end. */
function gatherOwn(t: OctreeTables, at: number, node: number, end: number): number {
  let to = end;
  for (let from = t.links[at + START]!; from < t.links[at + OWN_END]!; from++) {
    copyBox(t.packedBoxes, from * 6, t.packedBoxes, to * 6);
    settle(t, t.packedItems[from]!, node, to++);
  }
  const first = t.links[at + SPILL_HEAD]!;
  if (first === NONE) return to;
  let spilled = 0;
  for (let place = first; place !== NONE; spilled++) {
    const next = t.spillNext[place]!;
    copyBox(t.spillBoxes, place * 6, t.packedBoxes, to * 6);
    settle(t, t.spillItems[place]!, node, to++);
    freeSpill(t, place);
    place = next;
  }
  t.links[at + SPILL_HEAD] = NONE;
  const { links } = t;
  for (let up = at; ; up = links[up + PARENT]! * LINK_STRIDE) {
    links[up + SPILL_TOTAL]! -= spilled;
    if (links[up + PARENT] === NONE) return to;
  }
}

function settle(t: OctreeTables, item: number, node: number, place: number): void {
  t.packedItems[place] = item;
  t.itemNodes[item] = node;
  t.itemPlaces[item] = place;
}

/** Packs what all nodes below hold as items of `node`, and gives those nodes up. */
function gatherBelow(t: OctreeTables, at: number, node: number, end: number): number {
  let to = end;
  let child = t.links[at + FIRST_CHILD]!;
  while (child !== NONE) {
    const from = child * LINK_STRIDE;
    to = gatherOwn(t, from, node, to);
    // The branch is small: its depth bounds how far this recurs.
    to = gatherBelow(t, from, node, to);
    t.nodeCount--;
    if (t.links[from + TOTAL] === 0) t.emptyNodes--;
    child = t.links[from + NEXT_SIBLING]!;
  }
  t.links[at + FIRST_CHILD] = NONE;
  return to;
}

/** Gives up a branch without items; the pass goes on behind it. */
function dropBranch(t: OctreeTables, node: number): number {
  const at = node * LINK_STRIDE;
  const nodesBefore = t.nodeCount;
  const next = t.links[at + NEXT_SIBLING]!;
  const parent = t.links[at + PARENT]!;
  gatherBelow(t, at, node, 0);
  replaceChild(t, parent, node, next);
  t.nodeCount--;
  t.emptyNodes--;
  if (next !== NONE) t.cursor = next;
  else close(t, parent);
  return nodesBefore - t.nodeCount;
}

/** Goes on to what follows a node without children. */
function leave(t: OctreeTables, node: number): void {
  t.links[node * LINK_STRIDE + END] = t.packed.next;
  tightenBounds(t, node);
  const next = t.links[node * LINK_STRIDE + NEXT_SIBLING]!;
  if (next !== NONE || node === t.root) t.cursor = next;
  else close(t, t.links[node * LINK_STRIDE + PARENT]!);
}

/** Ends a node whose children have all been visited, and those above for which that holds too. */
function close(t: OctreeTables, node: number): void {
  let at = node * LINK_STRIDE;
  for (;;) {
    t.links[at + END] = t.packed.next;
    tightenBounds(t, at / LINK_STRIDE);
    const next = t.links[at + NEXT_SIBLING]!;
    if (next !== NONE || t.links[at + PARENT] === NONE) {
      t.cursor = next;
      return;
    }
    at = t.links[at + PARENT]! * LINK_STRIDE;
  }
}
