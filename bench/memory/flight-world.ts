/**
 * The world of the memory flights: a hundred gigabytes that nobody ever holds. Sizes are what its
 * catalog says they are; payloads have no bytes. Each square kilometer has assets of its own beside
 * those that stand everywhere, so that whoever travels leaves what is resident behind.
 */
import { fetchOrder } from '../../cook/fetch-order.ts';
import { hashName } from '../../src/base/hash.ts';
import { residentBytesOf } from '../../src/base/payload-cost.ts';
import { createRandom, type Random } from '../../src/base/random.ts';
import { type Catalog, FORMAT_VERSION, NO_LAYER, NO_LEVEL } from '../../src/io/bundle/format.ts';
import { plainColumns } from '../../src/io/bundle/plain-columns.ts';
import { formatHead } from '../../src/io/bundle/read-head.ts';
import { directoryBytesOf, writeCatalog } from '../../src/io/bundle/write-catalog.ts';
import { PayloadKind } from '../../src/io/content.ts';
import {
  type CellColumns,
  gatherCells,
  type Rows,
  slotColumns,
} from '../../test/support/synthetic-rows.ts';
import { makeTiles, type Tiles } from './flight-tiles.ts';

export interface FlightWorldOptions {
  seed: number;
  /** Edge of the square world (meters). */
  extentMeters: number;
  placements: number;
  /** Assets that stand everywhere, and those that only one square of a kilometer has. */
  commonAssets: number;
  localAssetsPerSquare: number;
  /** Mean resident bytes of LOD 0; each coarser LOD takes a fifth. */
  finestBytes: number;
  /** Levels of the terrain below its root, and resident bytes of one tile. */
  terrainDepth: number;
  tileBytes: number;
}

/** 100 GB: 12,960 assets, 300,000 placements and 5,461 tiles on 196 square kilometers. */
export const HUNDRED_GIGABYTES: FlightWorldOptions = {
  seed: 1,
  extentMeters: 14_000,
  placements: 300_000,
  commonAssets: 1200,
  localAssetsPerSquare: 60,
  finestBytes: 6e6,
  terrainDepth: 6,
  tileBytes: 1e6,
};

export const LOD_COUNT = 5;
/** Geometric error of the coarsest LOD by the radius of its asset; each finer one has half. */
const COARSEST_ERROR = 0.3;
/** Encoded bytes by resident ones, and the share of geometry in these. */
const ENCODED_SHARE = 0.25;
const GEOMETRY_SHARE = 0.1;
/** Bytes of a LOD by those of the next coarser one. */
const COARSER_SHARE = 5;
const PACK_BYTES = 64e6;
const CELL_METERS = 100;
const SQUARE_METERS = 1000;
/** Placements of an asset that only its square has. */
const LOCAL_SHARE = 0.6;

/** What the referee may know: everything, as it stands in the catalog. */
export interface FlightWorld {
  options: FlightWorldOptions;
  files: Record<string, Uint8Array<ArrayBuffer>>;
  /** Names of the files that have no bytes. */
  packs: ReadonlySet<string>;
  /** Bytes of everything, resident. */
  residentBytes: number;
  /** By payload: what it takes once it is shown. */
  payloadBytes: Float64Array;
  radii: Float32Array;
  cells: CellColumns;
  /** x, y, z and scale of each slot, and its asset. */
  positions: Float32Array;
  scales: Float32Array;
  slotAssets: Uint32Array;
  tiles: Tiles;
}

/** Geometric error of a LOD (meters at scale 1). */
export function errorOf(radius: number, lod: number): number {
  return (COARSEST_ERROR * radius) / 2 ** (LOD_COUNT - 1 - lod);
}

export function makeFlightWorld(options: FlightWorldOptions): FlightWorld {
  const random = createRandom(options.seed);
  const squares = Math.ceil(options.extentMeters / SQUARE_METERS);
  const assets = options.commonAssets + squares * squares * options.localAssetsPerSquare;
  const radii = Float32Array.from({ length: assets }, () => 1 + 6 * random() ** 2);
  const tiles = makeTiles(options.extentMeters, options.terrainDepth);
  const payloads = assets * LOD_COUNT + tiles.errors.length;
  const wanted = new Float64Array(payloads).fill(options.tileBytes);
  for (let asset = 0; asset < assets; asset++) {
    // Most are small, a few are many times the mean.
    const finest = options.finestBytes * Math.min(5, 0.2 - 0.8 * Math.log(1 - random()));
    for (let lod = 0; lod < LOD_COUNT; lod++)
      wanted[asset * LOD_COUNT + lod] = Math.ceil(finest / COARSER_SHARE ** lod);
  }
  const rows = makePlacements(random, options, squares);
  const cells = gatherCells(rows, [...radii], CELL_METERS);
  const catalog = makeCatalog({ options, radii, wanted, rows, cells, tiles });
  const packs = layOut(catalog);
  const payloadBytes = Float64Array.from(wanted, (_, i) =>
    residentBytesOf(catalog.payloadGeometryBytes[i]!, catalog.payloadTextureBytes[i]!),
  );
  const residentBytes = payloadBytes.reduce((sum, bytes) => sum + bytes, 0);
  return {
    options,
    files: writeFiles(catalog, options, packs, residentBytes),
    packs: new Set(packs.keys()),
    residentBytes,
    payloadBytes,
    radii,
    cells,
    positions: catalog.positions,
    scales: catalog.scales,
    slotAssets: Uint32Array.from(cells.order, (row) => rows.assets[row]!),
    tiles,
  };
}

function makePlacements(random: Random, options: FlightWorldOptions, squares: number): Rows {
  const { placements, extentMeters, commonAssets, localAssetsPerSquare } = options;
  const rows: Rows = {
    xs: new Float64Array(placements),
    ys: new Float64Array(placements),
    zs: new Float64Array(placements),
    scales: new Float64Array(placements),
    assets: new Uint16Array(placements),
    levels: new Uint16Array(placements).fill(NO_LEVEL),
    layers: new Uint16Array(placements).fill(NO_LAYER),
    proxies: new Uint16Array(placements).fill(NO_LEVEL),
  };
  for (let row = 0; row < placements; row++) {
    const u = random();
    const v = random();
    rows.xs[row] = (u - 0.5) * extentMeters;
    rows.zs[row] = (v - 0.5) * extentMeters;
    rows.ys[row] = random() * 4;
    rows.scales[row] = 0.7 + 0.6 * random();
    const square = Math.floor(u * squares) * squares + Math.floor(v * squares);
    const isLocal = random() < LOCAL_SHARE && localAssetsPerSquare > 0;
    const pick = random();
    rows.assets[row] = isLocal
      ? commonAssets + square * localAssetsPerSquare + Math.floor(pick * localAssetsPerSquare)
      : Math.floor(pick ** 2 * commonAssets);
  }
  return rows;
}

interface Parts {
  options: FlightWorldOptions;
  radii: Float32Array;
  /** Resident bytes of each payload, about. */
  wanted: Float64Array;
  rows: Rows;
  cells: CellColumns;
  tiles: Tiles;
}

function makeCatalog({ options, radii, wanted, rows, cells, tiles }: Parts): Catalog {
  const assets = radii.length;
  const payloads = wanted.length;
  const tileCount = tiles.errors.length;
  const names = Array.from(radii, (_, i) => `asset-${i}`);
  const text = new TextEncoder().encode(names.join(''));
  const stringStarts = new Uint32Array(assets + 1);
  names.forEach((name, i) => {
    stringStarts[i + 1] = stringStarts[i]! + name.length;
  });
  const isMesh = (payload: number): boolean => payload < assets * LOD_COUNT;
  const geometry = Uint32Array.from(wanted, (bytes) => Math.ceil((bytes * GEOMETRY_SHARE) / 2));
  const textures = Uint32Array.from(wanted, (bytes) => Math.ceil(bytes * (1 - GEOMETRY_SHARE)));
  const encoded = Uint32Array.from(wanted, (bytes) => Math.ceil(bytes * ENCODED_SHARE));
  return {
    counts: {
      strings: assets,
      text: text.length,
      assets,
      payloads,
      levels: 0,
      cells: cells.levels.length,
      runs: cells.runAssets.length,
      placements: options.placements,
      terrain: tileCount,
      layers: 0,
      grids: 0,
    },
    text,
    stringStarts,
    assetIds: Uint32Array.from(names, hashName),
    assetNames: Uint32Array.from(names, (_, i) => i),
    assetSpheres: Float32Array.from({ length: assets * 4 }, (_, i) =>
      i % 4 < 3 ? 0 : radii[i >> 2]!,
    ),
    assetLodCounts: new Uint8Array(assets).fill(LOD_COUNT),
    assetPayloads: Uint32Array.from(names, (_, i) => i * LOD_COUNT),
    assetErrors: Float32Array.from({ length: assets * LOD_COUNT }, (_, i) =>
      errorOf(radii[Math.floor(i / LOD_COUNT)]!, i % LOD_COUNT),
    ),
    assetTriangles: new Uint32Array(assets * LOD_COUNT).fill(1),
    assetImportances: new Float32Array(assets).fill(1),
    payloadKinds: Uint8Array.from(wanted, (_, i) =>
      isMesh(i) ? PayloadKind.Mesh : PayloadKind.Terrain,
    ),
    payloadPacks: new Uint16Array(payloads),
    payloadOffsets: new Uint32Array(payloads),
    payloadEncodedBytes: encoded,
    payloadChecksums: new Uint32Array(payloads),
    payloadGeometryBytes: geometry,
    payloadImageBytes: textures,
    payloadTextureBytes: textures,
    payloadBlockBytes: Uint32Array.from({ length: payloads * 3 }, (_, i) => textures[(i / 3) | 0]!),
    payloadDecodeMs: new Float32Array(payloads).fill(0.5),
    levelNames: new Uint32Array(0),
    ...plainColumns(0, cells.levels.length),
    cellBoxes: cells.boxes,
    cellLevels: cells.levels,
    cellRuns: cells.cellRuns,
    runAssets: cells.runAssets,
    runSlots: cells.runSlots,
    runScales: cells.runScales,
    ...slotColumns(rows, cells.order),
    terrainBoxes: Float32Array.from(tiles.boxes),
    terrainErrors: Float32Array.from(tiles.errors),
    terrainPayloads: Uint32Array.from(tiles.errors, (_, i) => assets * LOD_COUNT + i),
    terrainChildren: Uint32Array.from(tiles.children),
  };
}

/** Gives each payload its place, as the cook would; returns the sizes of the packs. */
function layOut(catalog: Catalog): Map<string, number> {
  const sizes: number[] = [0];
  for (const payload of fetchOrder(catalog)) {
    const bytes = catalog.payloadEncodedBytes[payload]!;
    if (sizes.at(-1)! > 0 && sizes.at(-1)! + bytes > PACK_BYTES) sizes.push(0);
    catalog.payloadPacks[payload] = sizes.length - 1;
    catalog.payloadOffsets[payload] = sizes.at(-1)!;
    sizes[sizes.length - 1] = sizes.at(-1)! + bytes;
  }
  return new Map(sizes.map((size, i) => [`pack-${i}.ffp`, size]));
}

function writeFiles(
  catalog: Catalog,
  { extentMeters, placements }: FlightWorldOptions,
  packs: ReadonlyMap<string, number>,
  residentBytes: number,
): Record<string, Uint8Array<ArrayBuffer>> {
  const bytes = writeCatalog(catalog);
  const sha256 = '0123456789abcdef';
  const half = extentMeters / 2;
  const head = formatHead({
    format: 'farfield-world',
    version: FORMAT_VERSION,
    name: 'flight',
    generator: 'bench',
    catalog: {
      file: 'catalog.ffc',
      bytes: bytes.length,
      sha256,
      directoryBytes: directoryBytesOf(bytes),
    },
    packs: Array.from(packs, ([file, size]) => ({ file, bytes: size, sha256 })),
    bounds: [-half, 0, -half, half, 10, half],
    counts: {
      assets: catalog.counts.assets,
      payloads: catalog.counts.payloads,
      levels: 0,
      placements,
      terrain: catalog.counts.terrain,
    },
    residentBytes,
  });
  return { 'world.json': new TextEncoder().encode(head), 'catalog.ffc': bytes };
}
