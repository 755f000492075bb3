/**
 * The squares of a grid, found by place: rows of squares along x, one for each z, so that those around a
 * viewpoint are found without looking at the others.
 */

/** Squares per grid; x and z are whole numbers from -32768 to 32767. */
export interface SquareTable {
  readonly edgeMeters: number;
  readonly count: number;
  /** x, z of each square: sorted by z, then by x. */
  readonly xs: Int16Array;
  readonly zs: Int16Array;
  /** Row of each square's level. */
  readonly levels: Uint16Array;
  /** First square of each z from `firstZ` on, and one past the last. */
  readonly firstZ: number;
  readonly starts: Uint32Array;
}

const SPAN = 0x10000;
const HALF = 0x8000;

/** @param squares x, z and level of each, in any order */
export function createSquareTable(
  edgeMeters: number,
  squares: readonly { x: number; z: number; level: number }[],
): SquareTable {
  const count = squares.length;
  // Sorted as numbers: place, then which it was; both fit a double exactly.
  const keys = Float64Array.from(
    squares,
    ({ x, z, level }) => ((z + HALF) * SPAN + x + HALF) * SPAN + level,
  ).sort();
  const xs = new Int16Array(count);
  const zs = new Int16Array(count);
  const levels = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    const place = Math.floor(keys[i]! / SPAN);
    levels[i] = keys[i]! % SPAN;
    xs[i] = (place % SPAN) - HALF;
    zs[i] = Math.floor(place / SPAN) - HALF;
  }
  const firstZ = count > 0 ? zs[0]! : 0;
  const starts = new Uint32Array(count > 0 ? zs[count - 1]! - firstZ + 2 : 1);
  for (let i = 0; i < count; i++) starts[zs[i]! - firstZ + 1]!++;
  for (let z = 1; z < starts.length; z++) starts[z]! += starts[z - 1]!;
  return { edgeMeters, count, xs, zs, levels, firstZ, starts };
}

/** First square of row `z` (counted from `firstZ`) whose x is at least `x`, or the row's end. */
export function firstSquare({ xs, starts }: SquareTable, z: number, x: number): number {
  let low = starts[z]!;
  let high = starts[z + 1]!;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (xs[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Writes the horizontal distance from the nearest eye to a square (meters) to `out[0]`.
 *
 * @param eyes x, y, z and a factor of each
 */
export function measureSquare(
  table: SquareTable,
  square: number,
  eyes: Float64Array,
  eyeCount: number,
  out: Float64Array,
): void {
  const { edgeMeters, xs, zs } = table;
  const minX = xs[square]! * edgeMeters;
  const minZ = zs[square]! * edgeMeters;
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < eyeCount * 4; at += 4) {
    const dx = Math.max(minX - eyes[at]!, 0, eyes[at]! - minX - edgeMeters);
    const dz = Math.max(minZ - eyes[at + 2]!, 0, eyes[at + 2]! - minZ - edgeMeters);
    least = Math.min(least, dx * dx + dz * dz);
  }
  out[0] = Math.sqrt(least);
}
