/** What a cooked world holds of levels, data layers, grids and proxies. */
import { stringAt } from '../src/io/bundle/catalog-names.ts';
import { type Catalog, NO_GRID, NO_LAYER, NO_LEVEL } from '../src/io/bundle/format.ts';
import type { InspectReport } from './inspect.ts';
import { layerText } from './layers.ts';
import { formatBytes, formatMeters } from './report-text.ts';

export interface InspectedPartition extends Pick<InspectReport, 'levels' | 'layers' | 'grids'> {
  /** Name of the level that an asset stands in for. */
  proxyOf: Map<number, string>;
}

export function inspectPartition(catalog: Catalog): InspectedPartition {
  const { counts, cellLevels, cellLayers, cellProxies, levelGrids, levelSquares } = catalog;
  const gridNames = Array.from(catalog.gridNames, (name) => stringAt(catalog, name));
  const layerNames = Array.from(catalog.layerNames, (name) => stringAt(catalog, name));
  const levels = Array.from(catalog.levelNames, (name, level) => {
    const grid = levelGrids[level]!;
    const [x, z] = [levelSquares[level * 2]!, levelSquares[level * 2 + 1]!];
    const square = grid === NO_GRID ? null : { grid: gridNames[grid]!, x, z };
    return { name: stringAt(catalog, name), cells: 0, placements: 0, square };
  });
  const perLayer = new Map<number, number>();
  const proxyOf = new Map<number, string>();
  for (let cell = 0; cell < counts.cells; cell++) {
    const [from, to] = [catalog.cellRuns[cell]!, catalog.cellRuns[cell + 1]!];
    const [level, layer, proxy] = [cellLevels[cell]!, cellLayers[cell]!, cellProxies[cell]!];
    if (proxy !== NO_LEVEL) {
      const name = levels[proxy]?.name ?? `level ${proxy}`;
      for (let run = from; run < to; run++) proxyOf.set(catalog.runAssets[run]!, name);
      continue;
    }
    const placements = catalog.runSlots[to]! - catalog.runSlots[from]!;
    if (layer !== NO_LAYER) perLayer.set(layer, (perLayer.get(layer) ?? 0) + placements);
    if (level === NO_LEVEL) continue;
    levels[level]!.cells++;
    levels[level]!.placements += placements;
  }
  return {
    levels,
    layers: [...perLayer].map(([layer, placements]) => ({
      layer: layerText(layer, layerNames),
      placements,
    })),
    grids: gridNames.map((name, grid) => ({
      name,
      edgeMeters: catalog.gridEdges[grid]!,
      rangeMeters: catalog.gridRanges[grid]!,
      layer: layerText(catalog.gridLayers[grid]!, layerNames),
      squares: levelGrids.filter((one) => one === grid).length,
    })),
    proxyOf,
  };
}

/** A line for each layer and grid, and one for all proxies. */
export function formatInspectedPartition({
  layers,
  grids,
  levels,
  assets,
}: InspectReport): string[] {
  const number = (value: number): string => value.toLocaleString('en');
  const lines = layers.map(
    ({ layer, placements }) => `layer ${layer}: ${number(placements)} placements`,
  );
  for (const { name, edgeMeters, rangeMeters, layer, squares } of grids) {
    const own = levels.filter(({ square }) => square?.grid === name);
    const placements = own.reduce((sum, level) => sum + level.placements, 0);
    lines.push(
      `grid ${name}: ${number(squares)} squares of ${formatMeters(edgeMeters)} within ` +
        `${formatMeters(rangeMeters)}${layer ? ` of layer ${layer}` : ''}, ` +
        `${number(placements)} placements`,
    );
  }
  const proxies = assets.filter(({ proxyOf }) => proxyOf !== null);
  if (proxies.length === 0) return lines;
  const finest = proxies.reduce((sum, { lods }) => sum + lods[0]!.triangles, 0);
  const coarsest = proxies.reduce((sum, { lods }) => sum + lods.at(-1)!.triangles, 0);
  const bytes = proxies.reduce(
    (sum, { lods }) => sum + lods.reduce((own, { encodedBytes }) => own + encodedBytes, 0),
    0,
  );
  lines.push(
    `${number(proxies.length)} proxies: ${number(finest)} triangles at their finest, ` +
      `${number(coarsest)} at their coarsest, ${formatBytes(bytes)} in all LODs`,
  );
  return lines;
}
