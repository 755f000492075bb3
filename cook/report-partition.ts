/** What a cook says of data layers, grids and proxies. */
import { NO_LEVEL } from '../src/io/bundle/format.ts';
import { layerText } from './layers.ts';
import type { PlacedColumns } from './place.ts';
import type { MadeProxy } from './proxies.ts';
import { formatBytes, formatMeters } from './report-text.ts';

export interface LayerReport {
  /** `winter`, or `!winter` for what is there while that layer is off. */
  layer: string;
  placements: number;
}

export interface GridReport {
  name: string;
  edgeMeters: number;
  rangeMeters: number;
  /** The layer it takes, '' where it takes what no other grid does. */
  layer: string;
  squares: number;
  placements: number;
}

export interface ProxyReport {
  name: string;
  level: string;
  layer: string;
  /** From where it is seen first. */
  distanceMeters: number;
  /** Placements that it stands in for. */
  placements: number;
  /** Those that are in it; the others are too small to be seen from there. */
  kept: number;
  /** Of LOD 0. */
  triangles: number;
  errorMeters: number;
  /** Of all LODs, cooked. */
  bytes: number;
}

export interface PartitionReport {
  layers: LayerReport[];
  grids: GridReport[];
  proxies: ProxyReport[];
}

export function describePartition(
  { layers, layerNames, grids, levels, levelNames, levelGrids, proxies: standsFor }: PlacedColumns,
  proxies: readonly MadeProxy[],
): PartitionReport {
  const perLayer = new Map<string, number>();
  const perGrid = new Uint32Array(grids.length);
  for (let row = 0; row < layers.length; row++) {
    if (standsFor[row] !== NO_LEVEL) continue;
    const layer = layerText(layers[row]!, layerNames);
    if (layer) perLayer.set(layer, (perLayer.get(layer) ?? 0) + 1);
    const grid = levelGrids[levels[row]!];
    if (grid !== undefined && grid < grids.length) perGrid[grid]!++;
  }
  return {
    layers: [...perLayer].map(([layer, placements]) => ({ layer, placements })),
    grids: grids.map(({ name, edge, range, layer = '' }, grid) => ({
      name,
      edgeMeters: edge,
      rangeMeters: range,
      layer,
      squares: levelGrids.filter((one) => one === grid).length,
      placements: perGrid[grid]!,
    })),
    proxies: proxies.map(({ name, level, layer, distanceMeters, rows, kept, model }) => ({
      name,
      level: levelNames[level]!,
      layer: layerText(layer, layerNames),
      distanceMeters,
      placements: rows.length,
      kept,
      triangles: model.lods[0]!.triangles,
      errorMeters: model.lods[0]!.errorMeters,
      bytes: model.lods.reduce((sum, { payload }) => sum + payload.bytes.length, 0),
    })),
  };
}

/** The same for people: a line for each layer and grid, and one for all proxies. */
export function formatPartition({ layers, grids, proxies }: PartitionReport): string[] {
  const number = (value: number): string => value.toLocaleString('en');
  const lines = layers.map(
    ({ layer, placements }) => `layer ${layer}: ${number(placements)} placements`,
  );
  for (const { name, edgeMeters, rangeMeters, layer, squares, placements } of grids)
    lines.push(
      `grid ${name}: ${number(squares)} squares of ${formatMeters(edgeMeters)} within ` +
        `${formatMeters(rangeMeters)}${layer ? ` of layer ${layer}` : ''}, ` +
        `${number(placements)} placements`,
    );
  if (proxies.length === 0) return lines;
  const sum = (of: (proxy: ProxyReport) => number): number =>
    proxies.reduce((total, proxy) => total + of(proxy), 0);
  const most = (of: (proxy: ProxyReport) => number): number =>
    proxies.reduce((top, proxy) => Math.max(top, of(proxy)), 0);
  lines.push(
    `${number(proxies.length)} proxies of ${number(sum(({ kept }) => kept))} placements: ` +
      `${number(sum(({ triangles }) => triangles))} triangles (up to ` +
      `${number(most(({ triangles }) => triangles))}, within ` +
      `${formatMeters(most(({ errorMeters }) => errorMeters))}), ` +
      `${formatBytes(sum(({ bytes }) => bytes))} in all LODs (up to ` +
      `${formatBytes(most(({ bytes }) => bytes))})`,
  );
  return lines;
}
