/** Ground that is taken: rectangles turned about y, kept so that nothing is put into a house. */
import type { Vector3 } from '../types.ts';

export interface Footprint {
  x: number;
  z: number;
  /** Turn about y, radians. */
  turn: number;
  /** Half extents along the thing's own x and z, meters. */
  half: readonly [number, number];
}

/** The four corners and the middle of the footprint, y = 0. */
export function cornersOf(footprint: Footprint): Vector3[] {
  const cos = Math.cos(footprint.turn);
  const sin = Math.sin(footprint.turn);
  const [hx, hz] = footprint.half;
  return [
    [-hx, -hz],
    [hx, -hz],
    [hx, hz],
    [-hx, hz],
    [0, 0],
  ].map(([x, z]) => [footprint.x + x! * cos + z! * sin, 0, footprint.z - x! * sin + z! * cos]);
}

/** Whether the point is on the footprint grown by `margin`. */
export function covers(footprint: Footprint, x: number, z: number, margin: number): boolean {
  const cos = Math.cos(footprint.turn);
  const sin = Math.sin(footprint.turn);
  const dx = x - footprint.x;
  const dz = z - footprint.z;
  return (
    Math.abs(dx * cos - dz * sin) < footprint.half[0] + margin &&
    Math.abs(dx * sin + dz * cos) < footprint.half[1] + margin
  );
}

/** Separating axis test. */
export function overlap(a: Footprint, b: Footprint): boolean {
  if (Math.hypot(a.x - b.x, a.z - b.z) > Math.hypot(...a.half) + Math.hypot(...b.half))
    return false;
  for (const turn of [a.turn, a.turn + Math.PI / 2, b.turn, b.turn + Math.PI / 2]) {
    const axis = [Math.cos(turn), -Math.sin(turn)] as const;
    const [minA, maxA] = extent(a, axis);
    const [minB, maxB] = extent(b, axis);
    if (maxA < minB || maxB < minA) return false;
  }
  return true;
}

function extent(footprint: Footprint, axis: readonly [number, number]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const corner of cornersOf(footprint)) {
    const along = corner[0] * axis[0] + corner[2] * axis[1];
    low = Math.min(low, along);
    high = Math.max(high, along);
  }
  return [low, high];
}

/** Footprints by cells of 32 m, so that planting asks only its neighbors. */
export interface Taken {
  all: Footprint[];
  cells: Map<number, Footprint[]>;
}

const CELL = 32;

export function createTaken(): Taken {
  return { all: [], cells: new Map() };
}

export function take(taken: Taken, footprint: Footprint): void {
  taken.all.push(footprint);
  const reach = Math.hypot(...footprint.half) + 4;
  for (let z = cellOf(footprint.z - reach); z <= cellOf(footprint.z + reach); z++) {
    for (let x = cellOf(footprint.x - reach); x <= cellOf(footprint.x + reach); x++) {
      const key = z * 65536 + x;
      const list = taken.cells.get(key);
      if (list === undefined) taken.cells.set(key, [footprint]);
      else list.push(footprint);
    }
  }
}

/** Whether the point, with `margin` up to 4 m around it, is free. */
export function isFree(taken: Taken, x: number, z: number, margin: number): boolean {
  const list = taken.cells.get(cellOf(z) * 65536 + cellOf(x));
  return list === undefined || !list.some((footprint) => covers(footprint, x, z, margin));
}

function cellOf(value: number): number {
  return Math.floor(value / CELL) + 4096;
}
