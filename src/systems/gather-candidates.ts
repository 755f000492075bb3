/**
 * Turns demand into candidates: for each asset the LODs that buy most per unit of link time, for
 * terrain the tiles that refinement waits for, for pins and levels whatever they hold.
 *
 *     priority = gain ÷ (encodedBytes + bandwidth · latency ÷ concurrency + bandwidth · decode)
 */
import { grown } from '../base/grown.ts';
import { MAX_LODS } from '../base/limits.ts';
import { PayloadState, UrgencyClass } from '../memory/payloads.ts';
import { gainOf } from '../memory/worth.ts';
import type { StreamWorld } from '../world.ts';
import { hasAllowedLod } from './lod-state.ts';
import { forgiveFailure, withdrawPayload } from './payload-lifecycle.ts';

/** Priority of what must be there: above any worth, small payloads first. */
const CRITICAL_PRIORITY = 1e30;

/** No worth comes near this, and no critical priority falls to it: payloads are below 2^32 bytes. */
const CRITICAL_FROM: number = CRITICAL_PRIORITY / 1e12;

/** LODs of one asset that may be proposed at a time, so that the look-ahead is filled. */
const PROPOSALS_PER_ASSET = 2;

/** A share of the best priority below which a candidate counts as low. */
const LOW_SHARE = 1e-3;

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

/** Link time the payload takes, in bytes of link. */
function priceOf(world: StreamWorld, payload: number): number {
  const { link } = world.io;
  const { columns } = world.payloads;
  const perRequest =
    (link.bandwidthBytesPerSecond * link.latencySeconds) / world.options.maxInFlight;
  const decode = (columns.decodeMs[payload]! / 1000) * link.bandwidthBytesPerSecond;
  return columns.encodedBytes[payload]! + perRequest + decode;
}

/** True when the row may be asked for now. A failure whose wait is over is forgiven on the way. */
function mayRequest(world: StreamWorld, payload: number): boolean {
  const { columns } = world.payloads;
  const state = columns.state[payload]!;
  if (state === PayloadState.Empty) return true;
  if (state !== PayloadState.Failed || columns.retryAtMs[payload]! > world.clock.now())
    return false;
  forgiveFailure(world, payload);
  return true;
}

function propose(world: StreamWorld, payload: number, priority: number, gain: number): void {
  const { candidates } = world;
  const { columns } = world.payloads;
  // Wanted for two reasons (a pin and a deadline, say), it is one candidate, for the stronger one.
  if (columns.gathering[payload] === candidates.gathering) {
    if (priority <= columns.priority[payload]!) return;
    candidates.priorities[columns.candidate[payload]!] = priority;
    columns.priority[payload] = priority;
    columns.gain[payload] = gain;
    return;
  }
  columns.gathering[payload] = candidates.gathering;
  columns.candidate[payload] = candidates.count;
  columns.priority[payload] = priority;
  columns.gain[payload] = gain;
  if (candidates.count === candidates.payloads.length) {
    const capacity = candidates.count * 2;
    candidates.payloads = grown(candidates.payloads, capacity);
    candidates.priorities = grown(candidates.priorities, capacity);
  }
  candidates.payloads[candidates.count] = payload;
  candidates.priorities[candidates.count++] = priority;
}

/** Proposes what must be there whatever it is worth. */
function proposeCritical(world: StreamWorld, payload: number): void {
  if (!mayRequest(world, payload)) return;
  const bytes = world.payloads.columns.encodedBytes[payload]!;
  propose(world, payload, CRITICAL_PRIORITY / (bytes + 1), Number.MAX_VALUE);
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

function proposeByValue(world: StreamWorld, row: number): void {
  const { assets } = world;
  const lodCount = assets.lodCounts[row]!;
  const base = row * MAX_LODS;
  let wanted = 0;
  for (let lod = 0; lod < lodCount; lod++) wanted += assets.buckets[base + lod]!;
  if (wanted === 0) return;
  let mask = assets.residentMasks[row]! | assets.pendingMasks[row]! | assets.pinnedMasks[row]!;
  for (let pick = 0; pick < PROPOSALS_PER_ASSET; pick++) {
    let best = -1;
    let bestRatio = 0;
    let bestGain = 0;
    for (let lod = lodCount - 1; lod >= 0; lod--) {
      if (mask & (1 << lod)) continue;
      const payload = assets.firstPayloads[row]! + lod;
      const gain = gainOf(assets.buckets, base, lodCount, mask, lod);
      const ratio = gain / priceOf(world, payload);
      if (ratio <= bestRatio || !mayRequest(world, payload)) continue;
      best = lod;
      bestRatio = ratio;
      bestGain = gain;
    }
    if (best < 0) return;
    propose(world, assets.firstPayloads[row]! + best, bestRatio, bestGain);
    mask |= 1 << best;
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

/** The classic score: importance, distance, in view or not; the next finer LOD, coarse first. */
function proposeClassic(world: StreamWorld, row: number): void {
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
  const { assets, terrain, io } = world;
  const { columns } = world.payloads;
  for (const payload of world.pending) {
    const owner = columns.owner[payload]!;
    if (columns.pins[payload]! > 0 || columns.urgency[payload] === UrgencyClass.Critical) continue;
    let gain: number;
    if (owner < 0) {
      const node = -1 - owner;
      gain =
        terrain.sweeps[node] === world.sweep.number || world.sweep.running
          ? terrain.worths[node]!
          : 0;
    } else {
      const lod = columns.lod[payload]!;
      const mask = assets.residentMasks[owner]! & ~(1 << lod);
      gain = gainOf(assets.buckets, owner * MAX_LODS, assets.lodCounts[owner]!, mask, lod);
      if (world.options.scorer === 'classic') gain = assets.classic[owner]!;
    }
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

/** Gives each candidate the class that people see. */
function classify(world: StreamWorld): void {
  const { candidates, assets } = world;
  const { columns } = world.payloads;
  let top = 0;
  for (let i = 0; i < candidates.count; i++) {
    const priority = candidates.priorities[i]!;
    if (priority < CRITICAL_FROM) top = Math.max(top, priority);
  }
  for (let i = 0; i < candidates.count; i++) {
    const payload = candidates.payloads[i]!;
    const priority = candidates.priorities[i]!;
    const owner = columns.owner[payload]!;
    if (priority >= CRITICAL_FROM) columns.urgency[payload] = UrgencyClass.Critical;
    else if (priority < top * LOW_SHARE) columns.urgency[payload] = UrgencyClass.Low;
    else if (owner < 0) columns.urgency[payload] = UrgencyClass.Normal;
    else if (!assets.inView[owner]) columns.urgency[payload] = UrgencyClass.Prefetch;
    else if (assets.residentMasks[owner] === 0) columns.urgency[payload] = UrgencyClass.High;
    else columns.urgency[payload] = UrgencyClass.Normal;
  }
}
