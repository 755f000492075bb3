/**
 * What stands in the open, by data layer: while its layer is there, the coarsest LODs of all of it are kept,
 * where together they are small.
 */
import type { OpenGroup, StreamWorld } from '../world.ts';
import { heldBytes, keepPayload, unkeepPayload } from './holds.ts';
import { coarsestPayload } from './lod-state.ts';
import { forgetDemand, isUsed } from './shift-levels.ts';

/** Coarsest LODs are kept for ever while they take no more than this share of what there is for them. */
const BASE_SHARE = 1 / 3;

/** Rows looked at in one step. */
const STEP_ROWS = 4096;

/** Its layer is there: counts its assets as placed in the open, and keeps them if they are small. */
export function* enterGroup(world: StreamWorld, group: OpenGroup): Generator<void> {
  if (group.isProxy) world.proxiesKept = false;
  else world.baseKept = false;
  group.isIn = true;
  for (const [i, asset] of group.assets.entries()) {
    world.assets.openUses[asset] = world.assets.openUses[asset]! + 1;
    if (i % STEP_ROWS === STEP_ROWS - 1) yield;
  }
  if (!world.options.policy.keepsCoarsest || !(yield* isSmall(world, group))) return;
  while (group.kept < group.assets.length) {
    keepPayload(world, coarsestPayload(world, group.assets[group.kept++]!));
    if (group.kept % STEP_ROWS === 0) yield;
  }
}

/** Whether all that is held would fit with it. */
function* isSmall(world: StreamWorld, group: OpenGroup): Generator<void, boolean> {
  const { residentBytes, sharedBytes, kept } = world.payloads.columns;
  let bytes = heldBytes(world);
  let shared = world.keptSharedBytes;
  for (const [i, asset] of group.assets.entries()) {
    const payload = coarsestPayload(world, asset);
    if (kept[payload] === 0) {
      bytes += residentBytes[payload]!;
      shared += sharedBytes[payload]!;
    }
    if (i % STEP_ROWS === STEP_ROWS - 1) yield;
  }
  const { budgetBytes, geometryLimitBytes } = world.budget;
  return bytes <= budgetBytes * BASE_SHARE && shared <= geometryLimitBytes * BASE_SHARE;
}

/** Its layer is not there: what nobody else has a use for is asked for no more, and leaves by its worth. */
export function leaveGroup(world: StreamWorld, group: OpenGroup): void {
  const { openUses } = world.assets;
  group.isIn = false;
  for (const asset of group.assets) openUses[asset] = openUses[asset]! - 1;
  unkeepGroup(world, group);
  for (const asset of group.assets)
    if (!isUsed(world, asset, coarsestPayload(world, asset))) forgetDemand(world.assets, asset);
  world.demandChanged = true;
}

export function unkeepGroup(world: StreamWorld, group: OpenGroup): void {
  while (group.kept > 0) unkeepPayload(world, coarsestPayload(world, group.assets[--group.kept]!));
}
