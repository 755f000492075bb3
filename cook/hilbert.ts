/**
 * A place on the ground as a position along Hilbert's curve: places that are near each other on the
 * curve are near each other in the world. The grid is absolute, so that a place keeps its position
 * whatever is added to the world beside it.
 *
 * Based on: Hilbert. Über die stetige Abbildung einer Linie auf ein Flächenstück. 1891; the loop
 * after Warren. Hacker's Delight. 2012, section 16.
 */

/** Side of a square of the grid (meters): finer order than that is of no use to a read. */
const GRID_METERS = 4;

/** Squares a side: 2^22 of 4 m, about 16,777 km around the origin. The position fits a double. */
const ORDER = 22;
const HALF = 2 ** (ORDER - 1);

/** Position along the curve, an integer from 0 below 2^44. Places beyond the grid count as its edge. */
export function hilbertOf(x: number, z: number): number {
  return hilbertCell(gridOf(x), gridOf(z), ORDER);
}

/** Position of a square of a grid of 2^`order` a side, from 0 below 4^`order`. */
export function hilbertCell(column: number, row: number, order: number): number {
  let [x, y] = [column, row];
  let position = 0;
  for (let side = 2 ** (order - 1); side >= 1; side /= 2) {
    const right = (x & side) > 0 ? 1 : 0;
    const up = (y & side) > 0 ? 1 : 0;
    position = position * 4 + ((3 * right) ^ up);
    if (up === 0) {
      // The quarter's own curve is turned, so that it begins where the one before ends.
      if (right === 1) [x, y] = [side - 1 - (x & (side - 1)), side - 1 - (y & (side - 1))];
      [x, y] = [y, x];
    }
    x &= side - 1;
    y &= side - 1;
  }
  return position;
}

function gridOf(meters: number): number {
  return Math.min(2 * HALF - 1, Math.max(0, Math.floor(meters / GRID_METERS) + HALF));
}
