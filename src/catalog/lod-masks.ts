/** Which LODs of an asset its limits leave to ask for and to reckon with, one bit each. */
import { MAX_LODS } from '../base/limits.ts';
import type { AssetTable } from './assets.ts';

const EVERY = (1 << MAX_LODS) - 1;

/** LODs that may be asked for: those within the limits, and what something holds by name. */
export function askableLods(assets: AssetTable, row: number): number {
  const { finestLods, coarsestLods } = assets.general;
  const [finest, coarsest] = [finestLods[row]!, coarsestLods[row]!];
  if (finest === 0 && coarsest === assets.lodCounts[row]! - 1) return EVERY;
  return ((2 << coarsest) - (1 << finest)) | demandedLods(assets, row);
}

/** LODs of any use to the picture: all but those that the limits keep from being shown. */
export function usableLods(assets: AssetTable, row: number): number {
  const finest = assets.general.finestLods[row]!;
  return finest === 0 ? EVERY : (EVERY & (-1 << finest)) | demandedLods(assets, row);
}

function demandedLods(assets: AssetTable, row: number): number {
  let bits = 0;
  for (let lod = 0; lod < MAX_LODS; lod++)
    if (assets.buckets[row * MAX_LODS + lod]! > 0) bits |= 1 << lod;
  return bits;
}
