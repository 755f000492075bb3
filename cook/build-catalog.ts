/** Everything the cook made, as the columns of a catalog. */
import { hashName } from '../src/base/hash.ts';
import { MAX_LODS } from '../src/base/limits.ts';
import { type Catalog, NO_LAYER, type WorldHead } from '../src/io/bundle/format.ts';
import { GRID_STEPS_PER_METER } from '../src/io/bundle/slice-layout.ts';
import { PayloadKind } from '../src/io/content.ts';
import { boundsOf, boxesOf, type PlacementColumns } from './cell-boxes.ts';
import { type SortedCells, sortIntoCells } from './cells.ts';
import type { CookedModel } from './cook-model.ts';
import { fetchOrder } from './fetch-order.ts';
import type { EncodedPayload } from './mesh-content.ts';
import type { PlacedColumns } from './place.ts';
import type { CookedTerrain } from './terrain.ts';

export interface CatalogInput {
  models: readonly CookedModel[];
  placed: PlacedColumns;
  terrain: CookedTerrain | null;
}

export interface BuiltCatalog {
  /** Complete but for `payloadPacks` and `payloadOffsets`, which packing fills in. */
  catalog: Catalog;
  payloads: EncodedPayload[];
  /** Payloads in the order to pack them. */
  order: number[];
  /** What to call a payload, e.g. `tree-oak LOD 2`. */
  labels: string[];
  bounds: WorldHead['bounds'];
}

export function buildCatalog({ models, placed, terrain }: CatalogInput): BuiltCatalog {
  const names = new NameList();
  const cells = sortIntoCells({
    positions: placed.positions,
    assets: placed.assets,
    levels: placed.levels,
    layers: placed.layers,
    proxies: placed.proxies,
  });
  const payloads = [
    ...models.flatMap((model) => model.lods.map((lod) => lod.payload)),
    ...(terrain?.payloads ?? []),
  ];
  const assets = assetColumns(models, names);
  const levelNames = Uint32Array.from(placed.levelNames, (name) => names.add(name));
  const layerNames = Uint32Array.from(placed.layerNames, (name) => names.add(name));
  const grids = gridColumns(placed, names);
  const firstTile = payloads.length - (terrain?.payloads.length ?? 0);
  const placements = placementColumns(placed, cells);
  const cellBoxes = boxesOf(models, placements, cells);
  const { text, stringStarts } = names.columns();
  const tileCount = terrain?.payloads.length ?? 0;
  const catalog: Catalog = {
    text,
    stringStarts,
    ...assets,
    ...payloadColumns(payloads, kindsOf(models)),
    levelNames,
    levelGrids: placed.levelGrids,
    levelSquares: placed.levelSquares,
    layerNames,
    ...grids,
    cellBoxes,
    cellLevels: cells.cellLevels,
    cellLayers: cells.cellLayers,
    cellProxies: cells.cellProxies,
    cellRuns: cells.cellRuns,
    runAssets: cells.runAssets,
    runSlots: cells.runSlots,
    runScales: largestScales(placements.scales, cells.runSlots),
    ...placements,
    terrainBoxes: terrain?.boxes ?? new Float32Array(0),
    terrainErrors: terrain?.errors ?? new Float32Array(0),
    terrainPayloads: Uint32Array.from({ length: tileCount }, (_, i) => firstTile + i),
    terrainChildren: terrain?.children ?? new Uint32Array(0),
    counts: {
      strings: names.count,
      text: text.length,
      assets: models.length,
      payloads: payloads.length,
      levels: levelNames.length,
      cells: cells.cellLevels.length,
      runs: cells.runAssets.length,
      placements: placed.assets.length,
      terrain: tileCount,
      layers: layerNames.length,
      grids: placed.grids.length,
    },
  };
  const labels = [
    ...models.flatMap((model) =>
      model.lods.map((_, lod) => (model.kind ? model.name : `${model.name} LOD ${lod}`)),
    ),
    ...Array.from({ length: tileCount }, (_, i) => `terrain tile ${i}`),
  ];
  return { catalog, payloads, order: fetchOrder(catalog), labels, bounds: boundsOf(catalog) };
}

class NameList {
  readonly #names: Uint8Array[] = [];
  readonly #encoder = new TextEncoder();

  get count(): number {
    return this.#names.length;
  }

  add(name: string): number {
    return this.#names.push(this.#encoder.encode(name)) - 1;
  }

  columns(): { text: Uint8Array; stringStarts: Uint32Array } {
    const stringStarts = new Uint32Array(this.#names.length + 1);
    this.#names.forEach((bytes, i) => {
      stringStarts[i + 1] = stringStarts[i]! + bytes.length;
    });
    const text = new Uint8Array(stringStarts[this.#names.length]!);
    this.#names.forEach((bytes, i) => {
      text.set(bytes, stringStarts[i]!);
    });
    return { text, stringStarts };
  }
}

type AssetColumns = Pick<
  Catalog,
  | 'assetIds'
  | 'assetNames'
  | 'assetSpheres'
  | 'assetLodCounts'
  | 'assetPayloads'
  | 'assetErrors'
  | 'assetTriangles'
  | 'assetImportances'
>;

function assetColumns(models: readonly CookedModel[], names: NameList): AssetColumns {
  const count = models.length;
  const columns: AssetColumns = {
    assetIds: new Uint32Array(count),
    assetNames: new Uint32Array(count),
    assetSpheres: new Float32Array(count * 4),
    assetLodCounts: new Uint8Array(count),
    assetPayloads: new Uint32Array(count),
    assetErrors: new Float32Array(count * MAX_LODS),
    assetTriangles: new Uint32Array(count * MAX_LODS),
    assetImportances: new Float32Array(count).fill(1),
  };
  let payload = 0;
  models.forEach((model, i) => {
    columns.assetIds[i] = hashName(model.name);
    columns.assetNames[i] = names.add(model.name);
    columns.assetSpheres.set(model.sphere, i * 4);
    columns.assetLodCounts[i] = model.lods.length;
    columns.assetPayloads[i] = payload;
    model.lods.forEach((lod, l) => {
      columns.assetErrors[i * MAX_LODS + l] = lod.errorMeters;
      columns.assetTriangles[i * MAX_LODS + l] = lod.triangles;
    });
    payload += model.lods.length;
  });
  return columns;
}

function gridColumns(
  { grids }: PlacedColumns,
  names: NameList,
): Pick<Catalog, 'gridNames' | 'gridEdges' | 'gridRanges' | 'gridLayers'> {
  return {
    gridNames: Uint32Array.from(grids, ({ name }) => names.add(name)),
    gridEdges: Float32Array.from(grids, ({ edge }) => edge),
    gridRanges: Float32Array.from(grids, ({ range }) => range),
    gridLayers: Uint16Array.from(grids, ({ packedLayer }) => packedLayer ?? NO_LAYER),
  };
}

type PayloadColumns = Pick<
  Catalog,
  | 'payloadKinds'
  | 'payloadPacks'
  | 'payloadOffsets'
  | 'payloadEncodedBytes'
  | 'payloadChecksums'
  | 'payloadGeometryBytes'
  | 'payloadImageBytes'
  | 'payloadTextureBytes'
  | 'payloadBlockBytes'
  | 'payloadDecodeMs'
>;

/** Kind of each payload that belongs to an asset. */
function kindsOf(models: readonly CookedModel[]): number[] {
  return models.flatMap(({ kind, lods }) => lods.map(() => kind ?? PayloadKind.Mesh));
}

/** Payloads beyond `kinds` are terrain tiles. */
function payloadColumns(
  payloads: readonly EncodedPayload[],
  kinds: readonly number[],
): PayloadColumns {
  const u32 = (pick: (payload: EncodedPayload) => number): Uint32Array =>
    Uint32Array.from(payloads, pick);
  return {
    payloadKinds: Uint8Array.from(payloads, (_, i) => kinds[i] ?? PayloadKind.Terrain),
    payloadPacks: new Uint16Array(payloads.length),
    payloadOffsets: new Uint32Array(payloads.length),
    payloadEncodedBytes: u32(({ bytes }) => bytes.length),
    payloadChecksums: u32(({ checksum }) => checksum),
    payloadGeometryBytes: u32(({ geometryBytes }) => geometryBytes),
    payloadImageBytes: u32(({ imageBytes }) => imageBytes),
    payloadTextureBytes: u32(({ textureBytes }) => textureBytes),
    payloadBlockBytes: Uint32Array.from(payloads.flatMap(({ blockBytes }) => blockBytes)),
    payloadDecodeMs: Float32Array.from(payloads, ({ decodeMs }) => decodeMs),
  };
}

function placementColumns(placed: PlacedColumns, { order }: SortedCells): PlacementColumns {
  const columns: PlacementColumns = {
    positions: new Float32Array(order.length * 3),
    rotations: new Int16Array(order.length * 4),
    scales: new Float32Array(order.length),
  };
  order.forEach((from, to) => {
    for (let c = 0; c < 3; c++)
      columns.positions[to * 3 + c] = roundToGrid(placed.positions[from * 3 + c]!);
    // q and -q are one turn: with w above 0 the file need not say which.
    const sign = placed.rotations[from * 4 + 3]! < 0 ? -1 : 1;
    for (let c = 0; c < 4; c++)
      columns.rotations[to * 4 + c] = sign * placed.rotations[from * 4 + c]!;
    columns.scales[to] = placed.scales[from]!;
  });
  return columns;
}

/** Within half a millimeter, which is what a float is good for 10 km out; packs in half the bytes. */
function roundToGrid(meters: number): number {
  return Math.round(meters * GRID_STEPS_PER_METER) / GRID_STEPS_PER_METER + 0;
}

function largestScales(scales: Float32Array, runSlots: Uint32Array): Float32Array {
  return Float32Array.from({ length: runSlots.length - 1 }, (_, run) =>
    scales.subarray(runSlots[run]!, runSlots[run + 1]!).reduce((a, b) => Math.max(a, b), 0),
  );
}
