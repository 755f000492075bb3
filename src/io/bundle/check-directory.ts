/**
 * Checks every value of a directory that the runtime uses as an index, a count or a length, so that
 * no damaged or hostile file can make it read or write out of bounds or reckon with what is no
 * number. Linear in the directory's rows, some thousand of them a step.
 */
import { MAX_LODS, MAX_PLACEMENTS } from '../../base/limits.ts';
import { isCustomKind, PayloadKind } from '../content.ts';
import { checkPartition } from './check-partition.ts';
import { damaged } from './damage.ts';
import {
  COLUMN_SPECS,
  type ColumnName,
  type Directory,
  NO_CHILD,
  NO_GRID,
  NO_LEVEL,
} from './format.ts';
import { canHold } from './planes.ts';
import { sliceFirst } from './read-slice.ts';
import { PLACEMENT_BYTES } from './slice-layout.ts';

/** Values looked at in one step. */
const STEP_ROWS = 8192;

/** Throws `StreamError(Decode)` naming the section, the row, what was seen and what was expected. */
export function* checkDirectory(catalog: Directory): Generator<void> {
  const { counts } = catalog;
  if (counts.placements > MAX_PLACEMENTS)
    throw damaged(`it claims ${counts.placements} placements, expected at most ${MAX_PLACEMENTS}`);
  yield* checkPrefix(catalog, 'stringStarts', counts.text);
  yield* checkPrefix(catalog, 'cellRuns', counts.runs);
  yield* checkPrefix(catalog, 'runSlots', counts.placements);
  yield* checkPrefix(catalog, 'sliceCells', counts.cells);
  yield* checkPrefix(catalog, 'sliceStarts');
  yield* checkBelow(catalog, 'assetNames', counts.strings);
  yield* checkBelow(catalog, 'levelNames', counts.strings);
  yield* checkBelow(catalog, 'runAssets', counts.assets);
  yield* checkBelow(catalog, 'terrainPayloads', counts.payloads);
  yield* checkBelow(catalog, 'cellLevels', counts.levels, NO_LEVEL);
  yield* checkBelow(catalog, 'cellProxies', counts.levels, NO_LEVEL);
  yield* checkBelow(catalog, 'levelGrids', counts.grids, NO_GRID);
  yield* checkBelow(catalog, 'layerNames', counts.strings);
  yield* checkBelow(catalog, 'gridNames', counts.strings);
  for (const name of Object.keys(COLUMN_SPECS) as ColumnName[]) yield* checkFinite(catalog, name);
  yield* checkAssets(catalog);
  yield* checkTerrain(catalog);
  yield* checkKinds(catalog);
  yield* checkRuns(catalog);
  yield* checkSlices(catalog);
  yield* checkPartition(catalog);
}

/** A column whose row i + 1 ends what row i begins: from 0, never falling, to `end`. */
function* checkPrefix(catalog: Directory, name: ColumnName, end?: number): Generator<void> {
  const column = catalog[name];
  const { tag } = COLUMN_SPECS[name];
  if (column[0] !== 0) throw damaged(`section ${tag} begins with ${column[0]}, expected 0`);
  for (let row = 1; row < column.length; row++) {
    if (column[row]! < column[row - 1]!)
      throw damaged(`section ${tag} falls from ${column[row - 1]} to ${column[row]} at row ${row}`);
    if (row % STEP_ROWS === 0) yield;
  }
  const last = column[column.length - 1];
  if (end !== undefined && last !== end)
    throw damaged(`section ${tag} ends with ${last}, expected ${end}`);
}

function* checkBelow(
  catalog: Directory,
  name: ColumnName,
  limit: number,
  none: number = -1,
): Generator<void> {
  const column = catalog[name];
  for (let row = 0; row < column.length; row++) {
    if (column[row]! >= limit && column[row] !== none)
      throw damaged(
        `section ${COLUMN_SPECS[name].tag} row ${row} is ${column[row]}, expected below ${limit}`,
      );
    if (row % STEP_ROWS === 0) yield;
  }
}

/** What is reckoned with must be a number, and one that others may be added to. */
function* checkFinite(catalog: Directory, name: ColumnName): Generator<void> {
  const { tag, type, width } = COLUMN_SPECS[name];
  if (type !== 'f32') return;
  const column = catalog[name];
  for (let i = 0; i < column.length; i++) {
    if (!Number.isFinite(column[i]))
      throw damaged(`section ${tag} row ${Math.floor(i / width)} has ${column[i]}`);
    if (i % STEP_ROWS === 0) yield;
  }
}

/** Slices hold all placements, and no more than their bytes can. */
function* checkSlices(catalog: Directory): Generator<void> {
  const { counts, sliceStarts } = catalog;
  for (let slice = 0; slice < counts.slices; slice++) {
    const placements = sliceFirst(catalog, slice + 1) - sliceFirst(catalog, slice);
    const bytes = sliceStarts[slice + 1]! - sliceStarts[slice]!;
    if (!canHold(bytes, placements * PLACEMENT_BYTES))
      throw damaged(`slice ${slice} of ${bytes} bytes cannot hold ${placements} placements`);
    if (slice % STEP_ROWS === 0) yield;
  }
}

/** A file has no size: it cannot be placed. What is placed has one. */
function* checkRuns(catalog: Directory): Generator<void> {
  const { runAssets, runScales, payloadKinds, assetPayloads } = catalog;
  for (let run = 0; run < runAssets.length; run++) {
    if (isCustomKind(payloadKinds[assetPayloads[runAssets[run]!]!]!))
      throw damaged(`section RAST names asset ${runAssets[run]}, a file, which cannot be placed`);
    if (!(runScales[run]! > 0))
      throw damaged(`section RSCL row ${run} is ${runScales[run]}, expected more than 0`);
    if (run % STEP_ROWS === 0) yield;
  }
}

function* checkAssets({ counts, assetLodCounts, assetPayloads }: Directory): Generator<void> {
  for (let asset = 0; asset < counts.assets; asset++) {
    const lods = assetLodCounts[asset]!;
    if (lods < 1 || lods > MAX_LODS)
      throw damaged(`section ALOD row ${asset} is ${lods}, expected 1 to ${MAX_LODS}`);
    const end = assetPayloads[asset]! + lods;
    if (end > counts.payloads)
      throw damaged(`section APAY row ${asset} ends at payload ${end} of ${counts.payloads}`);
    if (asset % STEP_ROWS === 0) yield;
  }
}

/** What a payload is must fit what points to it: a view is never given what it cannot draw. */
function* checkKinds(catalog: Directory): Generator<void> {
  const { counts, assetLodCounts, assetPayloads, payloadKinds, terrainPayloads } = catalog;
  for (let asset = 0; asset < counts.assets; asset++) {
    const first = assetPayloads[asset]!;
    if (asset % STEP_ROWS === 0) yield;
    if (isCustomKind(payloadKinds[first]!)) {
      if (assetLodCounts[asset] !== 1)
        throw damaged(
          `section ALOD row ${asset} is ${assetLodCounts[asset]}, expected 1 for a file`,
        );
      continue;
    }
    for (let payload = first; payload < first + assetLodCounts[asset]!; payload++)
      if (payloadKinds[payload] !== PayloadKind.Mesh)
        throw damaged(`section PKND row ${payload} is ${payloadKinds[payload]}, expected 1 (mesh)`);
  }
  for (let tile = 0; tile < counts.terrain; tile++) {
    const payload = terrainPayloads[tile]!;
    if (payloadKinds[payload] !== PayloadKind.Terrain)
      throw damaged(
        `section PKND row ${payload} is ${payloadKinds[payload]}, expected 2 (terrain)`,
      );
    if (tile % STEP_ROWS === 0) yield;
  }
}

/** Children follow their parent, in fours, and have one parent: the tree can have no cycle. */
function* checkTerrain({ counts, terrainChildren }: Directory): Generator<void> {
  const hasParent = new Uint8Array(counts.terrain);
  for (let node = 0; node < counts.terrain; node++) {
    const first = terrainChildren[node]!;
    if (node % STEP_ROWS === 0) yield;
    if (first === NO_CHILD) continue;
    if (first <= node || first + 4 > counts.terrain)
      throw damaged(
        `section TCHD row ${node} is ${first}, expected ${node + 1} to ${counts.terrain - 4}`,
      );
    for (let child = first; child < first + 4; child++) {
      if (hasParent[child])
        throw damaged(`section TCHD row ${node}: tile ${child} has two parents`);
      hasParent[child] = 1;
    }
  }
}
