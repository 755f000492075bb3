/**
 * What all questions to the loose octree share: a stack, what is known of each depth of the walk, and
 * the taking of whole branches.
 */
import { grown } from '../../base/grown.ts';
import { appendItem, type ItemList, reserveItems } from '../item-list.ts';
import {
  END,
  FIRST_CHILD,
  LINK_STRIDE,
  NEXT_SIBLING,
  NONE,
  type OctreeTables,
  OWN_END,
  SPILL_HEAD,
  SPILL_TOTAL,
  START,
  TOTAL,
} from './tables.ts';

/** What walks need besides the tree: a stack, and by depth which shapes a node still crosses. */
export interface Walk {
  stack: Int32Array;
  top: number;
  /** Nodes looked at by the last query. */
  visitedNodes: number;
  /** What each node of the way down crosses: `shapes` entries for all, then for each depth. */
  crossed: Uint8Array;
}

export function createWalk(maxDepth: number): Walk {
  return {
    // A node leaves the stack and its children, eight at most, enter: once for each depth.
    stack: new Int32Array(8 * (maxDepth + 2)),
    top: 0,
    visitedNodes: 0,
    crossed: new Uint8Array(16 * (maxDepth + 2)),
  };
}

/** Begins a walk that asks about `shapes` shapes. */
export function beginWalk(t: OctreeTables, walk: Walk, shapes: number): void {
  walk.visitedNodes = 0;
  walk.top = 0;
  const needed = shapes * (t.maxDepth + 2);
  if (walk.crossed.length < needed) walk.crossed = grown(walk.crossed, needed);
  if (t.links[t.root * LINK_STRIDE + TOTAL]! > 0) walk.stack[walk.top++] = t.root;
}

/** The children that hold anything are visited next. */
export function pushChildren(t: OctreeTables, walk: Walk, at: number): void {
  const { links } = t;
  let child = links[at + FIRST_CHILD]!;
  while (child !== NONE) {
    const c = child * LINK_STRIDE;
    if (links[c + TOTAL]! > 0) walk.stack[walk.top++] = child;
    child = links[c + NEXT_SIBLING]!;
  }
}

/** Appends all items of the branch. */
export function takeBranch(t: OctreeTables, walk: Walk, node: number, out: ItemList): void {
  const base = walk.top;
  reserveItems(out, t.links[node * LINK_STRIDE + TOTAL]!);
  walk.stack[walk.top++] = node;
  while (walk.top > base) {
    const at = walk.stack[--walk.top]! * LINK_STRIDE;
    const start = t.links[at + START]!;
    // Packed whole and unchanged since: one stretch, which is all there is in the branch.
    const end = t.links[at + END]!;
    if (t.links[at + SPILL_TOTAL] === 0 && end - start === t.links[at + TOTAL]) {
      takeRange(t, start, end, out);
      continue;
    }
    if (walk.top > base) walk.visitedNodes++;
    takeRange(t, start, t.links[at + OWN_END]!, out);
    for (let place = t.links[at + SPILL_HEAD]!; place !== NONE; place = t.spillNext[place]!)
      appendItem(out, t.spillItems[place]!);
    pushChildren(t, walk, at);
  }
}

function takeRange(t: OctreeTables, start: number, end: number, out: ItemList): void {
  const { packedItems } = t;
  const { items } = out;
  let count = out.count;
  // No `set` of a view: the view would be garbage, and copying is not what a query costs.
  for (let place = start; place < end; place++) items[count++] = packedItems[place]!;
  out.count = count;
}
