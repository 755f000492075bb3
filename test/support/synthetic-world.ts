/**
 * Worlds made of numbers: a real bundle in memory (head, catalog, packs) with assets whose payloads
 * are one triangle and as many bytes of noise as asked for. For simulations and benchmarks.
 */
import { crc32 } from '../../src/base/crc32.ts';
import { hashName } from '../../src/base/hash.ts';
import { createRandom, type Random } from '../../src/base/random.ts';
import { type Catalog, FORMAT_VERSION, NO_GRID, NO_LAYER } from '../../src/io/bundle/format.ts';
import { formatHead } from '../../src/io/bundle/read-head.ts';
import { directoryBytesOf, writeCatalog } from '../../src/io/bundle/write-catalog.ts';
import { concat, encodeBlocks, PLAIN_MATERIAL, writeContent } from './encode-mesh.ts';
import {
  type CellColumns,
  gatherCells,
  makeRows,
  type RowOptions,
  type Rows,
  type Scatter,
  slotColumns,
} from './synthetic-rows.ts';

export interface SyntheticOptions {
  seed?: number;
  assets?: number;
  placements?: number;
  /** Edge of the square world (meters). */
  extentMeters?: number;
  cellMeters?: number;
  /** Encoded bytes of LOD 0; each coarser LOD has a quarter. */
  finestBytes?: number;
  /** Share of the cells near each level's center that belong to it. */
  levels?: SyntheticLevel[];
  /** Data layers, and grids with edge and range (meters). */
  layers?: string[];
  grids?: { name: string; edgeMeters: number; rangeMeters: number; layer?: number }[];
  /** Quadtree of terrain: levels below the root, 0 = no terrain. */
  terrainDepth?: number;
  /** Where things stand (meters); default: evenly over the square. */
  scatter?: Scatter;
  /** Which asset stands there, given the one that was drawn; default: that one. */
  assetAt?: (x: number, asset: number) => number;
  /** Where placements belong, instead of by the levels' radii. */
  belongs?: RowOptions['belongs'];
  /** Vertices and indices of an asset's LOD, or of a terrain tile (-1); default: one triangle. */
  shape?: ((asset: number, lod: number) => Shape) | undefined;
}

export interface SyntheticLevel {
  name: string;
  center: [number, number, number];
  radius: number;
  /** Grid that it is a square of, and x, z of that. */
  square?: [grid: number, x: number, z: number];
}

export interface Shape {
  vertices: number;
  indices: number;
}

type Optional = 'scatter' | 'shape' | 'assetAt' | 'belongs';
type Chosen = Required<Omit<SyntheticOptions, Optional>> & Pick<SyntheticOptions, Optional>;

export interface SyntheticWorld {
  files: Record<string, Uint8Array<ArrayBuffer>>;
  /** Path to open. */
  path: string;
  assetNames: string[];
  residentBytes: number;
  catalog: Catalog;
}

const LODS = 5;
const TRIANGLE: Shape = { vertices: 3, indices: 3 };

interface Payload {
  kind: number;
  bytes: Uint8Array;
  geometryBytes: number;
  /** Claimed GPU bytes of textures, so that residency costs what real content would. */
  textureBytes: number;
}

/** Triangles about a meter large, all in the same place, and `noise` bytes that do not compress. */
function makePayload(random: Random, kind: number, noise: number, shape: Shape): Payload {
  const { vertices, indices } = shape;
  const corners = [-32767, 0, 0, 0, 32767, 0, 0, 0, 0, 32767, 0, 0];
  const positions = Int16Array.from({ length: vertices * 4 }, (_, i) => corners[i % 12]!);
  const normals = Int8Array.from({ length: vertices * 4 }, (_, i) => (i % 4 === 2 ? 127 : 0));
  const index = Uint16Array.from({ length: indices + (indices % 2) }, (_, i) => i % 3);
  const dust = new Uint8Array(noise);
  for (let i = 0; i < noise; i++) dust[i] = random() * 256;
  const streams = [positions, normals, index].map((array) => new Uint8Array(array.buffer));
  const header = {
    codec: 'raw',
    scale: 1,
    offset: [0, 0, 0],
    primitives: [
      {
        material: 0,
        vertexCount: vertices,
        indexCount: indices,
        indexType: 'u16',
        sphere: [0, 0, 0, 2],
        attributes: [
          {
            name: 'position',
            type: 'i16',
            itemSize: 4,
            normalized: true,
            offset: 0,
            bytes: vertices * 8,
          },
          {
            name: 'normal',
            type: 'i8',
            itemSize: 4,
            normalized: true,
            offset: vertices * 8,
            bytes: vertices * 4,
          },
        ],
        index: { offset: vertices * 12, bytes: indices * 2 },
      },
    ],
    materials: [PLAIN_MATERIAL],
    images: [],
  };
  const bytes = encodeBlocks(writeContent(header, [...streams, dust]));
  const geometryBytes = vertices * 12 + index.byteLength;
  return { kind, bytes, geometryBytes, textureBytes: noise * 4 };
}

interface TerrainColumns {
  boxes: number[];
  errors: number[];
  children: number[];
}

function makeTerrain(extent: number, depth: number): TerrainColumns {
  const out: TerrainColumns = { boxes: [], errors: [], children: [] };
  if (depth === 0) return out;
  const queue = [{ x: -extent / 2, z: -extent / 2, size: extent, level: 0 }];
  for (let at = 0; at < queue.length; at++) {
    const { x, z, size, level } = queue[at]!;
    out.boxes.push(x, 0, z, x + size, 10, z + size);
    out.errors.push(size / 50);
    out.children.push(level === depth ? 0xffffffff : queue.length);
    if (level === depth) continue;
    for (const [i, j] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const)
      queue.push({
        x: x + (i * size) / 2,
        z: z + (j * size) / 2,
        size: size / 2,
        level: level + 1,
      });
  }
  return out;
}

const DEFAULTS: Chosen = {
  seed: 1,
  assets: 12,
  placements: 2000,
  extentMeters: 1000,
  cellMeters: 50,
  finestBytes: 40_000,
  levels: [],
  layers: [],
  grids: [],
  terrainDepth: 0,
};

export function makeSyntheticWorld(given: SyntheticOptions = {}): SyntheticWorld {
  const options = { ...DEFAULTS, ...given };
  const random = createRandom(options.seed);
  const assetNames = Array.from({ length: options.assets }, (_, i) => `asset-${i}`);
  const radii = assetNames.map(() => 1 + random() * 6);
  const terrain = makeTerrain(options.extentMeters, options.terrainDepth);
  const payloads: Payload[] = [];
  const { shape = () => TRIANGLE } = options;
  for (const asset of assetNames.keys())
    for (let lod = 0; lod < LODS; lod++) {
      const noise = Math.round(options.finestBytes / 4 ** lod);
      payloads.push(makePayload(random, 1, noise, shape(asset, lod)));
    }
  for (const _ of terrain.errors)
    payloads.push(makePayload(random, 2, options.finestBytes / 8, shape(-1, 0)));
  const rows = makeRows(random, options);
  const cells = gatherCells(rows, radii, options.cellMeters);
  const { pack, offsets } = packPayloads(payloads);
  const catalog = makeCatalog({
    options,
    assetNames,
    radii,
    payloads,
    offsets,
    rows,
    cells,
    terrain,
  });
  const catalogBytes = writeCatalog(catalog);
  const residentBytes = payloads.reduce(
    (sum, { geometryBytes, textureBytes }) => sum + 2 * geometryBytes + textureBytes,
    0,
  );
  const half = options.extentMeters / 2;
  const head = formatHead({
    format: 'farfield-world',
    version: FORMAT_VERSION,
    name: 'synthetic',
    generator: 'test',
    catalog: {
      file: 'catalog.ffc',
      bytes: catalogBytes.length,
      sha256: '0123456789abcdef',
      directoryBytes: directoryBytesOf(catalogBytes),
    },
    packs: [{ file: 'pack.ffp', bytes: pack.length, sha256: '0123456789abcdef' }],
    bounds: [-half, 0, -half, half, 10, half],
    counts: {
      assets: options.assets,
      payloads: payloads.length,
      levels: options.levels.length,
      placements: options.placements,
      terrain: terrain.errors.length,
    },
    residentBytes,
  });
  return {
    files: {
      'world.json': new TextEncoder().encode(head),
      'catalog.ffc': catalogBytes,
      'pack.ffp': pack,
    },
    path: 'world.json',
    assetNames,
    residentBytes,
    catalog,
  };
}

function packPayloads(payloads: Payload[]) {
  const offsets: number[] = [];
  let at = 0;
  for (const { bytes } of payloads) {
    offsets.push(at);
    at += bytes.length;
  }
  return { pack: concat(payloads.map(({ bytes }) => bytes)), offsets };
}

interface Parts {
  options: Chosen;
  assetNames: string[];
  radii: number[];
  payloads: Payload[];
  offsets: number[];
  rows: Rows;
  cells: CellColumns;
  terrain: TerrainColumns;
}

function makeCatalog(parts: Parts): Catalog {
  const { options, assetNames, radii, payloads, offsets, rows, cells, terrain } = parts;
  const { layers, grids } = options;
  const names = [
    ...assetNames,
    ...options.levels.map(({ name }) => name),
    ...layers,
    ...grids.map(({ name }) => name),
  ];
  const firstLayer = options.assets + options.levels.length;
  const text = new TextEncoder().encode(names.join(''));
  const stringStarts = [0];
  for (const name of names) stringStarts.push(stringStarts.at(-1)! + name.length);
  const meshCount = options.assets * LODS;
  return {
    counts: {
      strings: names.length,
      text: text.length,
      assets: options.assets,
      payloads: payloads.length,
      levels: options.levels.length,
      cells: cells.levels.length,
      runs: cells.runAssets.length,
      placements: options.placements,
      terrain: terrain.errors.length,
      layers: layers.length,
      grids: grids.length,
    },
    text,
    stringStarts: Uint32Array.from(stringStarts),
    assetIds: Uint32Array.from(assetNames, hashName),
    assetNames: Uint32Array.from(assetNames, (_, i) => i),
    assetSpheres: Float32Array.from(radii.flatMap((radius) => [0, 0, 0, radius])),
    assetLodCounts: new Uint8Array(options.assets).fill(LODS),
    assetPayloads: Uint32Array.from(assetNames, (_, i) => i * LODS),
    assetErrors: Float32Array.from(
      radii.flatMap((radius) => [0.006, 0.012, 0.025, 0.05, 0.1].map((e) => e * radius)),
    ),
    assetTriangles: new Uint32Array(options.assets * LODS).fill(1),
    assetImportances: new Float32Array(options.assets).fill(1),
    payloadKinds: Uint8Array.from(payloads, ({ kind }) => kind),
    payloadPacks: new Uint16Array(payloads.length),
    payloadOffsets: Uint32Array.from(offsets),
    payloadEncodedBytes: Uint32Array.from(payloads, ({ bytes }) => bytes.length),
    payloadChecksums: Uint32Array.from(payloads, ({ bytes }) => crc32(bytes)),
    payloadGeometryBytes: Uint32Array.from(payloads, ({ geometryBytes }) => geometryBytes),
    payloadImageBytes: new Uint32Array(payloads.length),
    payloadTextureBytes: Uint32Array.from(payloads, ({ textureBytes }) => textureBytes),
    payloadBlockBytes: Uint32Array.from(
      payloads.flatMap(({ textureBytes }) => [textureBytes, textureBytes, textureBytes]),
    ),
    payloadDecodeMs: new Float32Array(payloads.length).fill(0.1),
    levelNames: Uint32Array.from(options.levels, (_, i) => options.assets + i),
    levelGrids: Uint16Array.from(options.levels, ({ square }) => square?.[0] ?? NO_GRID),
    levelSquares: Int16Array.from(
      options.levels.flatMap(({ square }) => square?.slice(1) ?? [0, 0]),
    ),
    layerNames: Uint32Array.from(layers, (_, i) => firstLayer + i),
    gridNames: Uint32Array.from(grids, (_, i) => firstLayer + layers.length + i),
    gridEdges: Float32Array.from(grids, ({ edgeMeters }) => edgeMeters),
    gridRanges: Float32Array.from(grids, ({ rangeMeters }) => rangeMeters),
    gridLayers: Uint16Array.from(grids, ({ layer }) => layer ?? NO_LAYER),
    cellLayers: cells.layers,
    cellProxies: cells.proxies,
    cellBoxes: cells.boxes,
    cellLevels: cells.levels,
    cellRuns: cells.cellRuns,
    runAssets: cells.runAssets,
    runSlots: cells.runSlots,
    runScales: cells.runScales,
    ...slotColumns(rows, cells.order),
    terrainBoxes: Float32Array.from(terrain.boxes),
    terrainErrors: Float32Array.from(terrain.errors),
    terrainPayloads: Uint32Array.from(terrain.errors, (_, i) => meshCount + i),
    terrainChildren: Uint32Array.from(terrain.children),
  };
}
