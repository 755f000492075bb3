/** The scorer `classic`: importance, distance, in view or not; the next finer LOD, coarse first. */
import { MAX_LODS } from '../../base/limits.ts';
import type { StreamWorld } from '../../world.ts';
import { mayRequest, propose } from '../candidate-list.ts';

export function proposeClassic(world: StreamWorld, row: number): void {
  const { assets } = world;
  const score = assets.classic[row]!;
  if (score === 0) return;
  const mask = assets.residentMasks[row]! | assets.pendingMasks[row]! | assets.pinnedMasks[row]!;
  const base = row * MAX_LODS;
  let finest = 0;
  while (finest < assets.lodCounts[row]! - 1 && assets.buckets[base + finest] === 0) finest++;
  for (let lod = assets.lodCounts[row]! - 1; lod >= finest; lod--) {
    const payload = assets.firstPayloads[row]! + lod;
    if (mask & (1 << lod) || !mayRequest(world, payload)) continue;
    propose(world, payload, score, score);
    return;
  }
}
