/**
 * Mounting: the columns of an opened bundle become rows of the world's tables. Done once per
 * world, in time proportional to its size; afterwards the file's bytes are no longer referenced.
 */
import { MAX_LODS } from '../base/limits.ts';
import { stringAt } from '../io/bundle/catalog-names.ts';
import { type Catalog, NO_CHILD, NO_LEVEL } from '../io/bundle/format.ts';
import { isCustomKind, PayloadKind } from '../io/content.ts';
import { Pool } from '../memory/budget.ts';
import type { PayloadTable } from '../memory/payloads.ts';
import type { TerrainTable } from '../terrain/quadtree.ts';
import type { AssetTable } from './assets.ts';
import type { CellTable } from './cells.ts';
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
  /** Assets with a placement outside all levels: what is always kept at its coarsest. */
  baseAssets: number[];
}

/** @param firstFile row of the bundle's first pack in the world's list of files */
export function mountCatalog(tables: MountTables, catalog: Catalog, firstFile: number): Mount {
  const { counts } = catalog;
  const firstPayload = tables.payloads.append(counts.payloads);
  const firstAsset = mountAssets(tables, catalog, firstPayload);
  const firstSlot = tables.slots.append(counts.placements + counts.terrain);
  tables.slots.positions.set(catalog.positions, firstSlot * 3);
  tables.slots.rotations.set(catalog.rotations, firstSlot * 4);
  tables.slots.scales.set(catalog.scales, firstSlot);
  const { firstCell, firstRun } = mountCells(tables, catalog, firstAsset, firstSlot);
  const firstTerrain = mountTerrain(tables, catalog, firstPayload, firstSlot + counts.placements);
  fillPayloads(tables, catalog, { firstFile, firstPayload, firstAsset, firstTerrain });
  return {
    firstPayload,
    payloadCount: counts.payloads,
    firstAsset,
    assetCount: counts.assets,
    firstCell,
    cellCount: counts.cells,
    firstRun,
    firstSlot,
    slotCount: counts.placements + counts.terrain,
    firstTerrain,
    terrainCount: counts.terrain,
    levelNames: Array.from(catalog.levelNames, (name) => stringAt(catalog, name)),
    baseAssets: baseAssets(tables, firstCell, counts.cells),
  };
}

function mountAssets(tables: MountTables, catalog: Catalog, firstPayload: number): number {
  const first = tables.assets.count;
  tables.assets.reserve(catalog.counts.assets);
  for (let i = 0; i < catalog.counts.assets; i++) {
    const [x, y, z, radius] = catalog.assetSpheres.subarray(i * 4, i * 4 + 4);
    tables.assets.add({
      id: catalog.assetIds[i]!,
      name: stringAt(catalog, catalog.assetNames[i]!),
      sphere: [x!, y!, z!, radius!],
      lodCount: catalog.assetLodCounts[i]!,
      firstPayload: firstPayload + catalog.assetPayloads[i]!,
      errors: catalog.assetErrors.subarray(i * MAX_LODS, (i + 1) * MAX_LODS),
      importance: catalog.assetImportances[i]!,
      isCustom: isCustomKind(catalog.payloadKinds[catalog.assetPayloads[i]!]!),
    });
  }
  return first;
}

function mountCells(tables: MountTables, catalog: Catalog, firstAsset: number, firstSlot: number) {
  const { cells, assets, slots } = tables;
  const { counts } = catalog;
  const { firstCell, firstRun } = cells.append(counts.cells, counts.runs);
  cells.boxes.set(catalog.cellBoxes, firstCell * 6);
  cells.levels.set(catalog.cellLevels, firstCell);
  for (let cell = 0; cell <= counts.cells; cell++)
    cells.cellRuns[firstCell + cell] = firstRun + catalog.cellRuns[cell]!;
  cells.runMaxScales.set(catalog.runScales, firstRun);
  for (let run = 0; run < counts.runs; run++) {
    cells.runAssets[firstRun + run] = firstAsset + catalog.runAssets[run]!;
    const start = firstSlot + catalog.runSlots[run]!;
    const end = firstSlot + catalog.runSlots[run + 1]!;
    cells.runSlots[firstRun + run] = start;
    cells.runEnds[firstRun + run] = end;
    let smallest = Number.POSITIVE_INFINITY;
    for (let slot = start; slot < end; slot++) smallest = Math.min(smallest, slots.scales[slot]!);
    cells.runMinScales[firstRun + run] = smallest;
  }
  for (let cell = firstCell; cell < firstCell + counts.cells; cell++) {
    let detail = 0;
    for (let run = cells.cellRuns[cell]!; run < cells.cellRuns[cell + 1]!; run++) {
      const asset = cells.runAssets[run]!;
      const coarsest = assets.lodCounts[asset]! - 1;
      if (coarsest === 0) continue;
      const error = assets.errors[asset * MAX_LODS + coarsest]!;
      detail = Math.max(detail, error * cells.runMaxScales[run]!);
    }
    cells.detailErrors[cell] = detail;
  }
  return { firstCell, firstRun };
}

function mountTerrain(
  tables: MountTables,
  catalog: Catalog,
  firstPayload: number,
  firstSlot: number,
): number {
  const { terrain } = tables;
  const count = catalog.counts.terrain;
  const first = terrain.append(count);
  terrain.boxes.set(catalog.terrainBoxes, first * 6);
  terrain.errors.set(catalog.terrainErrors, first);
  for (let i = 0; i < count; i++) {
    const node = first + i;
    terrain.payloads[node] = firstPayload + catalog.terrainPayloads[i]!;
    terrain.slots[node] = firstSlot + i;
    const child = catalog.terrainChildren[i]!;
    terrain.children[node] = child === NO_CHILD ? NO_CHILD : first + child;
    if (child !== NO_CHILD) for (let c = 0; c < 4; c++) terrain.parents[first + child + c] = node;
  }
  for (let node = first; node < first + count; node++)
    if (terrain.parents[node]! < 0) terrain.roots.push(node);
  return first;
}

interface Firsts {
  firstFile: number;
  firstPayload: number;
  firstAsset: number;
  firstTerrain: number;
}

function fillPayloads(tables: MountTables, catalog: Catalog, firsts: Firsts): void {
  const { counts } = catalog;
  const owners = new Int32Array(counts.payloads);
  const lods = new Uint8Array(counts.payloads);
  for (let i = 0; i < counts.assets; i++)
    for (let lod = 0; lod < catalog.assetLodCounts[i]!; lod++) {
      owners[catalog.assetPayloads[i]! + lod] = firsts.firstAsset + i;
      lods[catalog.assetPayloads[i]! + lod] = lod;
    }
  for (let i = 0; i < counts.terrain; i++)
    owners[catalog.terrainPayloads[i]!] = -1 - (firsts.firstTerrain + i);
  for (let i = 0; i < counts.payloads; i++) {
    const kind = catalog.payloadKinds[i]!;
    tables.payloads.fill(firsts.firstPayload + i, {
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
      file: firsts.firstFile + catalog.payloadPacks[i]!,
      offset: catalog.payloadOffsets[i]!,
    });
  }
  tables.payloads.rankByPlace(firsts.firstPayload);
}

function poolOf(kind: number): Pool {
  if (isCustomKind(kind)) return Pool.Custom;
  return kind === PayloadKind.Terrain ? Pool.Terrain : Pool.Mesh;
}

function baseAssets(tables: MountTables, firstCell: number, count: number): number[] {
  const { cells } = tables;
  const found = new Set<number>();
  for (let cell = firstCell; cell < firstCell + count; cell++) {
    if (cells.levels[cell] !== NO_LEVEL) continue;
    for (let run = cells.cellRuns[cell]!; run < cells.cellRuns[cell + 1]!; run++)
      found.add(cells.runAssets[run]!);
  }
  return [...found].sort((a, b) => a - b);
}
