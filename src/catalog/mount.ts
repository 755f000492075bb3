/**
 * Mounting: the columns of an opened catalog become rows of the world's tables, in steps of some
 * thousand rows, with frames in between. A row that is not filled yet is like one of a closed world:
 * nothing finds it. Assets, which a game may ask for by name, are filled last. Placements follow
 * slice by slice (`placeSlice`).
 */
import { MAX_LODS } from '../base/limits.ts';
import { stringAt } from '../io/bundle/catalog-names.ts';
import { type CatalogTables, NO_CHILD } from '../io/bundle/format.ts';
import type { PlacementSlice } from '../io/bundle/read-slice.ts';
import { isCustomKind, PayloadKind } from '../io/content.ts';
import { Pool } from '../memory/budget/pools.ts';
import type { PayloadTable } from '../memory/payloads.ts';
import type { TerrainTable } from '../terrain/quadtree.ts';
import type { AssetTable } from './assets.ts';
import type { CellTable } from './cells.ts';
import { fillCells } from './fill-cells.ts';
import { type Partition, readPartition } from './partition.ts';
import type { SlotTable } from './slots.ts';

export interface MountTables {
  payloads: PayloadTable;
  assets: AssetTable;
  slots: SlotTable;
  cells: CellTable;
  terrain: TerrainTable;
}

/** Where the rows of one opened world lie: `[first, first + count)` in each table. */
export interface Mount {
  firstPayload: number;
  payloadCount: number;
  firstAsset: number;
  assetCount: number;
  firstCell: number;
  cellCount: number;
  firstRun: number;
  firstSlot: number;
  slotCount: number;
  firstTerrain: number;
  terrainCount: number;
  levelNames: string[];
  /** Assets with a placement outside all levels, of whatever layer. */
  baseAssets: number[];
  /** Layers, grids and proxies as the catalog has them; null once the world has taken them in. */
  partition: Partition | null;
}

/** Rows with objects of their own (assets, payloads, tiles) filled in one step. */
const STEP_ROWS = 256;

/** Rows only looked at, or numbers only, in one step. */
const STEP_LOOKS = 4096;

/**
 * Takes rows for all of a catalog in every table, the last step all at once. Until then nothing is
 * taken, and no other rows may be taken or given back.
 */
export function* reserveRows(tables: MountTables, catalog: CatalogTables): Generator<void, Mount> {
  const { counts } = catalog;
  const { payloads, assets, slots, cells, terrain } = tables;
  const slotCount = counts.placements + counts.terrain;
  yield* payloads.reserve(counts.payloads);
  yield* assets.reserve(counts.assets);
  yield* slots.reserve(slotCount);
  yield* cells.reserve(counts.cells, counts.runs, slots.count);
  const firstSlot = slots.append(slotCount);
  return {
    firstPayload: payloads.append(counts.payloads),
    payloadCount: counts.payloads,
    firstAsset: assets.append(counts.assets),
    assetCount: counts.assets,
    ...cells.append(counts.cells, counts.runs),
    cellCount: counts.cells,
    firstSlot,
    slotCount,
    firstTerrain: terrain.append(counts.terrain),
    terrainCount: counts.terrain,
    levelNames: Array.from(catalog.levelNames, (name) => stringAt(catalog, name)),
    baseAssets: [],
    partition: null,
  };
}

/**
 * Fills the rows that `reserveRows` took.
 *
 * @param firstFile row of the bundle's first pack in the world's list of files
 */
export function* fillRows(
  tables: MountTables,
  catalog: CatalogTables,
  mount: Mount,
  firstFile: number,
): Generator<void> {
  yield* fillPayloads(tables, catalog, mount, firstFile);
  yield* fillCells(tables.cells, catalog, mount);
  yield* fillAssets(tables, catalog, mount);
  yield* fillTerrain(tables, catalog, mount);
  mount.partition = readPartition(catalog);
}

/** Takes in the placements of some cells; they can be shown from now on. */
export function placeSlice(
  { slots, cells }: MountTables,
  mount: Mount,
  slice: PlacementSlice,
): void {
  slots.place(mount.firstSlot + slice.first, slice);
  const firstCell = mount.firstCell + slice.firstCell;
  const endCell = mount.firstCell + slice.endCell;
  for (let run = cells.cellRuns[firstCell]!; run < cells.cellRuns[endCell]!; run++) {
    let smallest = Number.POSITIVE_INFINITY;
    for (let slot = cells.runSlots[run]!; slot < cells.runEnds[run]!; slot++)
      smallest = Math.min(smallest, slots.scales[slot]!);
    cells.runMinScales[run] = smallest;
  }
  cells.placed.fill(1, firstCell, endCell);
}

function* fillAssets(
  { assets }: MountTables,
  catalog: CatalogTables,
  mount: Mount,
): Generator<void> {
  for (let i = 0; i < mount.assetCount; i++) {
    const [x, y, z, radius] = catalog.assetSpheres.subarray(i * 4, i * 4 + 4);
    assets.put(mount.firstAsset + i, {
      id: catalog.assetIds[i]!,
      name: stringAt(catalog, catalog.assetNames[i]!),
      sphere: [x!, y!, z!, radius!],
      lodCount: catalog.assetLodCounts[i]!,
      firstPayload: mount.firstPayload + catalog.assetPayloads[i]!,
      errors: catalog.assetErrors.subarray(i * MAX_LODS, (i + 1) * MAX_LODS),
      importance: catalog.assetImportances[i]!,
      isCustom: isCustomKind(catalog.payloadKinds[catalog.assetPayloads[i]!]!),
    });
    if (i % STEP_ROWS === 0) yield;
  }
}

function* fillTerrain(
  { terrain, slots }: MountTables,
  catalog: CatalogTables,
  mount: Mount,
): Generator<void> {
  const first = mount.firstTerrain;
  const count = mount.terrainCount;
  const firstSlot = mount.firstSlot + mount.slotCount - count;
  slots.clear(firstSlot, firstSlot + count);
  for (let i = 0; i < count; i++) {
    const node = first + i;
    terrain.boxes.set(catalog.terrainBoxes.subarray(i * 6, i * 6 + 6), node * 6);
    terrain.errors[node] = catalog.terrainErrors[i]!;
    terrain.payloads[node] = mount.firstPayload + catalog.terrainPayloads[i]!;
    terrain.slots[node] = firstSlot + i;
    const child = catalog.terrainChildren[i]!;
    terrain.children[node] = child === NO_CHILD ? NO_CHILD : first + child;
    if (child !== NO_CHILD) for (let c = 0; c < 4; c++) terrain.parents[first + child + c] = node;
    if (i % STEP_ROWS === 0) yield;
  }
  for (let node = first; node < first + count; node++)
    if (terrain.parents[node]! < 0) terrain.roots.push(node);
}

function* fillPayloads(
  { payloads }: MountTables,
  catalog: CatalogTables,
  mount: Mount,
  firstFile: number,
): Generator<void> {
  const { counts } = catalog;
  const owners = new Int32Array(counts.payloads);
  const lods = new Uint8Array(counts.payloads);
  for (let i = 0; i < counts.assets; i++) {
    for (let lod = 0; lod < catalog.assetLodCounts[i]!; lod++) {
      owners[catalog.assetPayloads[i]! + lod] = mount.firstAsset + i;
      lods[catalog.assetPayloads[i]! + lod] = lod;
    }
    if (i % STEP_LOOKS === 0) yield;
  }
  for (let i = 0; i < counts.terrain; i++)
    owners[catalog.terrainPayloads[i]!] = -1 - (mount.firstTerrain + i);
  for (let i = 0; i < counts.payloads; i++) {
    const kind = catalog.payloadKinds[i]!;
    payloads.fill(mount.firstPayload + i, {
      kind,
      pool: poolOf(kind),
      owner: owners[i]!,
      lod: lods[i]!,
      encodedBytes: catalog.payloadEncodedBytes[i]!,
      geometryBytes: catalog.payloadGeometryBytes[i]!,
      imageBytes: catalog.payloadImageBytes[i]!,
      textureBytes: [
        ...catalog.payloadBlockBytes.subarray(i * 3, i * 3 + 3),
        catalog.payloadTextureBytes[i]!,
      ],
      decodeMs: catalog.payloadDecodeMs[i]!,
      checksum: catalog.payloadChecksums[i]!,
      file: firstFile + catalog.payloadPacks[i]!,
      offset: catalog.payloadOffsets[i]!,
    });
    if (i % STEP_ROWS === 0) yield;
  }
  yield* payloads.rankByPlace(mount.firstPayload, mount.firstPayload + counts.payloads);
}

function poolOf(kind: number): Pool {
  if (isCustomKind(kind)) return Pool.Custom;
  return kind === PayloadKind.Terrain ? Pool.Terrain : Pool.Mesh;
}
