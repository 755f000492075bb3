/** The surface of a terrain tile as integers, on a grid that all tiles of its level share. */
import type { HeightGridTile } from '../src/io/codecs/grid.ts';
import type { HeightGrid } from './heights.ts';
import type { Quantization } from './quantize.ts';

/** Min x, y, z, max x, y, z (meters). */
export type TileBox = [number, number, number, number, number, number];

/** A tile in its height field. */
export interface Placed {
  grid: HeightGrid;
  /** Sample of the north-western corner, and samples from vertex to vertex. */
  column: number;
  row: number;
  stride: number;
  tileCells: number;
}

const GRID = 32767;

/**
 * The surface of a tile.
 *
 * @param textureSide pixels, 0 without a texture: texel centers lie on the tile's edges
 */
export function packTile(
  placed: Placed,
  { step, origin }: Lattice,
  textureSide: number,
): HeightGridTile {
  const { grid, column, row, stride, tileCells } = placed;
  const side = tileCells + 1;
  const sampleOf = (first: number, cell: number): number => first + cell * stride;
  const axis = (first: number, size: number, center: number): Int16Array =>
    Int16Array.from({ length: side }, (_, cell) => {
      const meters = (sampleOf(first, cell) / grid.cells - 0.5) * size;
      return Math.round(meters / step) - center;
    });
  const uvOf = (cell: number): number =>
    Math.round(((0.5 + (cell / tileCells) * (textureSide - 1)) / textureSide) * 65535);
  const heights = new Int16Array(side * side);
  const normalsX = new Int8Array(side * side);
  const normalsZ = new Int8Array(side * side);
  for (let i = 0; i < heights.length; i++) {
    const x = sampleOf(column, i % side);
    const z = sampleOf(row, Math.floor(i / side));
    heights[i] = Math.round(grid.heights[z * (grid.cells + 1) + x]! / step) - origin[1];
    const [slopeX, slopeZ] = slopeAt(grid, x, z);
    const length = Math.hypot(slopeX, 1, slopeZ);
    normalsX[i] = Math.round((-slopeX / length) * 127);
    normalsZ[i] = Math.round((-slopeZ / length) * 127);
  }
  return {
    cells: tileCells,
    columns: axis(column, grid.sizeX, origin[0]),
    rows: axis(row, grid.sizeZ, origin[2]),
    uvs: textureSide > 0 ? Uint16Array.from({ length: side }, (_, cell) => uvOf(cell)) : null,
    heights,
    normalsX,
    normalsZ,
  };
}

/** The integer grid of a tile's positions. */
export interface Lattice {
  /** Meters; the same for all tiles of a level, and a whole fraction of their vertex spacing. */
  step: number;
  /** Center of the tile in steps from the world's origin. */
  origin: [number, number, number];
  quantization: Quantization;
  skirtMeters: number;
}

/**
 * The grid of a tile, shared by its level.
 *
 * @param levelRange largest difference in height within one tile of this level (meters)
 */
export function latticeOf(
  placed: Placed,
  box: TileBox,
  levelRange: number,
  errorMeters: number,
): Lattice {
  const { grid, stride, tileCells } = placed;
  const spacing = (grid.sizeX / grid.cells) * stride;
  const half = (Math.max(grid.sizeX, grid.sizeZ) / grid.cells) * stride * tileCells * 0.5;
  // Neighbors may be coarser by a level or two, each about four times as far off.
  const skirtMeters = Math.min(half, Math.max(errorMeters * 4, spacing * 2));
  const reach = Math.max(half, (levelRange + half) / 2);
  const step = spacing / 2 ** Math.floor(Math.log2(((GRID - 2) * spacing) / reach));
  const origin: [number, number, number] = [
    Math.round((box[0] + box[3]) / 2 / step),
    Math.round((box[1] - skirtMeters + box[4]) / 2 / step),
    Math.round((box[2] + box[5]) / 2 / step),
  ];
  const offset: [number, number, number] = [origin[0] * step, origin[1] * step, origin[2] * step];
  return { step, origin, quantization: { scale: step * GRID, offset }, skirtMeters };
}

/** Central differences over the finest samples, one-sided at the edge of the world. */
function slopeAt(grid: HeightGrid, x: number, z: number): [number, number] {
  const { heights, cells } = grid;
  const side = cells + 1;
  const west = Math.max(0, x - 1);
  const east = Math.min(cells, x + 1);
  const north = Math.max(0, z - 1);
  const south = Math.min(cells, z + 1);
  const slopeX =
    (heights[z * side + east]! - heights[z * side + west]!) /
    (((east - west) * grid.sizeX) / cells);
  const slopeZ =
    (heights[south * side + x]! - heights[north * side + x]!) /
    (((south - north) * grid.sizeZ) / cells);
  return [slopeX, slopeZ];
}
