/**
 * The tables of the loose octree: nodes, items packed in the order of the nodes, items that came
 * since, and where each item is. Plain data; `items.ts` changes it, the queries read it,
 * `repack.ts` puts it in order.
 */
import { type Arena, createArena, takeRows } from '../../base/arena.ts';
import { grown } from '../../base/grown.ts';

export const NONE = -1;

/** Numbers per node in `cubes`: center x, y, z and half the edge (meters). */
export const CUBE_STRIDE = 4;

/** Numbers per node in `bounds`: min x, y, z, max x, y, z of all boxes in the branch (meters). */
export const BOUNDS_STRIDE = 6;

/** Numbers per node in `links`, and what each is. */
export const LINK_STRIDE = 12;
export const PARENT = 0;
export const FIRST_CHILD = 1;
export const NEXT_SIBLING = 2;
/** The node's own packed items: `[START, OWN_END)`, room until OWN_LIMIT. */
export const START = 3;
export const OWN_END = 4;
export const OWN_LIMIT = 5;
/** Where the packed items of the whole branch ended when it was packed; NONE before that. */
export const END = 6;
/** Items of the branch, and those of them that are not packed. */
export const TOTAL = 7;
export const SPILL_TOTAL = 8;
/** First of the node's own items that are not packed. */
export const SPILL_HEAD = 9;
export const DEPTH = 10;
/** Which of its parent's eight octants the node is: 1 for +x, 2 for +y, 4 for +z. */
export const OCTANT = 11;

export interface OctreeTables {
  readonly maxDepth: number;
  root: number;
  nodeCount: number;
  /** Nodes whose branch holds nothing. */
  emptyNodes: number;
  readonly nodes: Arena;
  cubes: Float64Array;
  bounds: Float64Array;
  links: Int32Array;
  /** Items in depth-first order of their nodes, boxes (center, half extents) in the same order. */
  readonly packed: Arena;
  packedItems: Uint32Array;
  packedBoxes: Float32Array;
  /** Packed places given out by the last pass. */
  packedPlaces: number;
  /** Items that came since their node was packed: a list for each node, and one of free places. */
  spillItems: Uint32Array;
  spillBoxes: Float32Array;
  spillNext: Int32Array;
  spillPrevious: Int32Array;
  spillFree: number;
  spillTop: number;
  /** Node of each item, or NONE; and its place: packed, or ~place in the spill. */
  itemNodes: Int32Array;
  itemPlaces: Int32Array;
  /** Node that the running pass visits next, or NONE. */
  cursor: number;
}

export function createTables(
  itemCapacity: number,
  center: readonly [number, number, number],
  halfSize: number,
  maxDepth: number,
): OctreeTables {
  const tables: OctreeTables = {
    maxDepth,
    root: 0,
    nodeCount: 0,
    emptyNodes: 0,
    nodes: createArena(),
    cubes: new Float64Array(CUBE_STRIDE * 64),
    bounds: new Float64Array(BOUNDS_STRIDE * 64),
    links: new Int32Array(LINK_STRIDE * 64),
    packed: createArena(),
    packedItems: new Uint32Array(0),
    packedBoxes: new Float32Array(0),
    packedPlaces: 0,
    spillItems: new Uint32Array(64),
    spillBoxes: new Float32Array(64 * 6),
    spillNext: new Int32Array(64),
    spillPrevious: new Int32Array(64),
    spillFree: NONE,
    spillTop: 0,
    itemNodes: new Int32Array(itemCapacity).fill(NONE),
    itemPlaces: new Int32Array(itemCapacity),
    cursor: NONE,
  };
  tables.root = addNode(tables, NONE, 0, center[0], center[1], center[2], halfSize);
  return tables;
}

/** Adds a node without items or children; the caller links it to its parent. */
export function addNode(
  t: OctreeTables,
  parent: number,
  octant: number,
  x: number,
  y: number,
  z: number,
  half: number,
): number {
  const node = takeRows(t.nodes, 1);
  growNodes(t);
  t.nodeCount++;
  t.emptyNodes++;
  t.cubes[node * CUBE_STRIDE] = x;
  t.cubes[node * CUBE_STRIDE + 1] = y;
  t.cubes[node * CUBE_STRIDE + 2] = z;
  t.cubes[node * CUBE_STRIDE + 3] = half;
  const b = node * BOUNDS_STRIDE;
  t.bounds.fill(Number.POSITIVE_INFINITY, b, b + 3).fill(Number.NEGATIVE_INFINITY, b + 3, b + 6);
  const at = node * LINK_STRIDE;
  t.links.fill(0, at, at + LINK_STRIDE);
  t.links[at + PARENT] = parent;
  t.links[at + FIRST_CHILD] = NONE;
  t.links[at + NEXT_SIBLING] = NONE;
  t.links[at + END] = NONE;
  t.links[at + SPILL_HEAD] = NONE;
  t.links[at + DEPTH] = parent === NONE ? 0 : t.links[parent * LINK_STRIDE + DEPTH]! + 1;
  t.links[at + OCTANT] = octant;
  return node;
}

export function growNodes(t: OctreeTables): void {
  if (t.nodes.top * CUBE_STRIDE <= t.cubes.length) return;
  const capacity = Math.max(t.nodes.top, (t.cubes.length / CUBE_STRIDE) * 2);
  t.cubes = grown(t.cubes, capacity * CUBE_STRIDE);
  t.bounds = grown(t.bounds, capacity * BOUNDS_STRIDE);
  t.links = grown(t.links, capacity * LINK_STRIDE);
}

export function growPacked(t: OctreeTables, capacity: number): void {
  if (capacity <= t.packedItems.length) return;
  const length = Math.max(capacity, Math.ceil(t.packedItems.length * 1.5));
  t.packedItems = grown(t.packedItems, length);
  t.packedBoxes = grown(t.packedBoxes, length * 6);
}

export function growItems(t: OctreeTables, needed: number): void {
  const known = t.itemNodes.length;
  if (needed <= known) return;
  const capacity = Math.max(needed, known * 2, 64);
  t.itemNodes = grown(t.itemNodes, capacity).fill(NONE, known);
  t.itemPlaces = grown(t.itemPlaces, capacity);
}

/** A free place in the spill. */
export function takeSpill(t: OctreeTables): number {
  const free = t.spillFree;
  if (free !== NONE) {
    t.spillFree = t.spillNext[free]!;
    return free;
  }
  if (t.spillTop === t.spillItems.length) {
    const capacity = t.spillTop * 2;
    t.spillItems = grown(t.spillItems, capacity);
    t.spillBoxes = grown(t.spillBoxes, capacity * 6);
    t.spillNext = grown(t.spillNext, capacity);
    t.spillPrevious = grown(t.spillPrevious, capacity);
  }
  return t.spillTop++;
}

export function freeSpill(t: OctreeTables, place: number): void {
  t.spillNext[place] = t.spillFree;
  t.spillFree = place;
}

/** Bytes of all columns. */
export function tableBytes(t: OctreeTables): number {
  return (
    t.cubes.byteLength +
    t.bounds.byteLength +
    t.links.byteLength +
    t.packedItems.byteLength +
    t.packedBoxes.byteLength +
    t.spillItems.byteLength +
    t.spillBoxes.byteLength +
    t.spillNext.byteLength +
    t.spillPrevious.byteLength +
    t.itemNodes.byteLength +
    t.itemPlaces.byteLength
  );
}

export function copyBox(from: Float32Array, at: number, to: Float32Array, toAt: number): void {
  // Six numbers: a loop is several times as fast as `set` or `copyWithin`.
  for (let i = 0; i < 6; i++) to[toAt + i] = from[at + i]!;
}
