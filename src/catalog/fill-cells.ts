/**
 * The rows of cells and runs when a world is mounted, and what is summed up of each cell, so that
 * whoever looks for what matters need not walk its runs.
 */
import { MAX_LODS } from '../base/limits.ts';
import { type CatalogTables, NO_LEVEL } from '../io/bundle/format.ts';
import type { CellTable } from './cells.ts';
import type { Mount } from './mount.ts';

/** Runs filled in one step. */
const STEP_RUNS = 8192;

/** Fills the cells of a mount and finds its `baseAssets`. */
export function* fillCells(
  cells: CellTable,
  catalog: CatalogTables,
  mount: Mount,
): Generator<void> {
  const { counts } = catalog;
  const { firstCell, firstRun, firstAsset, firstSlot } = mount;
  for (let cell = 0; cell < counts.cells; cell++) {
    cells.levels[firstCell + cell] = catalog.cellLevels[cell]!;
    cells.cellRuns[firstCell + cell] = firstRun + catalog.cellRuns[cell]!;
    for (let i = cell * 6; i < cell * 6 + 6; i++)
      cells.boxes[firstCell * 6 + i] = catalog.cellBoxes[i]!;
    if (cell % STEP_RUNS === 0) yield;
  }
  cells.cellRuns[firstCell + counts.cells] = firstRun + counts.runs;
  for (let run = 0; run < counts.runs; run++) {
    cells.runAssets[firstRun + run] = firstAsset + catalog.runAssets[run]!;
    cells.runSlots[firstRun + run] = firstSlot + catalog.runSlots[run]!;
    cells.runEnds[firstRun + run] = firstSlot + catalog.runSlots[run + 1]!;
    cells.runMaxScales[firstRun + run] = catalog.runScales[run]!;
    if (run % STEP_RUNS === 0) yield;
  }
  const facts = yield* assetFacts(catalog);
  const isBase = new Uint8Array(counts.assets);
  let steps = 0;
  for (let cell = 0; cell < counts.cells; cell++) {
    sumUp(cells, catalog, firstCell + cell, cell, facts);
    const [first, end] = [catalog.cellRuns[cell]!, catalog.cellRuns[cell + 1]!];
    if (catalog.cellLevels[cell] === NO_LEVEL)
      for (let run = first; run < end; run++) isBase[catalog.runAssets[run]!] = 1;
    steps += end - first;
    if (steps < STEP_RUNS) continue;
    steps = 0;
    yield;
  }
  for (let asset = 0; asset < counts.assets; asset++) {
    if (isBase[asset]) mount.baseAssets.push(firstAsset + asset);
    if (asset % STEP_RUNS === 0) yield;
  }
}

interface AssetFacts {
  /** Error of the coarsest LOD, 0 where it is the only one. */
  errors: Float32Array;
  radii: Float32Array;
  coarsestBytes: Float64Array;
}

function* assetFacts(catalog: CatalogTables): Generator<void, AssetFacts> {
  const { counts, assetLodCounts, assetErrors, assetSpheres, assetPayloads } = catalog;
  const errors = new Float32Array(counts.assets);
  const radii = new Float32Array(counts.assets);
  const coarsestBytes = new Float64Array(counts.assets);
  for (let asset = 0; asset < counts.assets; asset++) {
    const coarsest = assetLodCounts[asset]! - 1;
    if (coarsest > 0) errors[asset] = assetErrors[asset * MAX_LODS + coarsest]!;
    const at = asset * 4;
    radii[asset] =
      Math.hypot(assetSpheres[at]!, assetSpheres[at + 1]!, assetSpheres[at + 2]!) +
      assetSpheres[at + 3]!;
    coarsestBytes[asset] = catalog.payloadEncodedBytes[assetPayloads[asset]! + coarsest]!;
    if (asset % STEP_RUNS === 0) yield;
  }
  return { errors, radii, coarsestBytes };
}

/** An asset has one run in a cell: sums over runs count nothing twice. */
function sumUp(
  cells: CellTable,
  catalog: CatalogTables,
  row: number,
  cell: number,
  { errors, radii, coarsestBytes }: AssetFacts,
): void {
  let detail = 0;
  let reach = 0;
  let importance = 0;
  let bytes = 0;
  for (let run = catalog.cellRuns[cell]!; run < catalog.cellRuns[cell + 1]!; run++) {
    const asset = catalog.runAssets[run]!;
    const scale = catalog.runScales[run]!;
    detail = Math.max(detail, errors[asset]! * scale);
    reach = Math.max(reach, radii[asset]! * scale);
    importance = Math.max(importance, catalog.assetImportances[asset]!);
    bytes += coarsestBytes[asset]!;
  }
  cells.detailErrors[row] = detail;
  cells.reaches[row] = reach;
  cells.importances[row] = importance;
  cells.coarsestBytes[row] = bytes;
}
