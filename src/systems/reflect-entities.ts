/**
 * Reads: asset residency. Writes: Residency, the tags Resident and StreamFailed, the game's waiting
 * promises. After: transition-lod (first in Tell).
 *
 * Here and in `materialize-placements` the structure of the game's world changes, within the limit.
 * What the frame has no room for waits, first come first served, and its Residency with it: what
 * that says to be resident carries the tag.
 */
import { entityExists, hasComponent } from 'bitecs';
import { errorName } from '../base/errors.ts';
import { NO_RESIDENT_LOD, ResidencyState } from '../components/residency.ts';
import { UrgencyClass } from '../memory/payloads.ts';
import type { StreamWorld, Waiter } from '../world.ts';
import { hasAllowedLod, hasFailure, isShowable } from './lod-state.ts';
import { OPS_TO_MAKE } from './placement-entity.ts';
import { putOn, roomForOps, takeOff } from './structural-ops.ts';

/** At most two tags change at once. */
const OPS_TO_REFLECT = 2;
/** Limits below this are too tight to be shared within a frame. */
const SHARED_OPS: number = 2 * (OPS_TO_MAKE + OPS_TO_REFLECT);

export function reflectEntities(world: StreamWorld): void {
  writeClasses(world);
  const reserved = opsForPlacements(world);
  for (const entity of world.residencyChanged) {
    if (roomForOps(world) - reserved < OPS_TO_REFLECT) break;
    world.residencyChanged.delete(entity);
    reflect(world, entity);
  }
  for (const waiter of world.waiters) settleWaiter(world, waiter);
}

/** However many tags change, placements get a quarter of the frame, or every other frame. */
function opsForPlacements({ activation, options, frame }: StreamWorld): number {
  const limit = options.structuralOpsPerFrame;
  if (!activation.isRunning) return 0;
  if (limit < SHARED_OPS) return frame % 2 === 0 ? limit : 0;
  return Math.max(OPS_TO_MAKE, limit >> 2);
}

/** How urgent an asset is may change without anything coming or going: the camera turned. */
function writeClasses(world: StreamWorld): void {
  const { reclassified, assets, entities } = world;
  for (let i = 0; i < reclassified.count; i++) {
    let entity = assets.firstEntities[reclassified.items[i]!]!;
    for (; entity !== 0; entity = entities.next[entity]!) writeClass(world, entity);
  }
  reclassified.count = 0;
}

function writeClass({ assets, entities, set }: StreamWorld, entity: number): void {
  const isPinned = entities.pinMasks[entity] !== 0;
  set.components.Residency.class[entity] = isPinned
    ? UrgencyClass.Critical
    : assets.classes[entities.assets[entity]!]!;
}

function reflect(world: StreamWorld, entity: number): void {
  const { components } = world.set;
  if (!entityExists(world.ecs, entity)) return;
  if (!hasComponent(world.ecs, entity, components.StreamRequest)) {
    setTags(world, entity, false, false);
    return;
  }
  writeResidency(world, entity);
  const failed = hasFailure(world, entity);
  const { Residency } = components;
  if (!failed && Residency.error[entity] !== 0 && Residency.failures[entity]! > 0) {
    // Everything that had failed has arrived since.
    Residency.error[entity] = 0;
    Residency.failures[entity] = 0;
  }
  setTags(world, entity, hasAllowedLod(world, entity), failed);
}

function writeResidency(world: StreamWorld, entity: number): void {
  const { Residency } = world.set.components;
  const { assets, payloads } = world;
  const row = world.entities.assets[entity]!;
  if (row < 0) {
    Residency.state[entity] = ResidencyState.unknown;
    Residency.residentLod[entity] = NO_RESIDENT_LOD;
    return;
  }
  const mask = assets.residentMasks[row]!;
  const first = assets.firstPayloads[row]!;
  let finest = NO_RESIDENT_LOD;
  let bytes = 0;
  for (let lod = assets.lodCounts[row]! - 1; lod >= 0; lod--) {
    if (!(mask & (1 << lod))) continue;
    finest = lod;
    bytes += payloads.columns.residentBytes[first + lod]!;
  }
  Residency.residentLod[entity] = finest;
  Residency.bytes[entity] = bytes;
  writeClass(world, entity);
  Residency.state[entity] = hasAllowedLod(world, entity)
    ? ResidencyState.resident
    : assets.pendingMasks[row]
      ? ResidencyState.loading
      : assets.failedMasks[row]
        ? ResidencyState.failed
        : ResidencyState.empty;
}

function setTags(world: StreamWorld, entity: number, resident: boolean, failed: boolean): void {
  const { Resident, StreamFailed } = world.set.components;
  const epoch = world.entities.epochs[entity]!;
  if (resident) putOn(world, entity, Resident);
  else takeOff(world, entity, Resident);
  // An observer of the first may have ended the entity, or what it asked for: then it is looked at
  // again, whoever has its id by then.
  if (world.entities.epochs[entity] !== epoch) return;
  if (failed) putOn(world, entity, StreamFailed);
  else takeOff(world, entity, StreamFailed);
}

function settleWaiter(world: StreamWorld, waiter: Waiter): void {
  const { entities, assets } = world;
  if (waiter.entity > 0 && entities.epochs[waiter.entity] !== waiter.epoch) {
    world.waiters.delete(waiter);
    waiter.reject(new Error(`farfield: entity ${waiter.entity} no longer requests an asset`));
    return;
  }
  const row = waiter.entity > 0 ? entities.assets[waiter.entity]! : assets.find(waiter.assetId);
  if (row < 0) return;
  if (isShowable(world, row, waiter.entity, waiter.lod)) {
    world.waiters.delete(waiter);
    waiter.resolve();
    return;
  }
  const failed = assets.failedMasks[row]!;
  const every = (1 << assets.lodCounts[row]!) - 1;
  if (waiter.lod >= 0 ? (failed & (1 << waiter.lod)) === 0 : failed !== every) return;
  world.waiters.delete(waiter);
  const lod = Math.max(0, waiter.lod);
  const code = world.payloads.columns.error[assets.firstPayloads[row]! + lod]!;
  waiter.reject(
    new Error(`farfield: ${assets.names[row]} LOD ${lod} failed to load: ${errorName(code)}`),
  );
}
