/**
 * In which order payloads leave memory: the lowest tier first, and of a tier what costs the picture
 * least per byte. Pools by another policy are asked by `make-room-by-policy` first. Called by: evict.
 */
import { IndexedHeap } from '../base/heap.ts';
import { PayloadState, UrgencyClass } from '../memory/payloads.ts';
import { TIER_NAMES, Tier } from '../memory/policies/tiers.ts';
import type { StreamWorld } from '../world.ts';
import { densityOf } from './victim-worth.ts';

/** One for each tier. */
const heaps: readonly IndexedHeap[] = TIER_NAMES.map(() => new IndexedHeap(1024));

/** Lists all that may go now. Called before the others, once in a frame in which something must go. */
export function listVictims(world: StreamWorld): void {
  for (let tier = 0; tier < heaps.length; tier++) heaps[tier]!.clear();
  for (const payload of world.contents.keys())
    if (mayEvict(world, payload)) returnVictim(world, payload);
}

/** No victim is worth less than this per byte; Infinity where there is none. */
export function leastDensity(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let tier = 0; tier < heaps.length; tier++)
    least = Math.min(least, -heaps[tier]!.priorityOf(heaps[tier]!.peek()));
  return least;
}

/** Takes the next payload to go from the lowest tier that has any, up to `highest`; -1 = none. */
export function nextVictim(world: StreamWorld, highest: Tier = Tier.Critical): number {
  for (let tier = 0; tier <= highest; tier++) {
    const victim = leastOf(world, heaps[tier]!);
    if (victim >= 0) return victim;
  }
  return -1;
}

/** Puts back what `nextVictim` gave and what stays after all. */
export function returnVictim(world: StreamWorld, payload: number): void {
  heaps[tierOf(world, payload)]!.set(payload, -densityOf(world, payload));
}

/** Whether nothing forbids that the payload goes: neither a holder nor what needs it as a ground. */
export function mayEvict(world: StreamWorld, payload: number): boolean {
  const { columns } = world.payloads;
  if (columns.state[payload] !== PayloadState.Resident || columns.pins[payload]! > 0) return false;
  const owner = columns.owner[payload]!;
  if (owner >= 0) return true;
  // A tile under resident children is what they fold back to; roots are the last ground there is.
  const { residentChildren, parents } = world.terrain;
  const node = -1 - owner;
  return residentChildren[node] === 0 && parents[node]! >= 0;
}

/** The highest tier that may lose something to the payload: its own, or all where it must be there. */
export function highestTier(world: StreamWorld, payload: number): Tier {
  const { urgency } = world.payloads.columns;
  return urgency[payload] === UrgencyClass.Critical ? Tier.Critical : tierOf(world, payload);
}

/** Tier of the asset that the payload belongs to; terrain is normal. */
export function tierOf({ payloads, assets, eviction }: StreamWorld, payload: number): Tier {
  const { tiers } = eviction;
  const owner = payloads.columns.owner[payload]!;
  return tiers.isEmpty || owner < 0 ? Tier.Normal : tiers.of(assets.ids[owner]!);
}

/** Takes the payload of least density. Densities change as LODs of an asset go, so it is checked. */
function leastOf(world: StreamWorld, heap: IndexedHeap): number {
  for (;;) {
    const payload = heap.peek();
    if (payload < 0) return -1;
    const listed = heap.priorityOf(payload);
    heap.delete(payload);
    if (!mayEvict(world, payload)) continue;
    const now = -densityOf(world, payload);
    const next = heap.peek();
    // Only what is certainly less goes back: a worth that is no number would for ever.
    if (!(now < listed && next >= 0 && now < heap.priorityOf(next))) return payload;
    heap.set(payload, now);
  }
}
