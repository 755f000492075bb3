/** Turns a placement table into final columns: on the ground, normalized, checked, with levels. */
import { NO_LAYER, NO_LEVEL } from '../src/io/bundle/format.ts';
import { CookError } from './errors.ts';
import { cutIntoSquares, type GridOptions, type PackedGrid } from './grids.ts';
import { type HeightGrid, heightAt } from './heights.ts';
import { LayerList } from './layers.ts';
import { type LevelShape, levelAt } from './levels.ts';
import { didYouMean, type NamedPlacements, type PlacementTable } from './table.ts';

/** One row per placement; `assets` are rows of the catalog's asset table. */
export interface PlacedColumns {
  assets: Uint32Array;
  positions: Float32Array;
  /** Unit quaternions times 32767. */
  rotations: Int16Array;
  scales: Float32Array;
  levels: Uint16Array;
  /** Names of all levels: those with a shape first, then those that rows alone name, then squares. */
  levelNames: string[];
  /** Data layer, as in the catalog. */
  layers: Uint16Array;
  layerNames: string[];
  /** Level that the placement, a proxy, stands in for, else `NO_LEVEL`. */
  proxies: Uint16Array;
  grids: PackedGrid[];
  levelGrids: Uint16Array;
  levelSquares: Int16Array;
}

export interface PlaceInput {
  placements: NamedPlacements;
  /** Names of the catalog's assets, in order. */
  assetNames: readonly string[];
  levels: readonly LevelShape[];
  grids: readonly GridOptions[];
  /** Ground for rows without a y, or null. */
  ground: HeightGrid | null;
}

/** Throws `CookError` naming the row. */
export function placeAll(input: PlaceInput): PlacedColumns {
  const { placements, assetNames, levels, ground } = input;
  const { table } = placements;
  const count = table.assets.length;
  checkLengths(table, count);
  const rows = mapAssets(table, assetNames);
  const levelNames = levels.map(({ name }) => name);
  const { layers, layerNames, grids } = packLayers(input);
  const out = {
    assets: new Uint32Array(count),
    positions: new Float32Array(count * 3),
    rotations: new Int16Array(count * 4),
    scales: new Float32Array(count),
    levels: new Uint16Array(count),
    levelNames,
    layers,
    layerNames,
    proxies: new Uint16Array(count).fill(NO_LEVEL),
    grids,
  };
  for (let i = 0; i < count; i++) {
    const asset = rows[table.assets[i]!];
    if (asset === undefined)
      throw new CookError(
        `placement ${i} shows asset ${table.assets[i]}, expected an index below ${rows.length}`,
      );
    out.assets[i] = asset;
    const x = table.positions[i * 3]!;
    const z = table.positions[i * 3 + 2]!;
    let y = table.positions[i * 3 + 1]!;
    if (Number.isNaN(y)) y = ground ? heightAt(ground, x, z) : 0;
    if (!Number.isFinite(x + y + z))
      throw new CookError(`placement ${i} is at ${x}, ${y}, ${z}, expected finite numbers`);
    out.positions.set([x, y, z], i * 3);
    const scale = table.scales[i]!;
    if (!(scale > 0 && Number.isFinite(scale)))
      throw new CookError(`placement ${i} has scale ${scale}, expected above 0`);
    out.scales[i] = scale;
    packRotation(table.rotations, out.rotations, i);
    const named = placements.levelNames?.[i] ?? null;
    out.levels[i] =
      named === null
        ? (explicitLevel(table, i, levels.length) ?? levelAt(levels, x, y, z))
        : findLevel(levelNames, named);
  }
  return { ...out, ...cutIntoSquares(out) };
}

/** Layers of rows and grids as in the catalog; a grid of a layer that no row names is a mistake. */
function packLayers({ placements, grids }: PlaceInput): {
  layers: Uint16Array;
  layerNames: string[];
  grids: PackedGrid[];
} {
  const { table } = placements;
  const list = new LayerList();
  const packed = (table.layerNames ?? []).map((text, i) =>
    list.pack(text, `placements.layerNames[${i}]`),
  );
  const layers = new Uint16Array(table.assets.length).fill(NO_LAYER);
  table.layers?.forEach((row, i) => {
    if (row >= packed.length)
      throw new CookError(
        `placement ${i} is in layer ${row}, expected an index below ${packed.length}`,
      );
    if (row >= 0) layers[i] = packed[row]!;
  });
  const layerNames = [...list.names];
  const packedGrids = grids.map((grid): PackedGrid => {
    if (grid.layer === undefined) return { ...grid, packedLayer: null };
    const packedLayer = list.pack(grid.layer, `grid "${grid.name}"`);
    if (list.names.length === layerNames.length) return { ...grid, packedLayer };
    const near = didYouMean(grid.layer.replace(/^!/, ''), layerNames);
    throw new CookError(
      `grid "${grid.name}": no placement is of layer "${list.names.at(-1)}"; ` +
        (near
          ? `did you mean "${near}"?`
          : `known are: ${layerNames.slice(0, 12).join(', ') || 'none'}`),
    );
  });
  return { layers, layerNames, grids: packedGrids };
}

function checkLengths(table: PlacementTable, count: number): void {
  const expected: [string, ArrayLike<number> | undefined, number][] = [
    ['positions', table.positions, count * 3],
    ['rotations', table.rotations, count * 4],
    ['scales', table.scales, count],
    ['levels', table.levels, count],
    ['layers', table.layers, count],
  ];
  for (const [name, array, length] of expected)
    if (array && array.length !== length)
      throw new CookError(
        `placements.${name} has ${array.length} values, expected ${length} for ${count} placements`,
      );
}

/** Row of the catalog for each of the table's own names that some placement uses. */
function mapAssets(table: PlacementTable, assetNames: readonly string[]): (number | undefined)[] {
  const known = new Map(assetNames.map((name, i) => [name, i]));
  const isUsed = new Uint8Array(table.assetNames.length);
  for (const asset of table.assets) isUsed[asset] = 1;
  return table.assetNames.map((name, i) => {
    const row = known.get(name);
    if (row !== undefined || !isUsed[i]) return row ?? 0;
    const near = didYouMean(name, assetNames);
    const hint = near
      ? `did you mean "${near}"?`
      : `known are: ${assetNames.slice(0, 12).join(', ')}`;
    throw new CookError(`placements name an unknown asset "${name}"; ${hint}`);
  });
}

function explicitLevel(table: PlacementTable, row: number, count: number): number | null {
  if (!table.levels) return null;
  const level = table.levels[row]!;
  if (level < 0) return NO_LEVEL;
  if (level < count) return level;
  throw new CookError(`placement ${row} is in level ${level}, expected an index below ${count}`);
}

function findLevel(names: string[], name: string): number {
  const known = names.indexOf(name);
  return known >= 0 ? known : names.push(name) - 1;
}

function packRotation(from: Float32Array, to: Int16Array, row: number): void {
  const at = row * 4;
  const length = Math.hypot(from[at]!, from[at + 1]!, from[at + 2]!, from[at + 3]!);
  if (!(length > 1e-6 && Number.isFinite(length)))
    throw new CookError(`placement ${row} has a rotation that is no quaternion`);
  for (let c = 0; c < 4; c++) to[at + c] = Math.round((from[at + c]! / length) * 32767);
}

/** Without placements every model stands once, in a square on the ground, so that all are seen. */
export function exhibit(
  assetNames: readonly string[],
  spheres: readonly (readonly number[])[],
): NamedPlacements {
  const count = assetNames.length;
  const columns = Math.ceil(Math.sqrt(count));
  const spacing = spheres.reduce((most, [x, , z, radius]) => {
    return Math.max(most, 2 * (Math.hypot(x!, z!) + radius!));
  }, 1);
  const table: PlacementTable = {
    assetNames: [...assetNames],
    assets: Uint32Array.from({ length: count }, (_, i) => i),
    positions: new Float64Array(count * 3),
    rotations: new Float32Array(count * 4),
    scales: new Float32Array(count).fill(1),
  };
  for (let i = 0; i < count; i++) {
    const x = ((i % columns) - (columns - 1) / 2) * spacing * 1.1;
    const z = (Math.floor(i / columns) - (columns - 1) / 2) * spacing * 1.1;
    table.positions.set([x, Number.NaN, z], i * 3);
    table.rotations[i * 4 + 3] = 1;
  }
  return { table, levelNames: null };
}
