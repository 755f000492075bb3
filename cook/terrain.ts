/** Plans the terrain: loads heights and color, cuts the work into jobs, joins what they made. */
import { NO_CHILD } from '../src/io/bundle/format.ts';
import type { TextureCodec } from './encode-image.ts';
import type { HeightGrid } from './heights.ts';
import { type HeightOptions, loadHeights } from './load-heights.ts';
import type { EncodedPayload } from './mesh-content.ts';
import { loadColor } from './terrain-color.ts';
import type { CookedTile, TerrainInput, TerrainJob } from './terrain-tile.ts';
import { firstChild, levelCount, levelStart } from './terrain-tree.ts';

export interface TerrainOptions extends HeightOptions {
  heightmap: string;
  /** Color image over the same square, or null. */
  color: string | null;
  /** What the color is packed as. */
  textures: TextureCodec;
}

/** Columns of the catalog, one row per tile, and its payloads in the same order. */
export interface CookedTerrain {
  grid: HeightGrid;
  levels: number;
  boxes: Float32Array;
  errors: Float32Array;
  children: Uint32Array;
  payloads: EncodedPayload[];
}

/** Tiles that one job cooks: large enough to pay for the message, small enough to spread. */
const TILES_PER_JOB = 24;

/** Errors are above 0 even where the finest tile is exact (meters). */
const LEAST_ERROR_METERS = 1e-3;

export async function loadTerrain(options: TerrainOptions): Promise<TerrainInput> {
  const grid = await loadHeights(options.heightmap, options);
  const color = options.color === null ? null : await loadColor(options.color);
  return {
    grid,
    tileCells: options.tileCells,
    color,
    textures: options.textures,
    levelRanges: measureRanges(grid, options.tileCells),
  };
}

/** The work, coarse tiles first. */
export function terrainJobs(
  input: TerrainInput,
  packing: Pick<TerrainJob, 'compression' | 'mbps'>,
): TerrainJob[] {
  const count = levelStart(levelCount(input.grid.cells, input.tileCells));
  const jobs: TerrainJob[] = [];
  for (let first = 0; first < count; ) {
    // The few tiles of the first levels scan the whole field each: one job apiece.
    const end = first < levelStart(3) ? first + 1 : Math.min(count, first + TILES_PER_JOB);
    jobs.push({ kind: 'terrain', input, first, end, ...packing });
    first = end;
  }
  return jobs;
}

/** @param tiles of all jobs, in order of their nodes */
export function joinTerrain(input: TerrainInput, tiles: readonly CookedTile[]): CookedTerrain {
  const levels = levelCount(input.grid.cells, input.tileCells);
  const leaves = levelStart(levels - 1);
  const errors = new Float64Array(tiles.length);
  const children = new Uint32Array(tiles.length).fill(NO_CHILD);
  const boxes = new Float32Array(tiles.length * 6);
  for (let node = tiles.length - 1; node >= 0; node--) {
    const tile = tiles[node]!;
    boxes.set(tile.box, node * 6);
    errors[node] = Math.max(tile.errorMeters, LEAST_ERROR_METERS);
    if (node >= leaves) continue;
    children[node] = firstChild(node);
    for (let child = firstChild(node); child < firstChild(node) + 4; child++)
      errors[node] = Math.max(errors[node]!, errors[child]!);
  }
  return {
    grid: input.grid,
    levels,
    boxes,
    errors: Float32Array.from(errors),
    children,
    payloads: tiles.map((tile) => tile.payload),
  };
}

/** Per level: the largest difference in height within one tile. */
function measureRanges({ cells, heights }: HeightGrid, tileCells: number): number[] {
  const ranges: number[] = [];
  const side = cells + 1;
  let count = cells / tileCells;
  let lows = new Float32Array(count * count).fill(Infinity);
  let highs = new Float32Array(count * count).fill(-Infinity);
  for (let tile = 0; tile < count * count; tile++) {
    const west = (tile % count) * tileCells;
    const north = Math.floor(tile / count) * tileCells;
    for (let z = north; z <= north + tileCells; z++)
      for (let x = west; x <= west + tileCells; x++) {
        const height = heights[z * side + x]!;
        lows[tile] = Math.min(lows[tile]!, height);
        highs[tile] = Math.max(highs[tile]!, height);
      }
  }
  for (;;) {
    ranges.unshift(lows.reduce((most, low, tile) => Math.max(most, highs[tile]! - low), 0));
    if (count === 1) return ranges;
    const half = count / 2;
    const merge = (
      from: Float32Array,
      pick: (...values: number[]) => number,
    ): Float32Array<ArrayBuffer> =>
      Float32Array.from({ length: half * half }, (_, tile) => {
        const at = Math.floor(tile / half) * 2 * count + (tile % half) * 2;
        return pick(from[at]!, from[at + 1]!, from[at + count]!, from[at + count + 1]!);
      });
    lows = merge(lows, Math.min);
    highs = merge(highs, Math.max);
    count = half;
  }
}
