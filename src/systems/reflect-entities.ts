/**
 * Reads: asset residency. Writes: Residency, the tags Resident and StreamFailed, the game's waiting
 * promises. After: transition-lod (first in Tell).
 *
 * Here and in `materialize-placements` the structure of the game's world changes, rate-limited.
 * Observers of the game may throw here: that is contained and reported, and the change stands.
 */
import { addComponent, entityExists, hasComponent, removeComponent } from 'bitecs';
import { errorName } from '../base/errors.ts';
import { NO_RESIDENT_LOD, ResidencyState } from '../components/residency.ts';
import { UrgencyClass } from '../memory/payloads.ts';
import type { StreamWorld, Waiter } from '../world.ts';
import { contained } from './contained.ts';
import { hasAllowedLod, hasFailure, isShowable } from './lod-state.ts';

export function reflectEntities(world: StreamWorld): void {
  world.stats.structuralOps = 0;
  writeClasses(world);
  for (const entity of world.residencyChanged) {
    if (world.stats.structuralOps >= world.options.structuralOpsPerFrame) break;
    world.residencyChanged.delete(entity);
    reflect(world, entity);
  }
  for (const waiter of world.waiters) settleWaiter(world, waiter);
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
    setTag(world, entity, components.Resident, false);
    setTag(world, entity, components.StreamFailed, false);
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
  setTag(world, entity, components.Resident, hasAllowedLod(world, entity));
  setTag(world, entity, components.StreamFailed, failed);
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
  Residency.state[entity] = mask
    ? ResidencyState.resident
    : assets.pendingMasks[row]
      ? ResidencyState.loading
      : assets.failedMasks[row]
        ? ResidencyState.failed
        : ResidencyState.empty;
}

function setTag(world: StreamWorld, entity: number, tag: object, on: boolean): void {
  if (hasComponent(world.ecs, entity, tag) === on) return;
  world.stats.structuralOps++;
  contained(world, 'observer', () => {
    if (on) addComponent(world.ecs, entity, tag);
    else removeComponent(world.ecs, entity, tag);
  });
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
