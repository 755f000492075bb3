/**
 * Turns demand into candidates: for each asset the LODs that the chosen scorer proposes, for terrain
 * the tiles that refinement waits for, for pins, deadlines and levels whatever they hold.
 */
import { MAX_LODS } from '../base/limits.ts';
import { PayloadState } from '../memory/payloads.ts';
import type { Places } from '../memory/places.ts';
import type { StreamWorld } from '../world.ts';
import { CRITICAL_PRIORITY, mayRequest, propose, proposeCritical } from './candidate-list.ts';
import { classify } from './classify.ts';
import { keptGain } from './coverage.ts';
import { groupNeighbors } from './group-neighbors.ts';
import { coarsestAllowed, coarsestPayload, hasAllowedLod } from './lod-state.ts';
import { priceOf } from './price.ts';
import { placePendingTiles, reprioritizePending } from './reprioritize.ts';
import { gatherPlaces, proposeByScore } from './scorers/proposals.ts';
import { scoreAssets } from './scorers/score-assets.ts';
import { proposeByValue } from './scorers/value.ts';

export function gatherCandidates(world: StreamWorld): void {
  const { candidates, assets, wantedTiles, stats } = world;
  const scores = scoreAssets(world);
  candidates.count = 0;
  candidates.fresh = true;
  candidates.gathering++;
  reprioritizePending(world, scores);
  for (let row = 0; row < assets.count; row++) {
    proposePinned(world, row);
    proposeKept(world, row);
    if (scores) proposeByScore(world, row, scores);
    else proposeByValue(world, row);
  }
  for (const entity of world.deadlines) proposeDeadline(world, entity);
  const places = scores ? gatherPlaces(world) : null;
  if (places) placePendingTiles(world, places);
  for (let i = 0; i < wantedTiles.count; i++) proposeTile(world, wantedTiles.items[i]!, places);
  if (!scores && world.options.policy.groups) groupNeighbors(world);
  classify(world);
  stats.candidates = candidates.count;
}

function proposePinned(world: StreamWorld, row: number): void {
  const { assets } = world;
  const here = assets.residentMasks[row]! | assets.pendingMasks[row]!;
  const missing = assets.pinnedMasks[row]! & ~here;
  for (let lod = MAX_LODS - 1; missing && lod >= 0; lod--) {
    if (!(missing & (1 << lod))) continue;
    const payload = assets.firstPayloads[row]! + lod;
    proposeCritical(world, payload);
  }
}

function proposeKept(world: StreamWorld, row: number): void {
  const { kept, state } = world.payloads.columns;
  const payload = coarsestPayload(world, row);
  if (!kept[payload] || state[payload] === PayloadState.Resident) return;
  if (!mayRequest(world, payload)) return;
  const gain = keptGain(world);
  propose(world, payload, gain / priceOf(world, payload), gain);
}

/** Seconds before its deadline from which a request goes before everything that is not pinned. */
const DEADLINE_RUSH_SECONDS = 2;

/** Asks for the coarsest LOD that satisfies a request whose deadline is near. */
function proposeDeadline(world: StreamWorld, entity: number): void {
  const { assets, entities, clock } = world;
  const { StreamRequest } = world.set.components;
  const row = entities.assets[entity]!;
  if (row < 0 || hasAllowedLod(world, entity)) {
    world.deadlines.delete(entity);
    return;
  }
  const passed = (clock.now() - entities.admittedMs[entity]!) / 1000;
  if (StreamRequest.deadlineSeconds[entity]! - passed > DEADLINE_RUSH_SECONDS) return;
  const payload = assets.firstPayloads[row]! + coarsestAllowed(world, entity, row);
  proposeCritical(world, payload);
}

function proposeTile(world: StreamWorld, node: number, places: Places | null): void {
  const { terrain } = world;
  const payload = terrain.payloads[node]!;
  if (terrain.resident[node] || !mayRequest(world, payload)) return;
  if (terrain.parents[node]! < 0) {
    propose(world, payload, CRITICAL_PRIORITY, Number.MAX_VALUE);
    return;
  }
  const worth = terrain.worths[node]!;
  const value = worth / priceOf(world, payload);
  propose(world, payload, places ? places.scoreOf(value) : value, worth);
}
