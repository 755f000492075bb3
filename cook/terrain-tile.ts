/**
 * One terrain tile: its part of the grid at its own resolution, as the payload of a mesh in world
 * space. Positions of all tiles of a level lie on one common grid and normals come from the full
 * height field, so that neighbors meet in exactly the same vertices.
 */
import { MeshoptEncoder } from 'meshoptimizer/encoder';
import sharp from 'sharp';
import type { MaterialRecord } from '../src/io/content.ts';
import { type EncodedPayload, encodeMeshoptPart, finish, StreamWriter } from './encode-mesh.ts';
import { type HeightGrid, interpolate } from './heights.ts';
import { defaultMaterial } from './materials.ts';
import { bytesOf, type PackedAttribute, type Quantization } from './quantize.ts';
import { type ColorPyramid, cutColor } from './terrain-color.ts';
import { type TileMesh, tileMesh } from './terrain-mesh.ts';
import { levelCount, tileAddress } from './terrain-tree.ts';
import type { CookedImage } from './textures.ts';

export interface TerrainInput {
  grid: HeightGrid;
  tileCells: number;
  color: ColorPyramid | null;
  /** Per level: largest difference in height within one tile (meters). */
  levelRanges: number[];
}

/** Tiles `[first, end)`; plain data and shared memory, so that it can be sent to a worker. */
export interface TerrainJob {
  kind: 'terrain';
  input: TerrainInput;
  first: number;
  end: number;
}

export interface CookedTile {
  node: number;
  /** Min x, y, z, max x, y, z of the surface (meters). */
  box: [number, number, number, number, number, number];
  /** Largest distance from the finest surface, straight up or down (meters). */
  errorMeters: number;
  payload: EncodedPayload;
}

const GRID = 32767;
const WEBP = { quality: 85, effort: 2 };

/** Ground without a color image. */
const BARE_COLOR: [number, number, number, number] = [0.26, 0.3, 0.18, 1];

export async function cookTiles({ input, first, end }: TerrainJob): Promise<CookedTile[]> {
  const tiles: CookedTile[] = [];
  for (let node = first; node < end; node++) tiles.push(await cookTile(input, node));
  return tiles;
}

interface Placed {
  grid: HeightGrid;
  /** Sample of the north-western corner, and samples from vertex to vertex. */
  column: number;
  row: number;
  stride: number;
  tileCells: number;
}

async function cookTile(input: TerrainInput, node: number): Promise<CookedTile> {
  await MeshoptEncoder.ready;
  const { grid, tileCells } = input;
  const address = tileAddress(node);
  const stride = 2 ** (levelCount(grid.cells, tileCells) - 1 - address.level);
  const samples = stride * tileCells;
  const placed: Placed = {
    grid,
    column: address.column * samples,
    row: address.row * samples,
    stride,
    tileCells,
  };
  const mesh = await tileMesh(tileCells);
  const errorMeters = deviation(placed);
  const box = surfaceBox(placed);
  const color =
    input.color && cutColor(input.color, 2 ** address.level, address.column, address.row);
  const lattice = latticeOf(placed, box, input.levelRanges[address.level]!, errorMeters);
  const packed = packTile(placed, mesh, lattice, color?.side ?? 0);
  const streams = new StreamWriter();
  const [cx, cy, cz] = [0, 1, 2].map((axis) => (box[axis]! + box[axis + 3]!) / 2);
  const radius = Math.hypot(box[3] - cx!, box[4] - cy!, box[5] - cz!) + lattice.skirtMeters;
  const primitive = encodeMeshoptPart(
    {
      material: 0,
      vertexCount: mesh.vertexCount,
      sphere: [cx!, cy!, cz!, radius],
      attributes: packed,
      index: mesh.index,
    },
    streams,
    mesh.indexStream,
  );
  const images: CookedImage[] = [];
  if (color) {
    const { side, rgb } = color;
    const raw = { width: side, height: side, channels: 3 as const };
    const bytes = new Uint8Array(await sharp(rgb, { raw }).webp(WEBP).toBuffer());
    images.push({ bytes, width: side, height: side, colorSpace: 'srgb', mimeType: 'image/webp' });
  }
  const materials = [groundMaterial(color !== null)];
  const payload = finish(
    { materials, images, quantization: lattice.quantization },
    'meshopt',
    [primitive],
    streams,
  );
  return { node, box, errorMeters, payload };
}

function groundMaterial(hasColor: boolean): MaterialRecord {
  const material = { ...defaultMaterial(), name: 'terrain', metallic: 0 };
  if (!hasColor) return { ...material, baseColor: BARE_COLOR };
  const baseColor = { image: 0, uv: 0, wrapS: 'clamp', wrapT: 'clamp' } as const;
  return { ...material, textures: { baseColor } };
}

/** How far this tile's triangles are from the samples they skip. */
function deviation({ grid, column, row, stride, tileCells }: Placed): number {
  if (stride === 1) return 0;
  const side = grid.cells + 1;
  let worst = 0;
  for (let cellRow = 0; cellRow < tileCells; cellRow++)
    for (let cell = 0; cell < tileCells; cell++) {
      const west = column + cell * stride;
      const north = row + cellRow * stride;
      for (let dz = 0; dz <= stride; dz++)
        for (let dx = 0; dx <= stride; dx++) {
          const exact = grid.heights[(north + dz) * side + west + dx]!;
          const coarse = interpolate(grid, west, north, stride, dx / stride, dz / stride);
          worst = Math.max(worst, Math.abs(exact - coarse));
        }
    }
  return worst;
}

function surfaceBox({ grid, column, row, stride, tileCells }: Placed): CookedTile['box'] {
  const samples = stride * tileCells;
  const side = grid.cells + 1;
  let low = Infinity;
  let high = -Infinity;
  for (let z = row; z <= row + samples; z++)
    for (let x = column; x <= column + samples; x++) {
      const height = grid.heights[z * side + x]!;
      low = Math.min(low, height);
      high = Math.max(high, height);
    }
  const x = (sample: number): number => (sample / grid.cells - 0.5) * grid.sizeX;
  const z = (sample: number): number => (sample / grid.cells - 0.5) * grid.sizeZ;
  return [x(column), low, z(row), x(column + samples), high, z(row + samples)];
}

/** @param textureSide pixels, 0 without a texture: texel centers lie on the tile's edges */
function packTile(
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
interface Lattice {
  /** Meters; the same for all tiles of a level, and a whole fraction of their vertex spacing. */
  step: number;
  /** Center of the tile in steps from the world's origin. */
  origin: [number, number, number];
  quantization: Quantization;
  skirtMeters: number;
}

/** @param levelRange largest difference in height within one tile of this level (meters) */
function latticeOf(
  placed: Placed,
  box: CookedTile['box'],
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
