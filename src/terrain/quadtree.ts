/**
 * Terrain as quadtrees of tiles with replacing refinement: a tile is drawn until all four of its
 * children can be, so the ground never has a hole. Nodes are rows; children follow their parent.
 */

import { grown } from '../base/grown.ts';
import { NO_CHILD } from '../io/bundle/format.ts';
import {
  lookAtSphere,
  POSE_STRIDE,
  type ScoreView,
  SPHERE_DISTANCE,
  SPHERE_RADIUS,
  SPHERE_SEEN,
  SPHERE_SHARE,
  SPHERE_X,
  SPHERE_Y,
  SPHERE_Z,
  sphere,
} from '../spatial/expected-error.ts';
import { classifyBox, FRUSTUM_STRIDE, Side } from '../spatial/frustum.ts';
import { appendItem, createItemList, type ItemList } from '../spatial/octree.ts';
import { distanceToBox } from '../spatial/screen-error.ts';

/** A tile refines at once, but folds only when this much farther away than it refined. */
const FOLD_HYSTERESIS = 1.15;

export class TerrainTable {
  count = 0;
  roots: number[] = [];
  /** Min x, y, z, max x, y, z (meters). */
  boxes: Float32Array = new Float32Array(0);
  errors: Float32Array = new Float32Array(0);
  payloads: Uint32Array = new Uint32Array(0);
  /** First of four children, or `NO_CHILD`. */
  children: Uint32Array = new Uint32Array(0);
  /** Parent, or -1. */
  parents: Int32Array = new Int32Array(0);
  slots: Uint32Array = new Uint32Array(0);
  /** 1 when the tile can be drawn. */
  resident: Uint8Array = new Uint8Array(0);
  /** How many children can be drawn. */
  residentChildren: Uint8Array = new Uint8Array(0);
  /** 1 when the tile was replaced by its children in the last selection. */
  refined: Uint8Array = new Uint8Array(0);
  /** Number of the last selection; one frame may need two. */
  selection = 0;
  /** Selection that last chose the tile. */
  selectedIn: Uint32Array = new Uint32Array(0);
  /** Frame in which the tile was last drawn for want of its children. */
  starvedFrames: Uint32Array = new Uint32Array(0);
  shown: Uint8Array = new Uint8Array(0);
  /** Expected visible error that the tile removes beyond its parent, as of `sweeps`. */
  worths: Float64Array = new Float64Array(0);
  sweeps: Uint32Array = new Uint32Array(0);

  append(count: number): number {
    const first = this.count;
    const total = first + count;
    this.boxes = grown(this.boxes, total * 6, first * 6);
    this.errors = grown(this.errors, total, first);
    this.payloads = grown(this.payloads, total, first);
    this.children = grown(this.children, total, first);
    this.parents = grown(this.parents, total, first).fill(-1, first);
    this.slots = grown(this.slots, total, first);
    this.resident = grown(this.resident, total, first);
    this.residentChildren = grown(this.residentChildren, total, first);
    this.refined = grown(this.refined, total, first);
    this.selectedIn = grown(this.selectedIn, total, first);
    this.starvedFrames = grown(this.starvedFrames, total, first);
    this.shown = grown(this.shown, total, first);
    this.worths = grown(this.worths, total, first);
    this.sweeps = grown(this.sweeps, total, first);
    this.count = total;
    return first;
  }

  truncate(first: number): void {
    this.count = first;
    this.roots = this.roots.filter((root) => root < first);
  }

  hasChildren(node: number): boolean {
    return this.children[node] !== NO_CHILD;
  }

  setResident(node: number, resident: boolean): void {
    const value = resident ? 1 : 0;
    if (this.resident[node] === value) return;
    this.resident[node] = value;
    const parent = this.parents[node]!;
    if (parent >= 0)
      this.residentChildren[parent] = this.residentChildren[parent]! + (resident ? 1 : -1);
  }
}

/** Eyes to measure from, as in LOD selection: x, y, z, factor. */
interface Eyes {
  values: Float64Array;
  count: number;
}

const stack = createItemList(256);

function boxDistance(table: TerrainTable, node: number, eyes: Eyes): number {
  let best = Number.POSITIVE_INFINITY;
  for (let at = 0; at < eyes.count * 4; at += 4) {
    const x = eyes.values[at]!;
    const y = eyes.values[at + 1]!;
    const z = eyes.values[at + 2]!;
    best = Math.min(best, distanceToBox(table.boxes, node * 6, x, y, z) * eyes.values[at + 3]!);
  }
  return best;
}

function inAnyFrustum(table: TerrainTable, node: number, planes: Float64Array, count: number) {
  const { boxes } = table;
  const b = node * 6;
  const hx = (boxes[b + 3]! - boxes[b]!) / 2;
  const hy = (boxes[b + 4]! - boxes[b + 1]!) / 2;
  const hz = (boxes[b + 5]! - boxes[b + 2]!) / 2;
  for (let i = 0; i < count; i++) {
    const offset = i * FRUSTUM_STRIDE;
    const cx = boxes[b]! + hx;
    const cy = boxes[b + 1]! + hy;
    const cz = boxes[b + 2]! + hz;
    if (classifyBox(planes, offset, cx, cy, cz, hx, hy, hz) !== Side.Outside) return true;
  }
  return false;
}

/**
 * Selects the tiles to draw: the coarsest whose error is tolerable, limited to what is resident.
 *
 * @param kPerPixel pixels per tangent ÷ tolerated error in pixels, of the reference viewpoint
 * @param frame number of this frame, for `starvedFrames`
 * @returns number of nodes looked at
 */
export function selectTiles(
  table: TerrainTable,
  eyes: Eyes,
  planes: Float64Array,
  frustumCount: number,
  kPerPixel: number,
  frame: number,
  out: ItemList,
): number {
  let visited = 0;
  stack.count = 0;
  for (let i = 0; i < table.roots.length; i++) appendItem(stack, table.roots[i]!);
  while (stack.count > 0) {
    const node = stack.items[--stack.count]!;
    visited++;
    if (!inAnyFrustum(table, node, planes, frustumCount)) continue;
    const reach = table.errors[node]! * kPerPixel * (table.refined[node] ? FOLD_HYSTERESIS : 1);
    const wanted = table.hasChildren(node) && boxDistance(table, node, eyes) < reach;
    const refine = wanted && table.residentChildren[node] === 4;
    if (wanted && !refine) table.starvedFrames[node] = frame;
    table.refined[node] = refine ? 1 : 0;
    if (refine) {
      const first = table.children[node]!;
      for (let child = first; child < first + 4; child++) appendItem(stack, child);
    } else if (table.resident[node]) appendItem(out, node);
  }
  return visited;
}

/**
 * Scores the children of every tile that some pose wants finer: writes their `worths` and lists
 * those that are not resident. Grandchildren follow when the children are there.
 *
 * @param errorPx error in pixels that is good enough for terrain
 */
export function scoreTiles(
  table: TerrainTable,
  view: ScoreView,
  errorPx: number,
  sweep: number,
  wanted: ItemList,
): void {
  stack.count = 0;
  tolerated[0] = errorPx;
  for (let i = 0; i < table.roots.length; i++) {
    const root = table.roots[i]!;
    table.worths[root] = Number.MAX_VALUE;
    table.sweeps[root] = sweep;
    if (table.resident[root]) appendItem(stack, root);
    else appendItem(wanted, root);
  }
  while (stack.count > 0) {
    const node = stack.items[--stack.count]!;
    if (!table.hasChildren(node)) continue;
    const first = table.children[node]!;
    for (let child = first; child < first + 4; child++) {
      scoreTile(table, node, child, view);
      table.sweeps[child] = sweep;
      if (table.worths[child]! <= 0) continue;
      if (!table.resident[child]) appendItem(wanted, child);
      else if (table.residentChildren[node] === 4) appendItem(stack, child);
    }
  }
  completeQuads(table, sweep, wanted);
}

/** Siblings only show together: a quad of which one tile is wanted needs the other three too. */
function completeQuads(table: TerrainTable, sweep: number, wanted: ItemList): void {
  const listed = wanted.count;
  for (let i = 0; i < listed; i++) {
    const parent = table.parents[wanted.items[i]!]!;
    if (parent < 0) continue;
    const first = table.children[parent]!;
    let best = 0;
    for (let child = first; child < first + 4; child++) best = Math.max(best, table.worths[child]!);
    for (let child = first; child < first + 4; child++) {
      if (table.worths[child]! > 0 && table.sweeps[child] === sweep) continue;
      table.worths[child] = best / 4;
      if (!table.resident[child]) appendItem(wanted, child);
    }
  }
}

/** What `measureGap` found (meters). */
const gap = new Float64Array(1);

/** Writes the distance from the pose at `at` to a box: in and out by arrays, so that nothing is boxed. */
function measureGap(boxes: Float32Array, b: number, poses: Float64Array, at: number): void {
  gap[0] = distanceToBox(boxes, b, poses[at]!, poses[at + 1]!, poses[at + 2]!);
}

/** Error in pixels that is good enough, of the scoring at hand. */
const tolerated = new Float64Array(1);

/** Writes what a tile is worth beyond its parent. */
function scoreTile(table: TerrainTable, parent: number, child: number, view: ScoreView): void {
  const { boxes, errors, worths } = table;
  const b = child * 6;
  const x = (boxes[b]! + boxes[b + 3]!) / 2;
  const y = (boxes[b + 1]! + boxes[b + 4]!) / 2;
  const z = (boxes[b + 2]! + boxes[b + 5]!) / 2;
  const hx = boxes[b + 3]! - x;
  const hy = boxes[b + 4]! - y;
  const hz = boxes[b + 5]! - z;
  const radius = Math.sqrt(hx * hx + hy * hy + hz * hz);
  const { values, count } = view.poses;
  // What hysteresis still shows is still worth having, or it would be evicted from under the view.
  const error = errors[parent]! * (table.refined[parent] ? FOLD_HYSTERESIS : 1);
  sphere[SPHERE_RADIUS] = radius;
  worths[child] = 0;
  for (let pose = 0; pose < count; pose++) {
    const at = pose * POSE_STRIDE;
    const pixels = values[at + 7]! / tolerated[0]!;
    measureGap(boxes, parent * 6, values, at);
    const near = Math.max(1, gap[0]!);
    const missing = Math.log2((error * pixels) / near);
    if (missing <= 0) continue;
    const dx = x - values[at]!;
    const dy = y - values[at + 1]!;
    const dz = z - values[at + 2]!;
    sphere[SPHERE_X] = dx;
    sphere[SPHERE_Y] = dy;
    sphere[SPHERE_Z] = dz;
    sphere[SPHERE_DISTANCE] = Math.sqrt(dx * dx + dy * dy + dz * dz);
    lookAtSphere(view, at);
    const left = Math.max(0, Math.log2((errors[child]! * pixels) / near));
    const whole = Math.max(1, Math.log2((radius * 2 * pixels) / near));
    const area = values[at + 6]! * sphere[SPHERE_SEEN]! * sphere[SPHERE_SHARE]!;
    worths[child] = worths[child]! + area * ((missing - left) / whole);
  }
}
