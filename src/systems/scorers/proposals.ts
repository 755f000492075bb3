/** Candidates from scores, where `value` is not the one who orders. */
import { MAX_LODS } from '../../base/limits.ts';
import { askableLods } from '../../catalog/lod-masks.ts';
import type { Places } from '../../memory/places.ts';
import type { StreamWorld } from '../../world.ts';
import { CRITICAL_FROM, mayRequest, propose } from '../candidate-list.ts';
import { priceOf } from '../price.ts';
import { gainOfLod } from './value.ts';

/** Memory is exchanged by value whoever orders: each candidate brings what it is worth. */
export function proposeByScore(world: StreamWorld, row: number, scores: Float64Array): void {
  const { assets } = world;
  const here = assets.residentMasks[row]! | assets.pendingMasks[row]!;
  const askable = askableLods(assets, row);
  for (let lod = assets.lodCounts[row]! - 1; lod >= 0; lod--) {
    const score = scores[row * MAX_LODS + lod]!;
    if (score === 0 || here & (1 << lod) || !(askable & (1 << lod))) continue;
    const payload = assets.firstPayloads[row]! + lod;
    if (mayRequest(world, payload)) propose(world, payload, score, gainOfLod(world, row, lod));
  }
}

/** Where the assets of this gathering stand, by value and by score. */
export function gatherPlaces(world: StreamWorld): Places {
  const { candidates, pending, scoring } = world;
  const { places } = scoring;
  places.clear();
  for (let i = 0; i < candidates.count; i++) addPlace(world, candidates.payloads[i]!);
  for (const payload of pending) addPlace(world, payload);
  places.sort();
  return places;
}

function addPlace(world: StreamWorld, payload: number): void {
  const { owner, priority, gain } = world.payloads.columns;
  if (owner[payload]! < 0 || priority[payload]! >= CRITICAL_FROM) return;
  world.scoring.places.add(gain[payload]! / priceOf(world, payload), priority[payload]!);
}
