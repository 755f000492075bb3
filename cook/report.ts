/** What a cook made: figures for programs, and the same as a table for people. */
import { residentBytesOf } from '../src/base/payload-cost.ts';
import type { Catalog, FileRecord } from '../src/io/bundle/format.ts';
import type { CookedModel } from './cook-model.ts';
import { formatPartition, type PartitionReport } from './report-partition.ts';
import { formatBytes, formatMeters, formatTable } from './report-text.ts';
import type { CookedTerrain } from './terrain.ts';
import type { UpdateReport } from './update.ts';

export interface LodReport {
  triangles: number;
  errorMeters: number;
  bytes: number;
  residentBytes: number;
  /** The same on a device with BC textures. */
  residentBytesWithBc: number;
  codec: string;
}

export interface AssetReport {
  name: string;
  sourceBytes: number;
  sourceTriangles: number;
  cookedBytes: number;
  lods: LodReport[];
  warnings: string[];
}

/** A file of a kind of the game's own. */
export interface FileReport {
  name: string;
  kind: number;
  sourceBytes: number;
  cookedBytes: number;
  residentBytes: number;
}

export interface CookReport extends PartitionReport {
  /** Models; proxies have a list of their own. */
  assets: AssetReport[];
  files: FileReport[];
  terrain: { tiles: number; levels: number; bytes: number; residentBytes: number } | null;
  placements: number;
  cells: number;
  levels: number;
  catalogBytes: number;
  packs: number;
  /** Everything in the folder but `world.json`. */
  totalBytes: number;
  /** What all payloads would take if they were resident at once. */
  residentBytes: number;
  /** What changed against the world that was in the folder before; null where there was none. */
  update: UpdateReport | null;
  /** Wall time. */
  seconds: number;
}

interface ReportInput {
  models: readonly CookedModel[];
  terrain: CookedTerrain | null;
  catalog: Catalog;
  packs: readonly FileRecord[];
  catalogFile: FileRecord;
  residentBytes: number;
  update: UpdateReport | null;
  partition: PartitionReport;
}

export function makeReport(input: ReportInput): CookReport {
  const { models, terrain, catalog, packs, catalogFile, residentBytes, update, partition } = input;
  const proxies = new Set(partition.proxies.map(({ name }) => name));
  const files = models.flatMap((model) => (model.kind ? [fileReport(model, model.kind)] : []));
  const surfaces = models.filter(({ kind, name }) => !kind && !proxies.has(name));
  const assets = surfaces.map((model): AssetReport => {
    const lods = model.lods.map(({ triangles, errorMeters, payload }) => ({
      triangles,
      errorMeters,
      bytes: payload.bytes.length,
      residentBytes: residentBytesOf(payload.geometryBytes, payload.textureBytes),
      residentBytesWithBc: residentBytesOf(payload.geometryBytes, payload.blockBytes[0]!),
      codec: payload.codec,
    }));
    return {
      name: model.name,
      sourceBytes: model.sourceBytes,
      sourceTriangles: model.sourceTriangles,
      cookedBytes: lods.reduce((sum, { bytes }) => sum + bytes, 0),
      lods,
      warnings: model.warnings,
    };
  });
  return {
    assets,
    files,
    terrain: terrain && {
      tiles: terrain.payloads.length,
      levels: terrain.levels,
      bytes: terrain.payloads.reduce((sum, { bytes }) => sum + bytes.length, 0),
      residentBytes: terrain.payloads.reduce(
        (sum, p) => sum + residentBytesOf(p.geometryBytes, p.textureBytes),
        0,
      ),
    },
    placements: catalog.counts.placements,
    cells: catalog.counts.cells,
    levels: catalog.counts.levels,
    catalogBytes: catalogFile.bytes,
    packs: packs.length,
    totalBytes: packs.reduce((sum, { bytes }) => sum + bytes, catalogFile.bytes),
    residentBytes,
    update,
    ...partition,
    seconds: 0,
  };
}

function fileReport({ name, sourceBytes, lods }: CookedModel, kind: number): FileReport {
  const { bytes, textureBytes } = lods[0]!.payload;
  return { name, kind, sourceBytes, cookedBytes: bytes.length, residentBytes: textureBytes };
}

/** The report as text, one line per LOD. */
export function formatReport(report: CookReport): string {
  const rows: string[][] = [
    ['asset', 'LOD', 'triangles', 'error', 'codec', 'cooked', 'resident', 'source', 'ratio'],
  ];
  for (const asset of report.assets)
    asset.lods.forEach((lod, i) => {
      const isFirst = i === 0;
      rows.push([
        isFirst ? asset.name : '',
        `${i}`,
        lod.triangles.toLocaleString('en'),
        formatMeters(lod.errorMeters),
        lod.codec,
        formatBytes(lod.bytes),
        formatBytes(lod.residentBytes),
        isFirst ? formatBytes(asset.sourceBytes) : '',
        isFirst ? (asset.cookedBytes / Math.max(1, asset.sourceBytes)).toFixed(2) : '',
      ]);
    });
  const lines = report.assets.length > 0 ? formatTable(rows) : [];
  for (const { name, kind, cookedBytes, residentBytes } of report.files)
    lines.push(
      `file "${name}" of kind ${kind}: ${formatBytes(cookedBytes)} cooked, ` +
        `${formatBytes(residentBytes)} resident`,
    );
  const { terrain } = report;
  if (terrain)
    lines.push(
      `terrain: ${terrain.tiles} tiles in ${terrain.levels} levels, ${formatBytes(terrain.bytes)} ` +
        `cooked, ${formatBytes(terrain.residentBytes)} resident`,
    );
  lines.push(...formatPartition(report));
  lines.push(
    `${report.placements.toLocaleString('en')} placements in ${report.cells.toLocaleString('en')} cells, ` +
      `${report.levels} levels; catalog ${formatBytes(report.catalogBytes)}, ` +
      `${report.packs} ${report.packs === 1 ? 'pack' : 'packs'}`,
    `${formatBytes(report.totalBytes)} in all, ${formatBytes(report.residentBytes)} if everything ` +
      `were resident; cooked in ${report.seconds.toFixed(1)} s`,
  );
  if (report.update) lines.push(formatUpdate(report.update));
  for (const asset of report.assets)
    for (const warning of asset.warnings) lines.push(`warning: ${asset.name}: ${warning}`);
  return `${lines.join('\n')}\n`;
}

function formatUpdate({ keptFiles, keptBytes, newFiles, newBytes, removedFiles }: UpdateReport) {
  return (
    `update: ${keptFiles} files kept (${formatBytes(keptBytes)}), ${newFiles} new ` +
    `(${formatBytes(newBytes)} to fetch again), ${removedFiles} removed`
  );
}
