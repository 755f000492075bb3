/**
 * Roads between the villages, found by the least steep way, cut into the ground, and kept as a
 * distance map, so that painting and planting know how far a road is.
 *
 * Based on: Hart, Nilsson, Raphael. A formal basis for the heuristic determination of minimum cost
 * paths. 1968.
 */
import { lerp, smoothstep } from '../noise.ts';
import type { Vector3, Village } from '../types.ts';
import { type HeightField, heightAt } from './height-field.ts';
import { streetEnds, streetsOf } from './streets.ts';

/** Beyond this the distance map says only "far", meters. */
export const ROAD_FAR = 40;
/** Side of a routing cell, meters. */
const CELL = 16;

export interface Roads {
  /** Points about 12 m apart. */
  paths: Vector3[][];
  /** Meters to the middle of the nearest road or street, in the field's layout. */
  distance: Float32Array;
}

/** Connects the villages and `goals` (single places) and cuts the roads into `field`. */
export function buildRoads(
  field: HeightField,
  villages: readonly Village[],
  goals: readonly Vector3[],
): Roads {
  const paths: Vector3[][] = [];
  for (let i = 1; i < villages.length; i++) {
    // Each village is tied to the nearest one before it.
    const others = villages.slice(0, i);
    const from = villages[i]!;
    others.sort((a, b) => gap(a.center, from.center) - gap(b.center, from.center));
    const to = others[0]!;
    const start = nearestEnd(from, to.center);
    const path = route(field, start, nearestEnd(to, start));
    if (path !== null) paths.push(path);
  }
  for (const goal of goals) {
    const near = [...villages].sort((a, b) => gap(a.center, goal) - gap(b.center, goal))[0];
    const path = near === undefined ? null : route(field, nearestEnd(near, goal), goal);
    if (path !== null) paths.push(path);
  }
  for (const path of paths) smoothAndCut(field, path);
  const streets = villages.flatMap((village) => streetsOf(village));
  const distance = distanceMap(field, [...paths, ...streets]);
  return { paths, distance };
}

function nearestEnd(village: Village, to: Vector3): Vector3 {
  return streetEnds(village).sort((a, b) => gap(a, to) - gap(b, to))[0]!;
}

function gap(a: Vector3, b: Vector3): number {
  return Math.hypot(a[0] - b[0], a[2] - b[2]);
}

/** A* over cells of `CELL` meters; null where the sea is in the way. */
function route(field: HeightField, from: Vector3, to: Vector3): Vector3[] | null {
  const side = Math.floor(field.sizeMeters / CELL);
  const half = field.sizeMeters / 2;
  const cellOf = (p: Vector3): number =>
    Math.floor((p[2] + half) / CELL) * side + Math.floor((p[0] + half) / CELL);
  const pointOf = (cell: number): Vector3 => {
    const x = ((cell % side) + 0.5) * CELL - half;
    const z = (Math.floor(cell / side) + 0.5) * CELL - half;
    return [x, heightAt(field, x, z), z];
  };
  const start = cellOf(from);
  const goal = cellOf(to);
  const cost = new Float32Array(side * side).fill(Infinity);
  const previous = new Int32Array(side * side).fill(-1);
  const closed = new Uint8Array(side * side);
  const open: { cell: number; key: number }[] = [{ cell: start, key: 0 }];
  cost[start] = 0;
  while (open.length > 0) {
    const { cell } = popLowest(open);
    if (cell === goal) break;
    if (closed[cell] === 1) continue;
    closed[cell] = 1;
    const here = pointOf(cell);
    for (const [dx, dz] of STEPS) {
      const next = cell + dz * side + dx;
      if (next < 0 || next >= cost.length || closed[next] === 1) continue;
      const there = pointOf(next);
      const length = gap(here, there);
      if (there[1] < 1.2 || length > CELL * 3) continue;
      const slope = Math.abs(there[1] - here[1]) / length;
      const total = cost[cell]! + length * (1 + (slope * 9) ** 2);
      if (total >= cost[next]!) continue;
      cost[next] = total;
      previous[next] = cell;
      push(open, { cell: next, key: total + gap(there, to) });
    }
  }
  if (previous[goal] === -1) return null;
  const path: Vector3[] = [];
  for (let cell = goal; cell !== -1; cell = previous[cell]!) path.unshift(pointOf(cell));
  path[0] = from;
  path[path.length - 1] = to;
  return path;
}

const STEPS: readonly [number, number][] = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
  [2, 1],
  [2, -1],
  [-2, 1],
  [-2, -1],
  [1, 2],
  [1, -2],
  [-1, 2],
  [-1, -2],
];

interface OpenCell {
  cell: number;
  key: number;
}

function push(heap: OpenCell[], item: OpenCell): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]!.key <= item.key) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = item;
}

function popLowest(heap: OpenCell[]): OpenCell {
  const top = heap[0]!;
  const item = heap.pop()!;
  if (heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let child = at * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]!.key < heap[child]!.key) child++;
    if (heap[child]!.key >= item.key) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = item;
  return top;
}

/** Rounds the corners, evens out the heights along the road, and lays the ground to it. */
function smoothAndCut(field: HeightField, path: Vector3[]): void {
  for (let pass = 0; pass < 4; pass++) {
    for (let i = 1; i + 1 < path.length; i++) {
      const [ax, , az] = path[i - 1]!;
      const [bx, , bz] = path[i + 1]!;
      const p = path[i]!;
      p[0] = p[0] * 0.5 + (ax + bx) * 0.25;
      p[2] = p[2] * 0.5 + (az + bz) * 0.25;
    }
  }
  for (const p of path) p[1] = heightAt(field, p[0], p[2]);
  for (let pass = 0; pass < 3; pass++) {
    for (let i = 1; i + 1 < path.length; i++) {
      path[i]![1] = path[i]![1] * 0.5 + (path[i - 1]![1] + path[i + 1]![1]) * 0.25;
    }
  }
  const weight = new Float32Array(field.heights.length);
  const target = new Float32Array(field.heights.length);
  eachNearCell(field, path, 14, (at, distance, height) => {
    const w = 1 - smoothstep(3.5, 14, distance);
    if (w <= weight[at]!) return;
    weight[at] = w;
    target[at] = height;
  });
  for (let i = 0; i < weight.length; i++) {
    if (weight[i]! > 0) field.heights[i] = lerp(field.heights[i]!, target[i]!, weight[i]!);
  }
}

function distanceMap(field: HeightField, paths: readonly Vector3[][]): Float32Array {
  const map = new Float32Array(field.heights.length).fill(ROAD_FAR);
  for (const path of paths) {
    eachNearCell(field, path, ROAD_FAR, (at, distance) => {
      if (distance < map[at]!) map[at] = distance;
    });
  }
  return map;
}

/** Calls back for every grid point within `reach` of the path, per segment. */
function eachNearCell(
  field: HeightField,
  path: readonly Vector3[],
  reach: number,
  visit: (at: number, distance: number, height: number) => void,
): void {
  const n = field.samples;
  const spacing = field.sizeMeters / (n - 1);
  const half = field.sizeMeters / 2;
  const index = (value: number): number =>
    Math.min(n - 1, Math.max(0, Math.round((value + half) / spacing)));
  for (let i = 0; i + 1 < path.length; i++) {
    const a = path[i]!;
    const b = path[i + 1]!;
    const dx = b[0] - a[0];
    const dz = b[2] - a[2];
    const squared = dx * dx + dz * dz || 1;
    for (
      let row = index(Math.min(a[2], b[2]) - reach);
      row <= index(Math.max(a[2], b[2]) + reach);
      row++
    ) {
      const z = row * spacing - half;
      const last = index(Math.max(a[0], b[0]) + reach);
      for (let column = index(Math.min(a[0], b[0]) - reach); column <= last; column++) {
        const x = column * spacing - half;
        const t = Math.min(1, Math.max(0, ((x - a[0]) * dx + (z - a[2]) * dz) / squared));
        const distance = Math.hypot(x - a[0] - dx * t, z - a[2] - dz * t);
        if (distance <= reach) visit(row * n + column, distance, a[1] + (b[1] - a[1]) * t);
      }
    }
  }
}
