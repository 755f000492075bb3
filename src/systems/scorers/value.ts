/**
 * The scorer `value`: for each asset the LODs that buy most expected visible error per unit of link
 * time.
 *
 *     priority = gain ÷ (encodedBytes + bandwidth · latency ÷ concurrency + bandwidth · decode)
 */
import { MAX_LODS } from '../../base/limits.ts';
import { askableLods, usableLods } from '../../catalog/lod-masks.ts';
import { gainOf } from '../../memory/worth.ts';
import type { StreamWorld } from '../../world.ts';
import { mayRequest, propose } from '../candidate-list.ts';
import { firstFactor } from '../coverage.ts';
import { priceOf } from '../price.ts';

/** LODs of one asset that may be proposed at a time, so that the look-ahead is filled. */
const PROPOSALS_PER_ASSET = 2;

export function proposeByValue(world: StreamWorld, row: number): void {
  const { assets } = world;
  const lodCount = assets.lodCounts[row]!;
  const base = row * MAX_LODS;
  let wanted = 0;
  for (let lod = 0; lod < lodCount; lod++) wanted += assets.buckets[base + lod]!;
  if (wanted === 0) return;
  let mask = assets.residentMasks[row]! | assets.pendingMasks[row]! | assets.pinnedMasks[row]!;
  mask &= usableLods(assets, row);
  const askable = askableLods(assets, row);
  const factor = firstFactor(world, row, mask);
  for (let pick = 0; pick < PROPOSALS_PER_ASSET; pick++) {
    let best = -1;
    let bestRatio = 0;
    let bestGain = 0;
    for (let lod = lodCount - 1; lod >= 0; lod--) {
      if (mask & (1 << lod) || !(askable & (1 << lod))) continue;
      const payload = assets.firstPayloads[row]! + lod;
      const gain = gainOf(assets.buckets, base, lodCount, mask, lod);
      const ratio = gain / priceOf(world, payload);
      if (ratio <= bestRatio || !mayRequest(world, payload)) continue;
      best = lod;
      bestRatio = ratio;
      bestGain = gain;
    }
    if (best < 0) return;
    const worth = pick === 0 ? factor : 1;
    propose(world, assets.firstPayloads[row]! + best, bestRatio * worth, bestGain * worth);
    mask |= 1 << best;
  }
}

/**
 * What one LOD of an asset is worth: on its way, beside all that is resident; not asked for yet,
 * beside all that is on its way as well. Nothing, where limits keep it from being shown.
 */
export function gainOfLod(world: StreamWorld, row: number, lod: number): number {
  const { assets } = world;
  if (!(askableLods(assets, row) & (1 << lod))) return 0;
  const there = assets.residentMasks[row]!;
  const pending = assets.pendingMasks[row]!;
  const isPending = (pending & (1 << lod)) !== 0;
  const others = (isPending ? there : there | pending | assets.pinnedMasks[row]!) & ~(1 << lod);
  const mask = others & usableLods(assets, row);
  const gain = gainOf(assets.buckets, row * MAX_LODS, assets.lodCounts[row]!, mask, lod);
  return gain * firstFactor(world, row, mask);
}
