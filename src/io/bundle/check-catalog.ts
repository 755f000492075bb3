/**
 * Checks every value of a catalog that the runtime uses as an index, so that no damaged or hostile
 * file can make it read or write out of bounds. Linear in the catalog's rows.
 */
import { MAX_LODS } from '../../base/limits.ts';
import { isCustomKind, PayloadKind } from '../content.ts';
import { damaged } from './damage.ts';
import { type Catalog, COLUMN_SPECS, type ColumnName, NO_CHILD, NO_LEVEL } from './format.ts';

/** Throws `StreamError(Decode)` naming the section, the row, what was seen and what was expected. */
export function checkCatalog(catalog: Catalog): void {
  const { counts } = catalog;
  checkPrefix(catalog, 'stringStarts', counts.text);
  checkPrefix(catalog, 'cellRuns', counts.runs);
  checkPrefix(catalog, 'runSlots', counts.placements);
  checkBelow(catalog, 'assetNames', counts.strings);
  checkBelow(catalog, 'levelNames', counts.strings);
  checkBelow(catalog, 'runAssets', counts.assets);
  checkBelow(catalog, 'terrainPayloads', counts.payloads);
  checkBelow(catalog, 'cellLevels', counts.levels, NO_LEVEL);
  checkAssets(catalog);
  checkTerrain(catalog);
  checkKinds(catalog);
}

/** A column whose row i + 1 ends what row i begins: from 0, never falling, to `end`. */
function checkPrefix(catalog: Catalog, name: ColumnName, end: number): void {
  const column = catalog[name];
  const { tag } = COLUMN_SPECS[name];
  if (column[0] !== 0) throw damaged(`section ${tag} begins with ${column[0]}, expected 0`);
  for (let row = 1; row < column.length; row++)
    if (column[row]! < column[row - 1]!)
      throw damaged(`section ${tag} falls from ${column[row - 1]} to ${column[row]} at row ${row}`);
  const last = column[column.length - 1];
  if (last !== end) throw damaged(`section ${tag} ends with ${last}, expected ${end}`);
}

function checkBelow(catalog: Catalog, name: ColumnName, limit: number, none: number = -1): void {
  const column = catalog[name];
  for (let row = 0; row < column.length; row++)
    if (column[row]! >= limit && column[row] !== none)
      throw damaged(
        `section ${COLUMN_SPECS[name].tag} row ${row} is ${column[row]}, expected below ${limit}`,
      );
}

function checkAssets({ counts, assetLodCounts, assetPayloads }: Catalog): void {
  for (let asset = 0; asset < counts.assets; asset++) {
    const lods = assetLodCounts[asset]!;
    if (lods < 1 || lods > MAX_LODS)
      throw damaged(`section ALOD row ${asset} is ${lods}, expected 1 to ${MAX_LODS}`);
    const end = assetPayloads[asset]! + lods;
    if (end > counts.payloads)
      throw damaged(`section APAY row ${asset} ends at payload ${end} of ${counts.payloads}`);
  }
}

/** What a payload is must fit what points to it: a view is never given what it cannot draw. */
function checkKinds(catalog: Catalog): void {
  const { counts, assetLodCounts, assetPayloads, payloadKinds, terrainPayloads } = catalog;
  const isCustomAsset = new Uint8Array(counts.assets);
  for (let asset = 0; asset < counts.assets; asset++) {
    const first = assetPayloads[asset]!;
    if (isCustomKind(payloadKinds[first]!)) {
      isCustomAsset[asset] = 1;
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
  for (const payload of terrainPayloads)
    if (payloadKinds[payload] !== PayloadKind.Terrain)
      throw damaged(
        `section PKND row ${payload} is ${payloadKinds[payload]}, expected 2 (terrain)`,
      );
  for (const asset of catalog.runAssets)
    if (isCustomAsset[asset])
      throw damaged(`section RAST names asset ${asset}, a file, which cannot be placed`);
}

/** Children follow their parent, in fours, and have one parent: the tree can have no cycle. */
function checkTerrain({ counts, terrainChildren }: Catalog): void {
  const hasParent = new Uint8Array(counts.terrain);
  for (let node = 0; node < counts.terrain; node++) {
    const first = terrainChildren[node]!;
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
