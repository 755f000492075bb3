/**
 * Coverage before detail. What is kept for ever comes early, for it covers every view at once. And while
 * the view needs more than memory can hold, something to show for all of it goes before showing any of
 * it better: a small thing far away that is missing is a hole, whatever little of the picture it is.
 */
import { usableLods } from '../catalog/lod-masks.ts';
import type { StreamWorld } from '../world.ts';

/**
 * Detail is lowered, and coverage goes first, while the view needs more than this many budgets. Between
 * one budget and two, choosing by worth among all of it is better: on the flythrough's pingpong with
 * half the memory a bias from 1 on made 1.94 x the clairvoyant's error, one from 2 on 1.37.
 */
export const PRESSED_FROM = 2;

/**
 * Under pressure the first and last LOD of something in view counts so many times what it is worth.
 * More hurts the picture: on the flythrough's flights with half the memory 3 made 1.31 and 1.36 x the
 * clairvoyant's error, 1 made 1.32 and 1.41, 30 made 1.34 and 1.49, 1000 made 1.47 and 1.63.
 */
const FIRST_FACTOR = 3;

/**
 * What has been missing for longer than this (ms) counts ten times more with each second, so that no
 * detail keeps it waiting for long.
 */
const PATIENCE_MS = 1000;
const GROWTH_PER_S = 10;

/** At rest, where nothing else asks for it, what waits is weighed anew after this (ms). */
const REWEIGH_MS = 500;

/** At most: the least that is drawn, 3 of 1080 lines, is 3e-6 of the picture, good detail 1e-3. */
const MAX_FACTOR = 1000;

/**
 * What is kept is worth this much wherever it stands (share of the picture), under pressure the other:
 * then memory is given to it before detail takes it all. Less leaves holes for longer when a world is
 * opened, more keeps the view waiting for what is not in it: see docs/tuning.md.
 */
const KEPT_GAIN = 2e-5;
const KEPT_PRESSED_GAIN = 1e-3;

/** Budgets that the view needs, with what is pinned and kept; or buffers of a fixed size for geometry. */
export function neededBudgets({ viewBytes, viewSharedBytes, budget }: StreamWorld): number {
  return Math.max(viewBytes / budget.budgetBytes, viewSharedBytes / budget.geometryLimitBytes);
}

/** Whether the view does not fit by far, at the error that it should have. */
export function isPressed(world: StreamWorld): boolean {
  return world.errorBias > 1 || neededBudgets(world) > PRESSED_FROM;
}

/** Notes whether the asset has just begun, or ceased, to be missing in view. */
export function noteMissing({ assets, clock }: StreamWorld, row: number): void {
  const { missingSinceMs } = assets;
  if (assets.inView[row] === 0 || assets.residentMasks[row]! & usableLods(assets, row))
    missingSinceMs[row] = Number.POSITIVE_INFINITY;
  else if (missingSinceMs[row] === Number.POSITIVE_INFINITY) missingSinceMs[row] = clock.now();
}

/** Whether it is time to weigh anew what has been missing in view for too long. */
export function mustReweigh(world: StreamWorld): boolean {
  if (world.stats.holes === 0 || !isPressed(world)) return false;
  const now = world.clock.now();
  if (now - world.reweighedMs < REWEIGH_MS) return false;
  world.reweighedMs = now;
  return true;
}

/** Factor on the gain of a LOD that comes to an asset that has those of `mask`. */
export function firstFactor(world: StreamWorld, row: number, mask: number): number {
  // Somebody looks at a loading screen: nothing that only refines goes before.
  if (world.loading.isViewAwaited && mask === 0 && world.assets.inView[row] !== 0)
    return MAX_FACTOR;
  if (!isAlone(world, row, mask)) return 1;
  const waitedMs = world.clock.now() - world.assets.missingSinceMs[row]! - PATIENCE_MS;
  if (!(waitedMs > 0)) return FIRST_FACTOR;
  return Math.min(MAX_FACTOR, FIRST_FACTOR * GROWTH_PER_S ** (waitedMs / 1000));
}

/** Factor on the loss of a LOD that goes and leaves those of `mask`. */
export function lastFactor(world: StreamWorld, row: number, mask: number): number {
  return isAlone(world, row, mask) ? FIRST_FACTOR : 1;
}

/** Whether the payload is the first to show of something in view that has waited for too long. */
export function isOverdue(world: StreamWorld, payload: number): boolean {
  const { assets, clock } = world;
  const row = world.payloads.columns.owner[payload]!;
  if (row < 0 || clock.now() - assets.missingSinceMs[row]! <= PATIENCE_MS) return false;
  return isAlone(world, row, assets.residentMasks[row]! & usableLods(assets, row));
}

/** Whether the payload is the first to show of something in view. */
export function fillsHole({ assets, payloads }: StreamWorld, payload: number): boolean {
  const row = payloads.columns.owner[payload]!;
  if (row < 0 || assets.inView[row] === 0) return false;
  return (assets.residentMasks[row]! & usableLods(assets, row)) === 0;
}

function isAlone(world: StreamWorld, row: number, mask: number): boolean {
  return mask === 0 && world.assets.inView[row] !== 0 && isPressed(world);
}

/** What something kept is worth that nothing in view needs now. */
export function keptGain(world: StreamWorld): number {
  return isPressed(world) ? KEPT_PRESSED_GAIN : KEPT_GAIN;
}
