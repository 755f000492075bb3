/**
 * One terrain tile: its part of the grid at its own resolution, as the payload of a mesh in world
 * space. Positions of all tiles of a level lie on one common grid and normals come from the full
 * height field, so that neighbors meet in exactly the same vertices.
 */
import type { PackBlock } from '../src/io/bundle/write-payload.ts';
import type { MaterialRecord } from '../src/io/content.ts';
import { type Compression, createPacker } from './compress.ts';
import { encodeGridPart } from './encode-grid.ts';
import { type CookedImage, encodeImage, type TextureCodec } from './encode-image.ts';
import { type HeightGrid, interpolate } from './heights.ts';
import { defaultMaterial } from './materials.ts';
import { type EncodedPayload, finish, StreamWriter } from './mesh-content.ts';
import { withAlpha } from './pixels.ts';
import { type ColorPyramid, cutColor } from './terrain-color.ts';
import { latticeOf, type Placed, packTile, type TileBox } from './terrain-pack.ts';
import { levelCount, tileAddress } from './terrain-tree.ts';

export interface TerrainInput {
  grid: HeightGrid;
  tileCells: number;
  color: ColorPyramid | null;
  textures: TextureCodec;
  /** Per level: largest difference in height within one tile (meters). */
  levelRanges: number[];
}

/** Tiles `[first, end)`; plain data and shared memory, so that it can be sent to a worker. */
export interface TerrainJob {
  kind: 'terrain';
  input: TerrainInput;
  first: number;
  end: number;
  compression: Compression;
  /** The link that `compression: 'auto'` chooses for. */
  mbps: number;
}

export interface CookedTile {
  node: number;
  /** Around the surface, without its skirt. */
  box: TileBox;
  /** Largest distance from the finest surface, straight up or down (meters). */
  errorMeters: number;
  payload: EncodedPayload;
}

/** Ground without a color image. */
const BARE_COLOR: [number, number, number, number] = [0.26, 0.3, 0.18, 1];

export async function cookTiles(job: TerrainJob): Promise<CookedTile[]> {
  const pack = await createPacker(job.compression, job.mbps);
  const tiles: CookedTile[] = [];
  for (let node = job.first; node < job.end; node++)
    tiles.push(await cookTile(job.input, node, pack));
  return tiles;
}

async function cookTile(input: TerrainInput, node: number, pack: PackBlock): Promise<CookedTile> {
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
  const errorMeters = deviation(placed);
  const box = surfaceBox(placed);
  const color =
    input.color && cutColor(input.color, 2 ** address.level, address.column, address.row);
  const lattice = latticeOf(placed, box, input.levelRanges[address.level]!, errorMeters);
  const packed = packTile(placed, lattice, color?.side ?? 0);
  const streams = new StreamWriter();
  const [cx, cy, cz] = [0, 1, 2].map((axis) => (box[axis]! + box[axis + 3]!) / 2);
  const radius = Math.hypot(box[3] - cx!, box[4] - cy!, box[5] - cz!) + lattice.skirtMeters;
  const sphere: [number, number, number, number] = [cx!, cy!, cz!, radius];
  const drop = Math.round(lattice.skirtMeters / lattice.step);
  const primitive = encodeGridPart(packed, { sphere, drop }, streams);
  const images: CookedImage[] = [];
  if (color) {
    const { side, rgb } = color;
    const pixels = { width: side, height: side, data: withAlpha(rgb) };
    // Neighbors share the texels of their border: only UASTC keeps both sides alike.
    images.push(
      await encodeImage(pixels, 'color', { codec: input.textures, quality: 'high' }, false),
    );
  }
  const materials = [groundMaterial(color !== null)];
  const payload = finish(
    { materials, images, quantization: lattice.quantization, pack },
    'grid',
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

function surfaceBox({ grid, column, row, stride, tileCells }: Placed): TileBox {
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
