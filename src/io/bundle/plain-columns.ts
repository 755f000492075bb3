/** Columns of a catalog that has no layers, no grids and no proxies. */
import { type CatalogTables, NO_GRID, NO_LAYER, NO_LEVEL } from './format.ts';

type PlainColumns = Pick<
  CatalogTables,
  | 'levelGrids'
  | 'levelSquares'
  | 'layerNames'
  | 'gridNames'
  | 'gridEdges'
  | 'gridRanges'
  | 'gridLayers'
  | 'cellLayers'
  | 'cellProxies'
>;

/** The columns for so many levels and cells; `counts` has 0 `layers` and 0 `grids` beside them. */
export function plainColumns(levels: number, cells: number): PlainColumns {
  return {
    levelGrids: new Uint16Array(levels).fill(NO_GRID),
    levelSquares: new Int16Array(levels * 2),
    layerNames: new Uint32Array(0),
    gridNames: new Uint32Array(0),
    gridEdges: new Float32Array(0),
    gridRanges: new Float32Array(0),
    gridLayers: new Uint16Array(0),
    cellLayers: new Uint16Array(cells).fill(NO_LAYER),
    cellProxies: new Uint16Array(cells).fill(NO_LEVEL),
  };
}
