/** What a catalog says of data layers, grids and proxies, until the world has taken it in. */
import { stringAt } from '../io/bundle/catalog-names.ts';
import type { CatalogTables } from '../io/bundle/format.ts';

/** Numbers are those of the catalog. */
export interface Partition {
  layerNames: string[];
  /** By cell: data layer, and level stood in for. */
  cellLayers: Uint16Array;
  cellProxies: Uint16Array;
  /** By level: grid, and x, z of the square. */
  levelGrids: Uint16Array;
  levelSquares: Int16Array;
  grids: { name: string; edgeMeters: number; rangeMeters: number; layer: number }[];
}

export function readPartition(catalog: CatalogTables): Partition {
  const { cellLayers, cellProxies, levelGrids, levelSquares } = catalog;
  return {
    layerNames: Array.from(catalog.layerNames, (name) => stringAt(catalog, name)),
    cellLayers,
    cellProxies,
    levelGrids,
    levelSquares,
    grids: Array.from(catalog.gridNames, (name, grid) => ({
      name: stringAt(catalog, name),
      edgeMeters: catalog.gridEdges[grid]!,
      rangeMeters: catalog.gridRanges[grid]!,
      layer: catalog.gridLayers[grid]!,
    })),
  };
}
