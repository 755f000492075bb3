/**
 * The classes that people see, from the numbers behind them: for each payload that is wanted or on its
 * way, and for each asset as a whole.
 *
 *     critical   must be there: a pin, a deadline that is near, the root of a terrain
 *     high       for want of it something on screen is a hole, or 1 % of the picture is wrong
 *     normal     what is on screen now would look better
 *     prefetch   only what a predicted or announced pose would see
 *     low        worth less than a thousandth of the best per link time, and no hole; or kept for ever
 *                and needed by no pose
 */
import { MAX_LODS } from '../base/limits.ts';
import { UrgencyClass } from '../memory/payloads.ts';
import { bestShown, deficit } from '../memory/worth.ts';
import { appendItem } from '../spatial/item-list.ts';
import type { StreamWorld } from '../world.ts';
import { CRITICAL_FROM } from './candidate-list.ts';
import { keptGain } from './coverage.ts';

/** Share of the picture that must be wrong without the payload for it to count as high. */
const HIGH_GAIN = 0.01;

/** A share of the best priority below which a payload counts as low. */
const LOW_SHARE = 1e-3;

/** Gives each candidate, each payload on its way and each asset its class. */
export function classify(world: StreamWorld): void {
  const { candidates, pending, staged, assets, stats } = world;
  const { urgency } = world.payloads.columns;
  for (let row = 0; row < assets.count; row++) assets.nextClasses[row] = classOfUse(world, row);
  stats.candidatesByClass.fill(0);
  const low = bestPriority(world) * LOW_SHARE;
  for (let i = 0; i < candidates.count; i++) {
    const payload = candidates.payloads[i]!;
    classifyPayload(world, payload, low);
    const of = urgency[payload]!;
    stats.candidatesByClass[of] = stats.candidatesByClass[of]! + 1;
  }
  for (const payload of pending) classifyOnItsWay(world, payload, low);
  for (const payload of staged.keys()) classifyOnItsWay(world, payload, low);
  publishClasses(world);
}

/** Class of an asset none of whose payloads is missing. */
function classOfUse({ assets }: StreamWorld, row: number): UrgencyClass {
  if (assets.inView[row]) return UrgencyClass.Normal;
  const base = row * MAX_LODS;
  for (let lod = 0; lod < assets.lodCounts[row]!; lod++)
    if (assets.buckets[base + lod]! > 0) return UrgencyClass.Prefetch;
  return UrgencyClass.Low;
}

/** Entities hear of it in Tell. */
function publishClasses(world: StreamWorld): void {
  const { assets, reclassified } = world;
  for (let row = 0; row < assets.count; row++) {
    if (assets.classes[row] === assets.nextClasses[row]) continue;
    assets.classes[row] = assets.nextClasses[row]!;
    if (assets.firstEntities[row] !== 0) appendItem(reclassified, row);
  }
}

function bestPriority(world: StreamWorld): number {
  const { candidates, pending } = world;
  const { priority } = world.payloads.columns;
  let best = 0;
  for (let i = 0; i < candidates.count; i++) {
    const one = candidates.priorities[i]!;
    if (one < CRITICAL_FROM) best = Math.max(best, one);
  }
  for (const payload of pending)
    if (priority[payload]! < CRITICAL_FROM) best = Math.max(best, priority[payload]!);
  return best;
}

/** What was asked for because it must be there stays critical until it is. */
function classifyOnItsWay(world: StreamWorld, payload: number, low: number): void {
  const { urgency } = world.payloads.columns;
  if (urgency[payload] === UrgencyClass.Critical) raiseAsset(world, payload, UrgencyClass.Critical);
  else classifyPayload(world, payload, low);
}

function classifyPayload(world: StreamWorld, payload: number, low: number): void {
  const { urgency } = world.payloads.columns;
  const of = classOf(world, payload, low);
  urgency[payload] = of;
  raiseAsset(world, payload, of);
}

function raiseAsset({ payloads, assets }: StreamWorld, payload: number, of: UrgencyClass): void {
  const row = payloads.columns.owner[payload]!;
  if (row >= 0 && of < assets.nextClasses[row]!) assets.nextClasses[row] = of;
}

function classOf(world: StreamWorld, payload: number, low: number): UrgencyClass {
  const { priority, gain, kept, owner, lod, onScreen } = world.payloads.columns;
  onScreen[payload] = 1;
  if (priority[payload]! >= CRITICAL_FROM) return UrgencyClass.Critical;
  const row = owner[payload]!;
  const helps = row < 0 ? helpsGround(world, -1 - row) : helpsView(world, row, lod[payload]!);
  onScreen[payload] = helps ? 1 : 0;
  if (helps && row >= 0 && world.assets.residentMasks[row] === 0) return UrgencyClass.High;
  if (priority[payload]! < low) return UrgencyClass.Low;
  // Not even a guess needs it: it comes because it is to stay.
  if (kept[payload] && gain[payload] === keptGain(world)) return UrgencyClass.Low;
  if (!helps) return UrgencyClass.Prefetch;
  return gain[payload]! >= HIGH_GAIN ? UrgencyClass.High : UrgencyClass.Normal;
}

/** Whether something in view would look better with this LOD beside those that are there. */
function helpsView({ assets }: StreamWorld, row: number, lod: number): boolean {
  const lodCount = assets.lodCounts[row]!;
  const mask = assets.residentMasks[row]!;
  for (let needed = 0; assets.inView[row]! >> needed; needed++) {
    if (!(assets.inView[row]! & (1 << needed))) continue;
    const before = deficit(needed, bestShown(needed, mask, lodCount), lodCount - 1);
    const after = deficit(needed, bestShown(needed, mask | (1 << lod), lodCount), lodCount - 1);
    if (after < before) return true;
  }
  return false;
}

/** Whether its parent was drawn for want of it in this frame. */
function helpsGround({ terrain, frame }: StreamWorld, node: number): boolean {
  return terrain.starvedFrames[terrain.parents[node]!] === frame;
}
