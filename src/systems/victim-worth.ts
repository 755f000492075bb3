/** What it would cost the picture if a resident payload went. */
import { MAX_LODS } from '../base/limits.ts';
import { usableLods } from '../catalog/lod-masks.ts';
import { THRESHOLD_STRIDE } from '../catalog/lod-sets.ts';
import { gainOf, lossOf } from '../memory/worth.ts';
import type { StreamWorld } from '../world.ts';
import { lastFactor } from './coverage.ts';

/** Age breaks ties between things of equal (usually no) worth: oldest use first. */
const AGE_WEIGHT = 1e-18;

/**
 * At rest, what nothing on screen needs counts this much beside what it does, coming and going alike:
 * a guess never takes memory from a picture that stays. In motion it is no guess.
 */
const SPECULATION_AT_REST = 0.02;

/** How much of a worth counts that nothing on screen has. */
export function speculationShare(world: StreamWorld): number {
  return isMoving(world) ? 1 : SPECULATION_AT_REST;
}

export function isMoving({ score }: StreamWorld): boolean {
  const { course } = score;
  return course[0] !== 0 || course[1] !== 0 || course[2] !== 0;
}

/** Whether what is on screen now falls short without the payload; prefetch may be refused freely. */
export function isNeededInView(world: StreamWorld, payload: number): boolean {
  const { columns } = world.payloads;
  const owner = columns.owner[payload]!;
  if (owner >= 0) return isNeededOf(world, owner, 1 << columns.lod[payload]!);
  const { parents, starvedFrames, refined } = world.terrain;
  const parent = parents[-1 - owner]!;
  return parent < 0 || starvedFrames[parent] === world.frame || refined[parent] === 1;
}

/** Any LOD is needed that is the only one. */
function isNeededOf({ assets }: StreamWorld, row: number, bit: number): boolean {
  const seen = assets.inView[row]!;
  return (seen & bit) !== 0 || (seen !== 0 && (assets.residentMasks[row]! & ~bit) === 0);
}

/** Whether something in view shows the payload, be it what it needs or what stands in for that. */
export function isShownNow(world: StreamWorld, payload: number): boolean {
  const { columns } = world.payloads;
  const owner = columns.owner[payload]!;
  if (owner < 0) return false;
  const { inView, general } = world.assets;
  const base = owner * THRESHOLD_STRIDE;
  for (let lod = 0; inView[owner]! >> lod; lod++)
    if (inView[owner]! & (1 << lod) && general.shownLods[base + lod] === columns.lod[payload])
      return true;
  return false;
}

/** Worth of keeping the payload, per byte. */
export function densityOf(world: StreamWorld, payload: number): number {
  const { columns } = world.payloads;
  const age = world.frame - columns.lastUsedFrame[payload]!;
  const worth = lossOfPayload(world, payload) / columns.residentBytes[payload]!;
  return worth - age * AGE_WEIGHT;
}

/** What evicting the payload costs the picture. */
export function lossOfPayload(world: StreamWorld, payload: number): number {
  const share = isNeededInView(world, payload) ? 1 : speculationShare(world);
  const factor = isShownNow(world, payload) ? world.options.policy.shownFactor : 1;
  return share * factor * worthOfPayload(world, payload);
}

function worthOfPayload(world: StreamWorld, payload: number): number {
  const { columns } = world.payloads;
  const owner = columns.owner[payload]!;
  if (owner < 0) return quadWorth(world, -1 - owner);
  const { assets } = world;
  const lodCount = assets.lodCounts[owner]!;
  const base = owner * MAX_LODS;
  const lod = columns.lod[payload]!;
  const mask = assets.residentMasks[owner]! & usableLods(assets, owner);
  const others = mask & ~(1 << lod);
  const loss = lossOf(assets.buckets, base, lodCount, mask, lod) * lastFactor(world, owner, others);
  if ((mask & ((1 << lod) - 1)) === 0) return loss;
  // What finer ones have replaced is what is left to show when they go.
  const coarser = mask & ~((2 << lod) - 1);
  return Math.max(
    loss,
    world.options.policy.fallbackShare * gainOf(assets.buckets, base, lodCount, coarser, lod),
  );
}

/** Four siblings show together or not at all, so each is worth as much as the best of them. */
function quadWorth(world: StreamWorld, node: number): number {
  const { terrain, sweep } = world;
  const parent = terrain.parents[node]!;
  if (parent < 0) return Number.MAX_VALUE;
  let worth = 0;
  const first = terrain.children[parent]!;
  for (let child = first; child < first + 4; child++)
    // What neither the last nor the running sweep scored is wanted by no pose.
    if (terrain.sweeps[child]! + 1 >= sweep.number) worth = Math.max(worth, terrain.worths[child]!);
  return worth;
}
