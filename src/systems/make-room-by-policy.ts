/**
 * Room for one payload of a pool that goes by another policy than `value`: as the policy says, among
 * those of its pools, and whatever they are worth. The exchange guard has no say, for these policies
 * know no worth; what is on screen now stays instead. Called by: evict.
 */
import type { Pool } from '../memory/budget/pools.ts';
import type { MayEvict } from '../memory/policies/eviction-policy.ts';
import { Tier } from '../memory/policies/tiers.ts';
import { distanceToBox } from '../spatial/screen-error.ts';
import type { StreamWorld } from '../world.ts';
import { lackOf, mayTake } from './make-room.ts';
import { evictPayload } from './payload-lifecycle.ts';
import { highestTier, mayEvict, tierOf } from './victim-order.ts';
import { isShownNow } from './victim-worth.ts';

/** What `mayGo` asks about; set before each search, so that none is made for it. */
const search = { world: null as StreamWorld | null, payload: -1, tier: Tier.Normal as Tier };

const mayGo: MayEvict = (victim) => {
  const { world, payload, tier } = search;
  return (
    mayLeave(world!, victim) && tierOf(world!, victim) === tier && mayTake(world!, victim, payload)
  );
};

/** Begins a round of searches. Called after `listVictims`, once in a frame in which something must go. */
export function beginPolicies(world: StreamWorld): void {
  const { eviction, budget } = world;
  const { policies, policyOf, freeableBytes } = eviction;
  const { pool, residentBytes } = world.payloads.columns;
  freeableBytes.fill(0);
  for (let i = 0; i < policies.length; i++)
    policies[i]!.capacity = eviction.isUniform ? budget.budgetBytes : heldBytes(world, i);
  for (const payload of world.contents.keys()) {
    const policy = policyOf[pool[payload]!]!;
    if (policy < 0) continue;
    if (policies[policy]!.name === 'distance') measureDistance(world, payload);
    if (mayLeave(world, payload))
      freeableBytes[policy] = freeableBytes[policy]! + residentBytes[payload]!;
  }
  for (let i = 0; i < policies.length; i++) policies[i]!.begin();
}

/** Evicts until the payload fits. Returns whether it does; if not, mostly nothing was evicted. */
export function makeRoomByPolicy(world: StreamWorld, payload: number): boolean {
  const { eviction, payloads } = world;
  const { pool, residentBytes } = payloads.columns;
  const index = eviction.policyOf[pool[payload]!]!;
  if (index < 0) return false;
  const policy = eviction.policies[index]!;
  policy.miss(payload);
  const highest = highestTier(world, payload);
  search.world = world;
  search.payload = payload;
  for (let tier = lowestTier(world); tier <= highest; tier++) {
    search.tier = tier as Tier;
    // What is of this tier was passed over in the last.
    if (!eviction.tiers.isEmpty) policy.begin();
    while (lackOf(world, payload) > 0) {
      if (eviction.freeableBytes[index]! < lackOf(world, payload)) return false;
      const victim = policy.victim(mayGo);
      if (victim < 0) break;
      eviction.freeableBytes[index] = eviction.freeableBytes[index]! - residentBytes[victim]!;
      evictPayload(world, victim);
    }
  }
  return lackOf(world, payload) <= 0;
}

/** Without tiers all is normal, and one search will do. */
function lowestTier({ eviction }: StreamWorld): Tier {
  return eviction.tiers.isEmpty ? Tier.Normal : Tier.Low;
}

function mayLeave(world: StreamWorld, victim: number): boolean {
  return mayEvict(world, victim) && !isOnScreen(world, victim);
}

function isOnScreen(world: StreamWorld, payload: number): boolean {
  const owner = world.payloads.columns.owner[payload]!;
  return owner < 0 ? world.terrain.shown[-1 - owner] === 1 : isShownNow(world, payload);
}

/** What the pools of a policy hold now. */
function heldBytes({ eviction, budget }: StreamWorld, policy: number): number {
  let bytes = 0;
  for (let pool = 0; pool < eviction.policyOf.length; pool++)
    if (eviction.policyOf[pool] === policy) bytes += budget.use.heldOf(pool as Pool);
  return bytes;
}

/** How far the nearest that shows the payload is, as of the last sweep (meters). */
function measureDistance(world: StreamWorld, payload: number): void {
  const { eviction, assets, terrain, eyes } = world;
  const owner = world.payloads.columns.owner[payload]!;
  if (owner >= 0) {
    eviction.feed.distances[payload] = assets.nearest[owner]!;
    return;
  }
  let nearest = Number.POSITIVE_INFINITY;
  const { values } = eyes;
  for (let at = 0; at < eyes.count * 4; at += 4) {
    const [x, y, z] = [values[at]!, values[at + 1]!, values[at + 2]!];
    nearest = Math.min(nearest, distanceToBox(terrain.boxes, (-1 - owner) * 6, x, y, z));
  }
  eviction.feed.distances[payload] = nearest;
}
