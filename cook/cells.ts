/**
 * Sorts placements into cells: boxes small enough that what is inside is about equally far from the
 * eye, large enough that a frame looks at thousands of them, not at millions of placements. Levels,
 * data layers and proxies never share a cell. Within a cell placements are sorted by asset, one run each.
 *
 * Based on: Morton. A computer oriented geodetic data base. 1966 (the order of the cells).
 */
export interface CellOptions {
  /** A cell with more placements is split. */
  maxPlacements: number;
  /** Cells do not get smaller than this (meters). */
  minSize: number;
}

export const CELL_DEFAULTS: CellOptions = { maxPlacements: 96, minSize: 16 };

export interface CellInput {
  /** x, y, z per placement. */
  positions: ArrayLike<number>;
  assets: ArrayLike<number>;
  /** `NO_LEVEL` or a level's index. */
  levels: Uint16Array;
  /** `NO_LAYER` or a packed layer. */
  layers: Uint16Array;
  /** `NO_LEVEL` or the level that the placement stands in for. */
  proxies: Uint16Array;
}

export interface SortedCells {
  /** Placements in their new order. */
  order: Uint32Array;
  cellLevels: Uint16Array;
  cellLayers: Uint16Array;
  cellProxies: Uint16Array;
  /** First run of each cell, and one past the last. */
  cellRuns: Uint32Array;
  runAssets: Uint32Array;
  /** First placement of each run, in the new order, and one past the last. */
  runSlots: Uint32Array;
}

export function sortIntoCells(input: CellInput, options: CellOptions = CELL_DEFAULTS): SortedCells {
  const order: number[] = [];
  const cellLevels: number[] = [];
  const cellLayers: number[] = [];
  const cellProxies: number[] = [];
  const cellRuns: number[] = [0];
  const runAssets: number[] = [];
  const runSlots: number[] = [];
  for (const group of groupsOf(input)) {
    const first = group[0]!;
    const addCell = (members: readonly number[]): void => {
      // Array sort is stable: placements of one asset keep the order of their file.
      const sorted = [...members].sort((a, b) => input.assets[a]! - input.assets[b]!);
      let last = -1;
      for (const i of sorted) {
        if (input.assets[i] !== last) {
          last = input.assets[i]!;
          runAssets.push(last);
          runSlots.push(order.length);
        }
        order.push(i);
      }
      cellLevels.push(input.levels[first]!);
      cellLayers.push(input.layers[first]!);
      cellProxies.push(input.proxies[first]!);
      cellRuns.push(runAssets.length);
    };
    split(input.positions, group, rootOf(input.positions, group), options, addCell);
  }
  runSlots.push(order.length);
  return {
    order: Uint32Array.from(order),
    cellLevels: Uint16Array.from(cellLevels),
    cellLayers: Uint16Array.from(cellLayers),
    cellProxies: Uint16Array.from(cellProxies),
    cellRuns: Uint32Array.from(cellRuns),
    runAssets: Uint32Array.from(runAssets),
    runSlots: Uint32Array.from(runSlots),
  };
}

/** Placements that may share a cell, in the order of the catalog: none comes first. */
function groupsOf({ levels, layers, proxies }: CellInput): number[][] {
  const groups = new Map<number, number[]>();
  const rank = (value: number): number => (value + 1) & 0xffff;
  for (let i = 0; i < levels.length; i++) {
    const key = (rank(levels[i]!) * 0x10000 + rank(layers[i]!)) * 0x10000 + rank(proxies[i]!);
    const group = groups.get(key);
    if (group) group.push(i);
    else groups.set(key, [i]);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

interface Cube {
  x: number;
  y: number;
  z: number;
  size: number;
}

function rootOf(positions: ArrayLike<number>, members: readonly number[]): Cube {
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  for (const i of members)
    for (let c = 0; c < 3; c++) {
      min[c] = Math.min(min[c]!, positions[i * 3 + c]!);
      max[c] = Math.max(max[c]!, positions[i * 3 + c]!);
    }
  const size = Math.max(1, max[0]! - min[0]!, max[1]! - min[1]!, max[2]! - min[2]!);
  return { x: min[0]!, y: min[1]!, z: min[2]!, size };
}

/** Calls `addCell` for every leaf of the octree over `members`, in Morton order. */
function split(
  positions: ArrayLike<number>,
  members: readonly number[],
  cube: Cube,
  options: CellOptions,
  addCell: (members: readonly number[]) => void,
): void {
  const half = cube.size / 2;
  if (members.length <= options.maxPlacements || half < options.minSize) {
    addCell(members);
    return;
  }
  const octants: number[][] = Array.from({ length: 8 }, () => []);
  for (const i of members) {
    const x = positions[i * 3]! >= cube.x + half ? 1 : 0;
    const z = positions[i * 3 + 2]! >= cube.z + half ? 2 : 0;
    const y = positions[i * 3 + 1]! >= cube.y + half ? 4 : 0;
    octants[x | y | z]!.push(i);
  }
  octants.forEach((octant, code) => {
    if (octant.length === 0) return;
    const child = {
      x: cube.x + (code & 1 ? half : 0),
      y: cube.y + (code & 4 ? half : 0),
      z: cube.z + (code & 2 ? half : 0),
      size: half,
    };
    split(positions, octant, child, options, addCell);
  });
}
