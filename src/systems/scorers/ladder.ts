/** Climbing an asset's LODs one by one, as scorers do that have one number for all of them. */
import { MAX_LODS } from '../../base/limits.ts';
import type { ScorerColumns } from '../../memory/scorer.ts';

/**
 * Gives `score` to what is on its way and to the next finer LOD after it, up to the finest that is
 * needed. What would change nothing in the picture is left out.
 */
export function scoreNextLod(
  columns: ScorerColumns,
  row: number,
  score: number,
  out: Float64Array,
): void {
  const base = row * MAX_LODS;
  const lodCount = columns.lodCounts[row]!;
  let finest = 0;
  while (finest < lodCount && columns.areas[base + finest] === 0) finest++;
  const there = columns.residentMasks[row]! | columns.pinnedMasks[row]!;
  const left = columns.waitingMasks[row]!;
  for (let lod = lodCount - 1; lod >= finest; lod--) {
    const bit = 1 << lod;
    if (there & bit) continue;
    if (columns.pendingMasks[row]! & bit) out[base + lod] = score;
    else if (!(left & bit) && columns.gains[base + lod]! > 0) {
      out[base + lod] = score;
      return;
    }
  }
}
