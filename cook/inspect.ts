/** What a cooked world holds: as data, and as text for people. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../src/base/errors.ts';
import { MAX_LODS } from '../src/base/limits.ts';
import { residentBytesOf } from '../src/base/payload-cost.ts';
import { stringAt } from '../src/io/bundle/catalog-names.ts';
import type { Catalog, WorldHead } from '../src/io/bundle/format.ts';
import { readCatalog } from '../src/io/bundle/read-catalog.ts';
import { isCustomKind, PayloadKind } from '../src/io/content.ts';
import { CookError } from './errors.ts';
import { formatInspectedPartition, inspectPartition } from './inspect-partition.ts';
import { openHead } from './open-world.ts';
import { formatBytes, formatMeters, formatTable } from './report-text.ts';

export interface InspectedLod {
  triangles: number;
  errorMeters: number;
  encodedBytes: number;
  geometryBytes: number;
  /** Textures as RGBA8, with mips. */
  textureBytes: number;
  /** Textures on devices with BC, ASTC and ETC2, with mips. */
  blockBytes: { bc: number; astc: number; etc2: number };
}

export interface InspectReport {
  name: string;
  version: number;
  generator: string;
  bounds: number[];
  files: { file: string; bytes: number }[];
  assets: {
    name: string;
    id: number;
    /** Kind of its payloads: 1 is mesh, from 16 on the game's own. */
    kind: number;
    radiusMeters: number;
    placements: number;
    /** Level that it stands in for, null where it is no proxy. */
    proxyOf: string | null;
    lods: InspectedLod[];
  }[];
  levels: {
    name: string;
    cells: number;
    placements: number;
    /** Grid and square of it, null where it is none. */
    square: { grid: string; x: number; z: number } | null;
  }[];
  /** Data layers, with `!` where placements are there while it is off. */
  layers: { layer: string; placements: number }[];
  grids: {
    name: string;
    edgeMeters: number;
    rangeMeters: number;
    layer: string;
    squares: number;
  }[];
  cells: number;
  placements: number;
  terrain: {
    tiles: number;
    encodedBytes: number;
    residentBytes: number;
    coarsestErrorMeters: number;
  } | null;
  encodedBytes: number;
  residentBytes: number;
}

/** Throws `CookError` when the head or the catalog cannot be read. */
export async function inspect(folder: string): Promise<InspectReport> {
  const head = await openHead(folder);
  const path = join(folder, head.catalog.file);
  let catalog: Catalog;
  try {
    catalog = readCatalog(new Uint8Array(await readFile(path)));
  } catch (error) {
    throw new CookError(`${path}: ${reasonOf(error)}`);
  }
  return summarize(head, catalog);
}

function summarize(head: WorldHead, catalog: Catalog): InspectReport {
  const { counts } = catalog;
  const perAsset = new Uint32Array(counts.assets);
  for (let run = 0; run < counts.runs; run++) {
    const asset = catalog.runAssets[run]!;
    perAsset[asset] = perAsset[asset]! + catalog.runSlots[run + 1]! - catalog.runSlots[run]!;
  }
  const { levels, layers, grids, proxyOf } = inspectPartition(catalog);
  const files = [head.catalog, ...head.packs].map(({ file, bytes }) => ({ file, bytes }));
  return {
    name: head.name,
    version: head.version,
    generator: head.generator,
    bounds: head.bounds,
    files,
    assets: Array.from({ length: counts.assets }, (_, asset) => ({
      name: stringAt(catalog, catalog.assetNames[asset]!),
      id: catalog.assetIds[asset]!,
      kind: catalog.payloadKinds[catalog.assetPayloads[asset]!]!,
      radiusMeters: catalog.assetSpheres[asset * 4 + 3]!,
      placements: perAsset[asset]!,
      proxyOf: proxyOf.get(asset) ?? null,
      lods: lodsOf(catalog, asset),
    })),
    levels,
    layers,
    grids,
    cells: counts.cells,
    placements: counts.placements,
    terrain: terrainOf(catalog),
    encodedBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    residentBytes: head.residentBytes,
  };
}

function lodsOf(catalog: Catalog, asset: number): InspectedLod[] {
  return Array.from({ length: catalog.assetLodCounts[asset]! }, (_, lod) => {
    const payload = catalog.assetPayloads[asset]! + lod;
    return {
      triangles: catalog.assetTriangles[asset * MAX_LODS + lod]!,
      errorMeters: catalog.assetErrors[asset * MAX_LODS + lod]!,
      encodedBytes: catalog.payloadEncodedBytes[payload]!,
      geometryBytes: catalog.payloadGeometryBytes[payload]!,
      textureBytes: catalog.payloadTextureBytes[payload]!,
      blockBytes: blockBytesOf(catalog, payload),
    };
  });
}

function blockBytesOf(catalog: Catalog, payload: number): InspectedLod['blockBytes'] {
  const [bc, astc, etc2] = catalog.payloadBlockBytes.subarray(payload * 3, payload * 3 + 3);
  return { bc: bc!, astc: astc!, etc2: etc2! };
}

function terrainOf(catalog: Catalog): InspectReport['terrain'] {
  if (catalog.counts.terrain === 0) return null;
  let encodedBytes = 0;
  let residentBytes = 0;
  for (let i = 0; i < catalog.counts.payloads; i++) {
    if (catalog.payloadKinds[i] !== PayloadKind.Terrain) continue;
    encodedBytes += catalog.payloadEncodedBytes[i]!;
    residentBytes += residentBytesOf(
      catalog.payloadGeometryBytes[i]!,
      catalog.payloadTextureBytes[i]!,
    );
  }
  const coarsestErrorMeters = catalog.terrainErrors[0]!;
  return { tiles: catalog.counts.terrain, encodedBytes, residentBytes, coarsestErrorMeters };
}

/** Above this many files the text sums them up; the data always has them all. */
const MOST_FILES_LISTED = 12;

function formatFiles(files: InspectReport['files']): string[] {
  const line = ({ file, bytes }: { file: string; bytes: number }): string =>
    `  ${file}  ${formatBytes(bytes)}`;
  if (files.length <= MOST_FILES_LISTED) return files.map(line);
  const [catalog, ...packs] = files;
  const sizes = packs.map(({ bytes }) => bytes).sort((a, b) => a - b);
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  return [
    line(catalog!),
    `  ${packs.length.toLocaleString('en')} packs  ${formatBytes(total)}: ` +
      `${formatBytes(sizes[0]!)} to ${formatBytes(sizes.at(-1)!)}, half of them up to ` +
      formatBytes(sizes[sizes.length >> 1]!),
  ];
}

/** The report as text. */
export function formatInspection(report: InspectReport): string {
  const size = [0, 1, 2].map((c) => (report.bounds[c + 3]! - report.bounds[c]!).toFixed(1));
  const lines = [
    `world "${report.name}", format ${report.version}, written by ${report.generator}`,
    `${size.join(' x ')} m, ${formatBytes(report.encodedBytes)} on disk, ` +
      `${formatBytes(report.residentBytes)} if everything were resident`,
    `${report.placements.toLocaleString('en')} placements in ${report.cells.toLocaleString('en')} cells`,
    ...formatFiles(report.files),
  ];
  const rows = [
    ['asset', 'placed', 'radius', 'LOD', 'triangles', 'error', 'cooked', 'resident', 'with BC'],
  ];
  for (const asset of report.assets.filter(({ proxyOf }) => proxyOf === null))
    asset.lods.forEach((lod, i) => {
      rows.push([
        i === 0 ? asset.name : '',
        i === 0 ? asset.placements.toLocaleString('en') : '',
        i === 0 ? formatMeters(asset.radiusMeters) : '',
        isCustomKind(asset.kind) ? `kind ${asset.kind}` : `${i}`,
        isCustomKind(asset.kind) ? '' : lod.triangles.toLocaleString('en'),
        isCustomKind(asset.kind) ? '' : formatMeters(lod.errorMeters),
        formatBytes(lod.encodedBytes),
        formatBytes(residentBytesOf(lod.geometryBytes, lod.textureBytes)),
        formatBytes(residentBytesOf(lod.geometryBytes, lod.blockBytes.bc)),
      ]);
    });
  if (rows.length > 1) lines.push(...formatTable(rows));
  for (const { name, cells, placements, square } of report.levels)
    if (!square)
      lines.push(
        `level "${name}": ${placements.toLocaleString('en')} placements in ${cells} cells`,
      );
  lines.push(...formatInspectedPartition(report));
  if (report.terrain)
    lines.push(
      `terrain: ${report.terrain.tiles} tiles, ${formatBytes(report.terrain.encodedBytes)} cooked, ` +
        `${formatBytes(report.terrain.residentBytes)} resident, coarsest within ` +
        formatMeters(report.terrain.coarsestErrorMeters),
    );
  return `${lines.join('\n')}\n`;
}
