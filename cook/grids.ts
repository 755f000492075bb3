/** Grids: the open world cut into squares, each a level that is loaded by distance. */
import { NO_GRID, NO_LEVEL } from '../src/io/bundle/format.ts';
import { CookError } from './errors.ts';
import { hilbertCell } from './hilbert.ts';
import type { LevelShape } from './levels.ts';

/** A grid over the open world; what stands in a named level is not in it. */
export interface GridOptions {
  /** Its squares are levels called `<name>/<x>_<z>`. */
  name: string;
  /** Of a square (meters). */
  edge: number;
  /** Horizontal distance from a viewpoint to a square at which it is loaded (meters). */
  range: number;
  /**
   * A data layer (`winter`, or `!winter` for what is there while it is off): only its placements are
   * in the grid. Without it all are that no other grid takes.
   */
  layer?: string;
  /** Stand-ins for squares that are not loaded (default: as the cook's `proxies`). */
  proxies?: boolean;
}

/** Squares are counted in 16 bits from the origin. */
const MOST_SQUARES = 32_767;

/** `land=256:900` or `snow=256:900:winter`. Throws `CookError` that says what was expected. */
export function parseGridOption(text: string): GridOptions {
  const match = /^([^=]+)=([^:]+):([^:]+)(?::(.+))?$/.exec(text);
  if (!match)
    throw new CookError(
      `--grid ${text}: expected NAME=EDGE:RANGE or NAME=EDGE:RANGE:LAYER, e.g. land=256:900`,
    );
  const [, name, edge, range, layer] = match;
  return {
    name: name!,
    edge: Number(edge),
    range: Number(range),
    ...(layer !== undefined && { layer }),
  };
}

/** Throws `CookError` naming the grid, what was seen and what was expected. */
export function checkGrids(grids: readonly GridOptions[], levels: readonly LevelShape[]): void {
  const names = new Set<string>();
  const layers = new Map<string, string>();
  for (const { name, edge, range, layer = '' } of grids) {
    if (typeof name !== 'string' || name === '' || name.includes('/') || name.includes('~'))
      throw new CookError(`grid "${name}": expected a name without / and ~`);
    if (names.has(name)) throw new CookError(`grid "${name}" is there twice; rename one`);
    names.add(name);
    for (const [what, meters] of [
      ['edge', edge],
      ['range', range],
    ] as const)
      if (!(typeof meters === 'number' && meters > 0 && Number.isFinite(meters)))
        throw new CookError(`grid "${name}": ${what} is ${meters}, expected meters above 0`);
    const level = levels.find((one) => one.name === name || one.name.startsWith(`${name}/`));
    if (level)
      throw new CookError(
        `grid "${name}" and level "${level.name}" would have levels of one name; rename one`,
      );
    const other = layers.get(layer);
    if (other !== undefined)
      throw new CookError(
        `grids "${other}" and "${name}" both take ` +
          `${layer === '' ? 'what is of no other grid' : `layer "${layer}"`}; ` +
          'leave one out, or give it another layer',
      );
    layers.set(layer, name);
  }
}

/** What a grid takes: packed layer, or null for whatever no other grid takes. */
export interface PackedGrid extends GridOptions {
  packedLayer: number | null;
}

export interface GridInput {
  grids: readonly PackedGrid[];
  positions: Float32Array;
  layers: Uint16Array;
  /** Level of each placement; those of the open world get that of their square. */
  levels: Uint16Array;
  /** Names of all levels; squares are added. */
  levelNames: string[];
}

/** Grid and square of each level, as in the catalog. */
export interface Squares {
  levelGrids: Uint16Array;
  levelSquares: Int16Array;
}

/** Makes a level of every square in which something stands, along Hilbert's curve. */
export function cutIntoSquares({
  grids,
  positions,
  layers,
  levels,
  levelNames,
}: GridInput): Squares {
  const named = levelNames.length;
  const found: { grid: number; x: number; z: number; rows: number[] }[] = [];
  grids.forEach(({ name, edge }, grid) => {
    const squares = new Map<number, number[]>();
    for (let i = 0; i < levels.length; i++) {
      if (levels[i] !== NO_LEVEL || gridOf(grids, layers[i]!) !== grid) continue;
      const [x, z] = [
        Math.floor(positions[i * 3]! / edge),
        Math.floor(positions[i * 3 + 2]! / edge),
      ];
      if (Math.max(Math.abs(x), Math.abs(z)) > MOST_SQUARES)
        throw new CookError(
          `grid "${name}": placement ${i} is ${Math.max(Math.abs(x), Math.abs(z))} squares from the ` +
            `origin, expected at most ${MOST_SQUARES}; make the edge longer (it is ${edge} m)`,
        );
      const key = (x + 0x8000) * 0x10000 + z + 0x8000;
      const rows = squares.get(key);
      if (rows) rows.push(i);
      else squares.set(key, [i]);
    }
    const curve = (key: number): number =>
      hilbertCell(Math.floor(key / 0x10000), key % 0x10000, 16);
    for (const key of [...squares.keys()].sort((a, b) => curve(a) - curve(b))) {
      const [x, z] = [Math.floor(key / 0x10000) - 0x8000, (key % 0x10000) - 0x8000];
      found.push({ grid, x, z, rows: squares.get(key)! });
    }
  });
  const count = named + found.length;
  if (count >= NO_LEVEL)
    throw new CookError(
      `the grids make ${found.length} squares, with ${named} named levels more than ${NO_LEVEL - 1}; ` +
        'make edges longer',
    );
  const levelGrids = new Uint16Array(count).fill(NO_GRID);
  const levelSquares = new Int16Array(count * 2);
  for (const { grid, x, z, rows } of found) {
    const level = levelNames.push(`${grids[grid]!.name}/${x}_${z}`) - 1;
    levelGrids[level] = grid;
    levelSquares.set([x, z], level * 2);
    for (const row of rows) levels[row] = level;
  }
  return { levelGrids, levelSquares };
}

/** The grid that takes placements of a layer, -1 for none. */
function gridOf(grids: readonly PackedGrid[], layer: number): number {
  const own = grids.findIndex(({ packedLayer }) => packedLayer === layer);
  return own >= 0 ? own : grids.findIndex(({ packedLayer }) => packedLayer === null);
}
