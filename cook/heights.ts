/** A height field in memory, and the height of its triangles anywhere. */

/** A square grid of `cells + 1` samples a side, y in meters. */
export interface HeightGrid {
  /** Intervals a side: the tile's cells times a power of two. */
  cells: number;
  /** World size along x and z (meters); the grid is centered on the origin. */
  sizeX: number;
  sizeZ: number;
  /** `(cells + 1)²` heights, row by row, shared between threads. */
  heights: Float32Array;
}

/**
 * Height of the finest triangles at a point (meters); points off the grid take its edge. Each cell
 * is cut from its north-eastern to its south-western corner.
 */
export function heightAt(grid: HeightGrid, x: number, z: number): number {
  const u = Math.min(1, Math.max(0, x / grid.sizeX + 0.5)) * grid.cells;
  const v = Math.min(1, Math.max(0, z / grid.sizeZ + 0.5)) * grid.cells;
  const column = Math.min(grid.cells - 1, Math.floor(u));
  const row = Math.min(grid.cells - 1, Math.floor(v));
  return interpolate(grid, column, row, 1, u - column, v - row);
}

/** Height within the cell of `stride` samples whose north-western corner is (column, row). */
export function interpolate(
  { heights, cells }: HeightGrid,
  column: number,
  row: number,
  stride: number,
  fx: number,
  fz: number,
): number {
  const side = cells + 1;
  const at = row * side + column;
  const ne = heights[at + stride]!;
  const sw = heights[at + stride * side]!;
  if (fx + fz <= 1) {
    const nw = heights[at]!;
    return nw + fx * (ne - nw) + fz * (sw - nw);
  }
  const se = heights[at + stride * side + stride]!;
  return se + (1 - fx) * (sw - se) + (1 - fz) * (ne - se);
}
