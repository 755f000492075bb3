/**
 * Turns the rules of the game into rows. Whatever the mode, a LOD is good enough from a distance
 *
 *     threshold = needError · k ÷ toleratedPixels + needRadius
 *
 * (meters at scale 1, k = pixels per tangent, or 1 where the lens plays no part), so that selection,
 * slack and demand are the same code for all:
 *
 *     error     needError = error of the LOD,                            needRadius = radius
 *     size      needError = 2 · radius · toleratedPixels ÷ sizePixels,   needRadius = radius
 *     distance  needError = distance · toleratedPixels, k = 1,           needRadius = 0
 *
 * each ÷ errorScale; the tolerated pixels are those without bias, so that the bias acts on all.
 */
import { MAX_LODS } from '../base/limits.ts';
import type { AssetTable } from './assets.ts';
import type { CellTable } from './cells.ts';
import type { LodRule } from './lod-policy.ts';
import { MIN_ERROR } from './lod-sets.ts';

/** Writes what a rule means for one asset. */
export function writeRule(
  assets: AssetTable,
  row: number,
  rule: LodRule,
  errorPixels: number,
): void {
  const list = rule.mode === 'size' ? rule.sizesPixels : rule.distancesMeters;
  const last = assets.lodCounts[row]! - 1;
  const listed = rule.mode === 'error' ? last : list.length;
  const coarsest = Math.min(rule.coarsestLod, last, listed);
  const finest = Math.min(rule.finestLod, coarsest);
  assets.lensFree[row] = rule.mode === 'distance' ? 1 : 0;
  assets.needRadii[row] = rule.mode === 'distance' ? 0 : assets.radii[row]!;
  assets.maxDistances[row] = rule.maxDistanceMeters;
  assets.general.finestLods[row] = finest;
  assets.general.coarsestLods[row] = coarsest;
  for (let lod = 0; lod < MAX_LODS; lod++) {
    const at = row * MAX_LODS + lod;
    assets.needErrors[at] = needError(assets, row, lod, rule, errorPixels) / rule.errorScale;
    assets.logErrors[at] = Math.log2(Math.max(assets.needErrors[at]!, MIN_ERROR));
  }
}

function needError(
  assets: AssetTable,
  row: number,
  lod: number,
  rule: LodRule,
  errorPixels: number,
): number {
  if (rule.mode === 'error') return assets.errors[row * MAX_LODS + lod]!;
  // LOD 0 is good enough from anywhere; half of what LOD 1 has is what a cook would give it.
  const share = lod === 0 ? 0.5 : 1;
  const list = rule.mode === 'size' ? rule.sizesPixels : rule.distancesMeters;
  const value = list[Math.max(0, Math.min(lod, list.length) - 1)]!;
  if (rule.mode === 'distance') return share * value * errorPixels;
  return (share * 2 * assets.radii[row]! * errorPixels) / value;
}

/**
 * Writes how far the cells from `first` on may want more than what is always kept.
 *
 * @param maxRuns stops after the cell that brings it above this; `detailedCount` says where
 */
export function writeDetail(
  tables: { assets: AssetTable; cells: CellTable },
  first: number,
  maxRuns: number = Number.POSITIVE_INFINITY,
): void {
  const { assets, cells } = tables;
  const endRun = cells.cellRuns[first]! + maxRuns;
  let cell = first;
  for (; cell < cells.count && cells.cellRuns[cell]! < endRun; cell++) {
    const set = assets.lodSets[cells.lodSets[cell]!]!;
    let detail = 0;
    let plain = 0;
    for (let run = cells.cellRuns[cell]!; run < cells.cellRuns[cell + 1]!; run++) {
      const asset = cells.runAssets[run]!;
      const last = assets.lodCounts[asset]! - 1;
      if (last <= 0) continue;
      const isLimited = set.coarsestLods[asset]! < last;
      const need = isLimited
        ? Number.POSITIVE_INFINITY
        : (assets.needErrors[asset * MAX_LODS + last]! / set.errorScale) * cells.runMaxScales[run]!;
      if (assets.lensFree[asset]) plain = Math.max(plain, need);
      else detail = Math.max(detail, need);
    }
    cells.detailErrors[cell] = detail;
    cells.plainErrors[cell] = plain;
  }
  cells.detailedCount = cell;
}
