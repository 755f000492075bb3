/**
 * A flythrough world as a bundle: every object is an asset of its own with five LODs and stands once.
 * Payloads are opaque: only their sizes are real. They lie as the cook lays them, LOD by LOD along
 * Hilbert's curve, in packs of a few MiB.
 */
import { fetchOrder } from '../../../cook/fetch-order.ts';
import { hashName } from '../../../src/base/hash.ts';
import { type Catalog, FORMAT_VERSION, NO_LEVEL } from '../../../src/io/bundle/format.ts';
import { plainColumns } from '../../../src/io/bundle/plain-columns.ts';
import { formatHead } from '../../../src/io/bundle/read-head.ts';
import { directoryBytesOf, writeCatalog } from '../../../src/io/bundle/write-catalog.ts';
import { PayloadKind } from '../../../src/io/content.ts';
import { COARSEST_ERROR_PER_RADIUS, LOD_COUNT, WORLD_METERS } from '../constants.ts';
import type { World } from '../world.ts';

const CELL_METERS = 50;
const PACK_BYTES = 8 << 20;

export interface FlythroughBundle {
  files: Record<string, Uint8Array<ArrayBuffer>>;
  /** Bytes of each pack; its content is never looked at. */
  packs: Record<string, number>;
  /** Payload (`object * LOD_COUNT + lod`, 0 finest) that begins at `${pack}:${offset}`. */
  payloadAt: ReadonlyMap<string, number>;
}

interface Cells {
  boxes: number[];
  cellRuns: number[];
  /** Object of each slot. */
  order: number[];
}

function makeCells({ count, x, y, radius }: World): Cells {
  const key = (i: number): number =>
    Math.floor(y[i]! / CELL_METERS) * 4096 + Math.floor(x[i]! / CELL_METERS);
  const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => key(a) - key(b) || a - b);
  const boxes: number[] = [];
  const cellRuns: number[] = [];
  let last = Number.NaN;
  order.forEach((i, slot) => {
    if (key(i) !== last) {
      last = key(i);
      cellRuns.push(slot);
      boxes.push(Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity);
    }
    const base = boxes.length - 6;
    const r = radius[i]!;
    [x[i]!, 0, y[i]!].forEach((center, axis) => {
      boxes[base + axis] = Math.min(boxes[base + axis]!, Math.fround(center - r));
      boxes[base + 3 + axis] = Math.max(boxes[base + 3 + axis]!, Math.fround(center + r));
    });
  });
  cellRuns.push(count);
  return { boxes, cellRuns, order };
}

export function makeBundle(world: World): FlythroughBundle {
  const { count, x, y, radius } = world;
  const cells = makeCells(world);
  const names = Array.from({ length: count }, (_, i) => `object-${i}`);
  const text = new TextEncoder().encode(names.join(''));
  const stringStarts = [0];
  for (const name of names) stringStarts.push(stringStarts.at(-1)! + name.length);
  const payloads = count * LOD_COUNT;
  const bytes = Uint32Array.from({ length: payloads }, (_, i) => world.bytes[assetOf(i)]!);
  const catalog: Catalog = {
    counts: {
      strings: count,
      text: text.length,
      assets: count,
      payloads,
      levels: 0,
      cells: cells.cellRuns.length - 1,
      runs: count,
      placements: count,
      terrain: 0,
      layers: 0,
      grids: 0,
    },
    text,
    stringStarts: Uint32Array.from(stringStarts),
    assetIds: Uint32Array.from(names, hashName),
    assetNames: Uint32Array.from(names, (_, i) => i),
    assetSpheres: Float32Array.from({ length: count * 4 }, (_, i) =>
      i % 4 < 3 ? 0 : radius[i >> 2]!,
    ),
    assetLodCounts: new Uint8Array(count).fill(LOD_COUNT),
    assetPayloads: Uint32Array.from(names, (_, i) => i * LOD_COUNT),
    assetErrors: Float32Array.from({ length: payloads }, (_, i) => {
      const level = LOD_COUNT - 1 - (i % LOD_COUNT);
      return (COARSEST_ERROR_PER_RADIUS * radius[Math.floor(i / LOD_COUNT)]!) / 2 ** level;
    }),
    assetTriangles: new Uint32Array(payloads).fill(1),
    assetImportances: Float32Array.from(world.importance),
    payloadKinds: new Uint8Array(payloads).fill(PayloadKind.Mesh),
    payloadPacks: new Uint16Array(payloads),
    payloadOffsets: new Uint32Array(payloads),
    payloadEncodedBytes: bytes,
    payloadChecksums: new Uint32Array(payloads),
    payloadGeometryBytes: new Uint32Array(payloads),
    payloadImageBytes: new Uint32Array(payloads),
    // All a payload takes is its bytes: reserved, decoded and shown alike, as the referee counts.
    payloadTextureBytes: bytes,
    payloadBlockBytes: Uint32Array.from({ length: payloads * 3 }, (_, i) => bytes[(i / 3) | 0]!),
    payloadDecodeMs: new Float32Array(payloads),
    levelNames: new Uint32Array(0),
    ...plainColumns(0, cells.cellRuns.length - 1),
    cellBoxes: Float32Array.from(cells.boxes),
    cellLevels: new Uint16Array(cells.cellRuns.length - 1).fill(NO_LEVEL),
    cellRuns: Uint32Array.from(cells.cellRuns),
    runAssets: Uint32Array.from(cells.order),
    runSlots: Uint32Array.from({ length: count + 1 }, (_, i) => i),
    runScales: new Float32Array(count).fill(1),
    positions: Float32Array.from(cells.order.flatMap((i) => [x[i]!, 0, y[i]!])),
    rotations: Int16Array.from({ length: count * 4 }, (_, i) => (i % 4 === 3 ? 32767 : 0)),
    scales: new Float32Array(count).fill(1),
    terrainBoxes: new Float32Array(0),
    terrainErrors: new Float32Array(0),
    terrainPayloads: new Uint32Array(0),
    terrainChildren: new Uint32Array(0),
  };
  const packs = layOut(catalog, bytes);
  const payloadAt = new Map<string, number>();
  for (let i = 0; i < payloads; i++)
    payloadAt.set(`${packName(catalog.payloadPacks[i]!)}:${catalog.payloadOffsets[i]}`, i);
  return { files: writeFiles(catalog, packs, count), packs, payloadAt };
}

/** Gives each payload its pack and offset; returns the packs' sizes. */
function layOut(catalog: Catalog, bytes: Uint32Array): Record<string, number> {
  const sizes: number[] = [0];
  for (const payload of fetchOrder(catalog)) {
    if (sizes.at(-1)! > 0 && sizes.at(-1)! + bytes[payload]! > PACK_BYTES) sizes.push(0);
    catalog.payloadPacks[payload] = sizes.length - 1;
    catalog.payloadOffsets[payload] = sizes.at(-1)!;
    sizes[sizes.length - 1] = sizes.at(-1)! + bytes[payload]!;
  }
  return Object.fromEntries(sizes.map((size, i) => [packName(i), size]));
}

function writeFiles(
  catalog: Catalog,
  packs: Record<string, number>,
  count: number,
): Record<string, Uint8Array<ArrayBuffer>> {
  const catalogBytes = writeCatalog(catalog);
  const sha256 = '0123456789abcdef';
  const head = formatHead({
    format: 'farfield-world',
    version: FORMAT_VERSION,
    name: 'flythrough',
    generator: 'bench',
    catalog: {
      file: 'catalog.ffc',
      bytes: catalogBytes.length,
      sha256,
      directoryBytes: directoryBytesOf(catalogBytes),
    },
    packs: Object.entries(packs).map(([file, bytes]) => ({ file, bytes, sha256 })),
    bounds: [0, -40, 0, WORLD_METERS, 40, WORLD_METERS],
    counts: {
      assets: count,
      payloads: count * LOD_COUNT,
      levels: 0,
      placements: count,
      terrain: 0,
    },
    residentBytes: catalog.payloadTextureBytes.reduce((sum, bytes) => sum + bytes, 0),
  });
  return { 'world.json': new TextEncoder().encode(head), 'catalog.ffc': catalogBytes };
}

function packName(pack: number): string {
  return `pack-${pack}.ffp`;
}

/** The asset that a payload brings, and back: LOD 0 is the finest, level 0 of the harness the coarsest. */
export function assetOf(payload: number): number {
  return payload - (payload % LOD_COUNT) + LOD_COUNT - 1 - (payload % LOD_COUNT);
}
