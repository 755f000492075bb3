/**
 * Which levels get a proxy, what goes into each, and where it stands: in the open world, in cells of
 * its own that are shown while the level is not. What is of different data layers comes and goes by
 * itself, so it gets proxies of its own, too.
 */
import { NO_GRID, NO_LAYER, NO_LEVEL } from '../src/io/bundle/format.ts';
import { GRID_STEPS_PER_METER } from '../src/io/bundle/slice-layout.ts';
import type { CookedModel } from './cook-model.ts';
import type { ProxyJob } from './cook-proxy.ts';
import type { GridOptions } from './grids.ts';
import { layerText } from './layers.ts';
import type { LevelShape } from './levels.ts';
import type { PlacedColumns } from './place.ts';
import type { ProxyPiece } from './proxy-piece.ts';
import { toleratedError } from './proxy-tolerance.ts';
import type { NamedPlacements } from './table.ts';

/** From where the proxy of a named level is seen unless it says so: the load distance of volumes. */
const LEVEL_DISTANCE_METERS = 200;

/** What decides which proxies there are. */
export interface ProxyWishes {
  levels: readonly LevelShape[];
  grids: readonly GridOptions[];
  /** False: none at all. */
  proxies: boolean;
}

/** One proxy, before it is made. */
export interface ProxyPlan {
  name: string;
  level: number;
  /** Packed data layer of all that is in it. */
  layer: number;
  distanceMeters: number;
  /** Where its model's origin is (meters). */
  origin: [number, number, number];
  /** Placements that it stands in for. */
  rows: number[];
}

/** A proxy that was made. */
export interface MadeProxy extends ProxyPlan {
  model: CookedModel;
  /** Placements that are in it; the others are too small to be seen. */
  kept: number;
}

/** All distances (meters) from which proxies are seen first, each once, rising. */
export function proxyDistances({ levels, grids, proxies }: ProxyWishes): number[] {
  if (!proxies) return [];
  const distances = [
    ...levels.map((level) => distanceOfShape(level)),
    ...grids.map((grid) => (grid.proxies === false ? null : grid.range)),
  ].filter((distance) => distance !== null);
  return [...new Set(distances)].sort((a, b) => a - b);
}

function distanceOfShape({ proxy }: LevelShape): number | null {
  if (typeof proxy === 'number') return proxy;
  return proxy ? LEVEL_DISTANCE_METERS : null;
}

/**
 * What the proxies of each distance tolerate of each asset, at scale 1 (meters): less where it is
 * placed enlarged. Nothing for what is not placed.
 */
export function pieceErrors(
  assetNames: readonly string[],
  placements: NamedPlacements | null,
  distances: readonly number[],
): Map<string, number[]> {
  const largest = new Map<string, number>();
  if (placements) {
    const { assetNames: names, assets, scales } = placements.table;
    assets.forEach((asset, i) => {
      const name = names[asset] ?? '';
      largest.set(name, Math.max(largest.get(name) ?? 0, scales[i]!));
    });
  } else for (const name of assetNames) largest.set(name, 1);
  return new Map(
    [...largest].map(([name, scale]) => [
      name,
      distances.map((meters) => toleratedError(meters) / (scale > 0 ? scale : 1)),
    ]),
  );
}

/** Every proxy of the world, by level, then by layer (none first). */
export function planProxies(placed: PlacedColumns, wishes: ProxyWishes): ProxyPlan[] {
  const distances = placed.levelNames.map((_, level) => distanceOfLevel(placed, wishes, level));
  const groups = new Map<number, number[]>();
  for (let row = 0; row < placed.levels.length; row++) {
    const level = placed.levels[row]!;
    if (level === NO_LEVEL || distances[level] === null) continue;
    const key = level * 0x10000 + ((placed.layers[row]! + 1) & 0xffff);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([, rows]) => {
      const level = placed.levels[rows[0]!]!;
      const layer = placed.layers[rows[0]!]!;
      const suffix = layer === NO_LAYER ? '' : `~${layerText(layer, placed.layerNames)}`;
      const name = `${placed.levelNames[level]}~proxy${suffix}`;
      const origin = middleOf(placed.positions, rows);
      return { name, level, layer, distanceMeters: distances[level]!, origin, rows };
    });
}

function distanceOfLevel(
  { levelGrids, grids }: PlacedColumns,
  { levels, proxies }: ProxyWishes,
  level: number,
): number | null {
  if (!proxies) return null;
  const grid = levelGrids[level]!;
  if (grid === NO_GRID) return level < levels.length ? distanceOfShape(levels[level]!) : null;
  return grids[grid]!.proxies === false ? null : grids[grid]!.range;
}

/** Middle of the box around the placements, as the catalog will round it. */
function middleOf(positions: Float32Array, rows: readonly number[]): [number, number, number] {
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  for (const row of rows)
    for (let c = 0; c < 3; c++) {
      min[c] = Math.min(min[c]!, positions[row * 3 + c]!);
      max[c] = Math.max(max[c]!, positions[row * 3 + c]!);
    }
  return [0, 1, 2].map((c) => {
    const middle = (min[c]! + max[c]!) / 2;
    return Math.round(middle * GRID_STEPS_PER_METER) / GRID_STEPS_PER_METER + 0;
  }) as [number, number, number];
}

/** What all proxies have in common. */
export type ProxySettings = Pick<
  ProxyJob,
  'triangles' | 'codec' | 'compression' | 'link' | 'textures'
>;

/** The work of one plan. Pieces are shared, not copied. */
export function proxyJob(
  { name, distanceMeters, origin, rows }: ProxyPlan,
  placed: PlacedColumns,
  models: readonly CookedModel[],
  distances: readonly number[],
  settings: ProxySettings,
): ProxyJob {
  const size = distances.indexOf(distanceMeters);
  const pieces: ProxyPiece[] = [];
  const pieceOf = new Map<number, number>();
  const instances = {
    pieces: new Uint32Array(rows.length),
    positions: new Float32Array(rows.length * 3),
    rotations: new Int16Array(rows.length * 4),
    scales: new Float32Array(rows.length),
  };
  rows.forEach((row, i) => {
    const asset = placed.assets[row]!;
    let piece = pieceOf.get(asset);
    if (piece === undefined) {
      piece = pieces.push(models[asset]!.pieces![size]!) - 1;
      pieceOf.set(asset, piece);
    }
    instances.pieces[i] = piece;
    for (let c = 0; c < 3; c++)
      instances.positions[i * 3 + c] = placed.positions[row * 3 + c]! - origin[c]!;
    for (let c = 0; c < 4; c++) instances.rotations[i * 4 + c] = placed.rotations[row * 4 + c]!;
    instances.scales[i] = placed.scales[row]!;
  });
  const errorMeters = toleratedError(distanceMeters);
  return { kind: 'proxy', name, pieces, instances, errorMeters, ...settings };
}

/** The columns with one more placement for each plan. @param firstAsset row of the first one's asset */
export function placeProxies(
  placed: PlacedColumns,
  plans: readonly ProxyPlan[],
  firstAsset: number,
): PlacedColumns {
  const count = placed.assets.length;
  const total = count + plans.length;
  const out: PlacedColumns = {
    ...placed,
    assets: grown(placed.assets, new Uint32Array(total)),
    positions: grown(placed.positions, new Float32Array(total * 3)),
    rotations: grown(placed.rotations, new Int16Array(total * 4)),
    scales: grown(placed.scales, new Float32Array(total)),
    levels: grown(placed.levels, new Uint16Array(total)),
    layers: grown(placed.layers, new Uint16Array(total)),
    proxies: grown(placed.proxies, new Uint16Array(total)),
  };
  plans.forEach(({ level, layer, origin }, i) => {
    const row = count + i;
    out.assets[row] = firstAsset + i;
    out.positions.set(origin, row * 3);
    out.rotations[row * 4 + 3] = 32767;
    out.scales[row] = 1;
    out.levels[row] = NO_LEVEL;
    out.layers[row] = layer;
    out.proxies[row] = level;
  });
  return out;
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
