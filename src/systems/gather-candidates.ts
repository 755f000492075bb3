/**
 * Turns demand into candidates: for each asset the LODs that the chosen scorer proposes, for terrain
 * the tiles that refinement waits for, for pins, deadlines and levels whatever they hold.
 */
import { MAX_LODS } from '../base/limits.ts';
import { UrgencyClass } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';
import { CRITICAL_PRIORITY, mayRequest, propose, proposeCritical } from './candidate-list.ts';
import { classify } from './classify.ts';
import { hasAllowedLod } from './lod-state.ts';
import { withdrawPayload } from './payload-lifecycle.ts';
import { priceOf } from './price.ts';
import { proposeClassic } from './scorers/classic.ts';
import { gainOfPending, proposeByValue } from './scorers/value.ts';

export function gatherCandidates(world: StreamWorld): void {
  const { candidates, assets, wantedTiles, stats } = world;
  candidates.count = 0;
  candidates.fresh = true;
  candidates.gathering++;
  reprioritizePending(world);
  for (let row = 0; row < assets.count; row++) {
    proposePinned(world, row);
    if (world.options.scorer === 'classic') proposeClassic(world, row);
    else proposeByValue(world, row);
  }
  for (const entity of world.deadlines) proposeDeadline(world, entity);
  for (let i = 0; i < wantedTiles.count; i++) proposeTile(world, wantedTiles.items[i]!);
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
  const lod = Math.min(StreamRequest.coarsestLod[entity]!, assets.lodCounts[row]! - 1);
  const payload = assets.firstPayloads[row]! + lod;
  proposeCritical(world, payload);
}

function proposeTile(world: StreamWorld, node: number): void {
  const { terrain } = world;
  const payload = terrain.payloads[node]!;
  if (terrain.resident[node] || !mayRequest(world, payload)) return;
  const worth = terrain.worths[node]!;
  if (terrain.parents[node]! < 0) propose(world, payload, CRITICAL_PRIORITY, Number.MAX_VALUE);
  else propose(world, payload, worth / priceOf(world, payload), worth);
}

/** What is on its way follows today's demand; what nobody wants any more is withdrawn. */
function reprioritizePending(world: StreamWorld): void {
  const { io } = world;
  const { columns } = world.payloads;
  for (const payload of world.pending) {
    if (columns.pins[payload]! > 0 || columns.urgency[payload] === UrgencyClass.Critical) continue;
    const gain = pendingGain(world, payload);
    if (gain <= 0) {
      withdrawPayload(world, payload);
      continue;
    }
    const priority = gain / priceOf(world, payload);
    columns.priority[payload] = priority;
    columns.gain[payload] = gain;
    io.reprioritize(payload, priority, false);
  }
}

function pendingGain(world: StreamWorld, payload: number): number {
  const { assets, terrain, sweep } = world;
  const owner = world.payloads.columns.owner[payload]!;
  if (owner < 0) {
    const node = -1 - owner;
    const isWanted = terrain.sweeps[node] === sweep.number || sweep.running;
    return isWanted ? terrain.worths[node]! : 0;
  }
  if (world.options.scorer === 'classic') return assets.classic[owner]!;
  return gainOfPending(world, payload);
}
