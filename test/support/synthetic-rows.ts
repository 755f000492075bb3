/**
 * The placements of a synthetic world as columns, sorted into cells and runs by counting: millions
 * of them in seconds, without an object each.
 */
import type { Random } from '../../src/base/random.ts';
import { NO_LAYER, NO_LEVEL } from '../../src/io/bundle/format.ts';

/** Fills in where each placement stands (meters). */
export type Scatter = (random: Random, xs: Float64Array, zs: Float64Array) => void;

/** One entry a placement; positions and scales in double precision, meters. */
export interface Rows {
  xs: Float64Array;
  ys: Float64Array;
  zs: Float64Array;
  scales: Float64Array;
  assets: Uint16Array;
  levels: Uint16Array;
  /** As `cellLayers` and `cellProxies` of a catalog. */
  layers: Uint16Array;
  proxies: Uint16Array;
}

/** Where a placement belongs, beside its place; what is left out is none. Numbers as in the catalog. */
export interface Belonging {
  level?: number;
  layer?: number;
  standsFor?: number;
  /** Default: by chance. */
  asset?: number;
}

export interface RowOptions {
  placements: number;
  assets: number;
  extentMeters: number;
  levels: readonly { center: readonly [number, number, number]; radius: number }[];
  scatter?: Scatter | undefined;
  assetAt?: ((x: number, asset: number) => number) | undefined;
  /** Instead of the levels' radii. */
  belongs?: ((row: number, x: number, z: number) => Belonging) | undefined;
}

export function makeRows(random: Random, options: RowOptions): Rows {
  const { placements, assets, extentMeters, scatter, belongs } = options;
  const rows: Rows = {
    xs: new Float64Array(placements),
    ys: new Float64Array(placements),
    zs: new Float64Array(placements),
    scales: new Float64Array(placements),
    assets: new Uint16Array(placements),
    levels: new Uint16Array(placements),
    layers: new Uint16Array(placements).fill(NO_LAYER),
    proxies: new Uint16Array(placements).fill(NO_LEVEL),
  };
  scatter?.(random, rows.xs, rows.zs);
  for (let row = 0; row < placements; row++) {
    if (!scatter) {
      rows.xs[row] = (random() - 0.5) * extentMeters;
      rows.zs[row] = (random() - 0.5) * extentMeters;
    }
    rows.ys[row] = random() * 4;
    const own = belongs?.(row, rows.xs[row]!, rows.zs[row]!);
    rows.levels[row] = own
      ? (own.level ?? NO_LEVEL)
      : levelAt(options.levels, rows.xs[row]!, rows.zs[row]!);
    rows.layers[row] = own?.layer ?? NO_LAYER;
    rows.proxies[row] = own?.standsFor ?? NO_LEVEL;
    rows.assets[row] = Math.min(assets - 1, Math.floor(random() ** 2 * assets));
    if (options.assetAt) rows.assets[row] = options.assetAt(rows.xs[row]!, rows.assets[row]!);
    if (own?.asset !== undefined) rows.assets[row] = own.asset;
    rows.scales[row] = 0.7 + random();
  }
  return rows;
}

function levelAt(levels: RowOptions['levels'], x: number, z: number): number {
  for (let i = 0; i < levels.length; i++) {
    const { center, radius } = levels[i]!;
    if (Math.hypot(center[0] - x, center[2] - z) < radius) return i;
  }
  return NO_LEVEL;
}

/** The cells and runs of a catalog, and the order of the rows (row of each slot) they imply. */
export interface CellColumns {
  boxes: Float32Array;
  levels: Uint16Array;
  layers: Uint16Array;
  proxies: Uint16Array;
  cellRuns: Uint32Array;
  runAssets: Uint32Array;
  runSlots: Uint32Array;
  runScales: Float32Array;
  order: Uint32Array;
}

/** Sorts rows by level, cell and asset, and finds the cells and runs that follow. */
export function gatherCells(rows: Rows, radii: readonly number[], cellMeters: number): CellColumns {
  const { keys, keyCount } = cellKeys(rows, cellMeters);
  const byAsset = countingSort(rows.assets, radii.length, identity(keys.length));
  const order = countingSort(keys, keyCount, byAsset);
  const { cells, runs } = countGroups(rows, keys, order);
  const out: CellColumns = {
    boxes: new Float32Array(cells * 6),
    levels: new Uint16Array(cells),
    layers: new Uint16Array(cells),
    proxies: new Uint16Array(cells),
    cellRuns: new Uint32Array(cells + 1),
    runAssets: new Uint32Array(runs),
    runSlots: new Uint32Array(runs + 1),
    runScales: new Float32Array(runs),
    order,
  };
  let cell = -1;
  let run = -1;
  for (let slot = 0; slot < order.length; slot++) {
    const row = order[slot]!;
    const isFirst = slot === 0 || keys[row] !== keys[order[slot - 1]!];
    if (isFirst) {
      cell++;
      out.boxes.set([Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity], cell * 6);
      out.levels[cell] = rows.levels[row]!;
      out.layers[cell] = rows.layers[row]!;
      out.proxies[cell] = rows.proxies[row]!;
      out.cellRuns[cell] = run + 1;
    }
    if (isFirst || rows.assets[row] !== rows.assets[order[slot - 1]!]) {
      run++;
      out.runAssets[run] = rows.assets[row]!;
      out.runSlots[run] = slot;
    }
    out.runScales[run] = Math.max(out.runScales[run]!, rows.scales[row]!);
    growBox(out.boxes, cell * 6, rows, row, radii[rows.assets[row]!]! * rows.scales[row]!);
  }
  out.cellRuns[cells] = runs;
  out.runSlots[runs] = order.length;
  return out;
}

function identity(count: number): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  return order;
}

/** A number for each row that orders rows by where they belong, then cell along x, then z. */
function cellKeys(rows: Rows, cellMeters: number): { keys: Uint32Array; keyCount: number } {
  const { xs, zs } = rows;
  const { groups, groupCount } = groupRows(rows);
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (let row = 0; row < xs.length; row++) {
    low[0] = Math.min(low[0]!, xs[row]!);
    high[0] = Math.max(high[0]!, xs[row]!);
    low[1] = Math.min(low[1]!, zs[row]!);
    high[1] = Math.max(high[1]!, zs[row]!);
  }
  if (xs.length === 0) return { keys: new Uint32Array(0), keyCount: 0 };
  const firstX = Math.floor(low[0]! / cellMeters);
  const firstZ = Math.floor(low[1]! / cellMeters);
  const width = Math.floor(high[0]! / cellMeters) - firstX + 1;
  const depth = Math.floor(high[1]! / cellMeters) - firstZ + 1;
  const keys = new Uint32Array(xs.length);
  for (let row = 0; row < keys.length; row++) {
    const x = Math.floor(xs[row]! / cellMeters) - firstX;
    keys[row] = (groups[row]! * width + x) * depth + Math.floor(zs[row]! / cellMeters) - firstZ;
  }
  return { keys, keyCount: groupCount * width * depth };
}

/** Rows that may share a cell, numbered in the order of the format: by level, layer, level stood in for. */
function groupRows({ levels, layers, proxies }: Rows) {
  const keys = Float64Array.from(
    levels,
    (level, row) =>
      (((level + 1) & 0xffff) * 0x10000 + ((layers[row]! + 1) & 0xffff)) * 0x10000 +
      ((proxies[row]! + 1) & 0xffff),
  );
  const found = new Map([...new Set(keys)].sort((a, b) => a - b).map((key, i) => [key, i]));
  return { groups: Uint32Array.from(keys, (key) => found.get(key)!), groupCount: found.size };
}

/** `order` sorted by the key of each row; rows of equal keys keep their order. */
function countingSort(keys: ArrayLike<number>, keyCount: number, order: Uint32Array): Uint32Array {
  const ends = new Uint32Array(keyCount + 1);
  for (let row = 0; row < keys.length; row++) ends[keys[row]! + 1]!++;
  for (let key = 0; key < keyCount; key++) ends[key + 1]! += ends[key]!;
  const sorted = new Uint32Array(order.length);
  for (const row of order) sorted[ends[keys[row]!]!++] = row;
  return sorted;
}

function countGroups(rows: Rows, keys: Uint32Array, order: Uint32Array) {
  let cells = 0;
  let runs = 0;
  for (let slot = 0; slot < order.length; slot++) {
    const row = order[slot]!;
    const before = order[slot - 1];
    const isFirst = before === undefined || keys[row] !== keys[before];
    if (isFirst) cells++;
    if (isFirst || rows.assets[row] !== rows.assets[before]) runs++;
  }
  return { cells, runs };
}

function growBox(boxes: Float32Array, at: number, rows: Rows, row: number, reach: number): void {
  const { xs, ys, zs } = rows;
  boxes[at] = Math.min(boxes[at]!, xs[row]! - reach);
  boxes[at + 1] = Math.min(boxes[at + 1]!, ys[row]! - reach);
  boxes[at + 2] = Math.min(boxes[at + 2]!, zs[row]! - reach);
  boxes[at + 3] = Math.max(boxes[at + 3]!, xs[row]! + reach);
  boxes[at + 4] = Math.max(boxes[at + 4]!, ys[row]! + reach);
  boxes[at + 5] = Math.max(boxes[at + 5]!, zs[row]! + reach);
}

/** Transforms of the slots: rows in order. Nothing is turned. */
export function slotColumns(
  rows: Rows,
  order: Uint32Array,
): { positions: Float32Array; rotations: Int16Array; scales: Float32Array } {
  const positions = new Float32Array(order.length * 3);
  const rotations = new Int16Array(order.length * 4);
  const scales = new Float32Array(order.length);
  for (let slot = 0; slot < order.length; slot++) {
    const row = order[slot]!;
    positions[slot * 3] = rows.xs[row]!;
    positions[slot * 3 + 1] = rows.ys[row]!;
    positions[slot * 3 + 2] = rows.zs[row]!;
    rotations[slot * 4 + 3] = 32767;
    scales[slot] = rows.scales[row]!;
  }
  return { positions, rotations, scales };
}
