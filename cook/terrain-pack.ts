/** Vertices of a terrain tile as integers, on a grid that all tiles of its level share. */
import type { HeightGrid } from './heights.ts';
import { bytesOf, type PackedAttribute, type Quantization } from './quantize.ts';
import type { TileMesh } from './terrain-mesh.ts';

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
 * The attributes of a tile.
 *
 * @param textureSide pixels, 0 without a texture: texel centers lie on the tile's edges
 */
export function packTile(
  placed: Placed,
  mesh: TileMesh,
  { step, origin, skirtMeters }: Lattice,
  textureSide: number,
): PackedAttribute[] {
  const { grid, column, row, stride } = placed;
  const side = grid.cells + 1;
  const positions = new Int16Array(mesh.vertexCount * 4);
  const normals = new Int8Array(mesh.vertexCount * 4);
  const uvs = new Uint16Array(textureSide > 0 ? mesh.vertexCount * 2 : 0);
  const uvOf = (cell: number): number =>
    ((0.5 + (cell / placed.tileCells) * (textureSide - 1)) / textureSide) * 65535;
  for (let i = 0; i < mesh.vertexCount; i++) {
    const sampleX = column + mesh.columns[i]! * stride;
    const sampleZ = row + mesh.rows[i]! * stride;
    const height = grid.heights[sampleZ * side + sampleX]!;
    const x = (sampleX / grid.cells - 0.5) * grid.sizeX;
    const y = mesh.isSkirt[i] ? height - skirtMeters : height;
    const z = (sampleZ / grid.cells - 0.5) * grid.sizeZ;
    positions[i * 4] = Math.round(x / step) - origin[0];
    positions[i * 4 + 1] = Math.round(y / step) - origin[1];
    positions[i * 4 + 2] = Math.round(z / step) - origin[2];
    writeNormal(grid, sampleX, sampleZ, normals, i * 4);
    if (textureSide === 0) continue;
    uvs[i * 2] = Math.round(uvOf(mesh.columns[i]!));
    uvs[i * 2 + 1] = Math.round(uvOf(mesh.rows[i]!));
  }
  const attributes: PackedAttribute[] = [
    { name: 'position', type: 'i16', itemSize: 4, normalized: false, bytes: bytesOf(positions) },
    { name: 'normal', type: 'i8', itemSize: 4, normalized: true, bytes: bytesOf(normals) },
  ];
  if (textureSide > 0)
    attributes.push({
      name: 'uv',
      type: 'u16',
      itemSize: 2,
      normalized: true,
      bytes: bytesOf(uvs),
    });
  return attributes;
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
function writeNormal(grid: HeightGrid, x: number, z: number, out: Int8Array, to: number): void {
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
  const length = Math.hypot(slopeX, 1, slopeZ);
  out[to] = Math.round((-slopeX / length) * 127);
  out[to + 1] = Math.round((1 / length) * 127);
  out[to + 2] = Math.round((-slopeZ / length) * 127);
}
