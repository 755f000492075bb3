/**
 * Reads: dirty entities (queued by observers), StreamRequest, Pinned. Writes: entity rows, pins,
 * the entity tree. After: nothing (Get).
 *
 * Observers only queue ids; here, once per frame, each is looked at as it now is. Ids recycle at
 * once in bitECS, so what counts is the epoch, never the id.
 */
import { entityExists, hasComponent } from 'bitecs';
import { ErrorCode } from '../base/errors.ts';
import { NO_LOD } from '../catalog/slots.ts';
import { COARSEST_LOD } from '../components/pinned.ts';
import { NO_RESIDENT_LOD, ResidencyState } from '../components/residency.ts';
import { UrgencyClass } from '../memory/payloads.ts';
import type { Hold, StreamWorld } from '../world.ts';
import { hideEntity } from './hide.ts';
import { heldBytes, pinPayload, unpinPayload } from './holds.ts';

export function admitEntities(world: StreamWorld): void {
  const { dirtyEntities, entities } = world;
  for (let i = 0; i < dirtyEntities.length; i++) {
    const entity = dirtyEntities[i]!;
    entities.queued[entity] = 0;
    reconsider(world, entity);
  }
  // What a request asks for counts from the next sweep on.
  if (dirtyEntities.length > 0) world.sweep.sinceSeconds = Number.POSITIVE_INFINITY;
  dirtyEntities.length = 0;
  for (const hold of world.holds) pinHold(world, hold);
}

/** Pins what a critical or high hold by name asks for, once a world with that name is open. */
function pinHold(world: StreamWorld, hold: Hold): void {
  if (hold.pinned >= 0 || hold.urgency > UrgencyClass.High) return;
  const row = world.assets.find(hold.assetId);
  if (row < 0) return;
  const lod = Math.min(hold.lod, world.assets.lodCounts[row]! - 1);
  hold.pinned = world.assets.firstPayloads[row]! + lod;
  pinPayload(world, hold.pinned);
}

/** Queues an entity for the next `begin`. Safe to call any number of times, from anywhere. */
export function queueEntity(world: StreamWorld, entity: number): void {
  if (entity >= world.entities.queued.length || world.entities.queued[entity]) return;
  world.entities.queued[entity] = 1;
  world.dirtyEntities.push(entity);
}

/** Entities whose asset was unknown are looked at again: a world has opened or closed. */
export function requeueAll(world: StreamWorld): void {
  for (const entity of world.unresolved) queueEntity(world, entity);
}

function reconsider(world: StreamWorld, entity: number): void {
  const { entities } = world;
  const { StreamRequest } = world.set.components;
  const alive = entityExists(world.ecs, entity);
  const wants = alive && hasComponent(world.ecs, entity, StreamRequest);
  const row = wants ? world.assets.find(StreamRequest.asset[entity]!) : -1;
  const same =
    entities.assets[entity] === row && entities.admitted[entity] === entities.epochs[entity];
  if (!same) {
    dismiss(world, entity);
    if (wants) admit(world, entity, row);
  }
  updatePins(world, entity, row);
  if (!wants) return;
  world.residencyChanged.add(entity);
  if (StreamRequest.deadlineSeconds[entity]! < Number.POSITIVE_INFINITY)
    world.deadlines.add(entity);
}

function admit(world: StreamWorld, entity: number, row: number): void {
  const { entities, assets } = world;
  const { Residency, LODState } = world.set.definitions;
  entities.admitted[entity] = entities.epochs[entity]!;
  entities.admittedMs[entity] = world.clock.now();
  Residency.reset(entity);
  Residency.store.epoch[entity] = entities.epochs[entity]!;
  LODState.reset(entity);
  world.occlusion.forget(entity, entity + 1);
  world.slots.targetLods[entity] = NO_LOD;
  world.slots.shownLods[entity] = NO_LOD;
  // A name that no world knows, and a request whose data were refused, both wait here.
  if (row < 0) {
    if (world.set.components.StreamRequest.asset[entity] === 0)
      Residency.store.error[entity] = ErrorCode.InvalidData;
    world.unresolved.add(entity);
    return;
  }
  world.unresolved.delete(entity);
  entities.assets[entity] = row;
  const first = assets.firstEntities[row]!;
  entities.next[entity] = first;
  entities.previous[entity] = 0;
  if (first !== 0) entities.previous[first] = entity;
  assets.firstEntities[row] = entity;
  Residency.store.state[entity] = ResidencyState.empty;
  Residency.store.residentLod[entity] = NO_RESIDENT_LOD;
  // `read-transforms` sees it as moved, wherever an earlier owner of the id was.
  entities.unread[entity] = 1;
}

/** Ends whatever the entity streamed before. */
export function dismiss(world: StreamWorld, entity: number): void {
  const { entities, assets } = world;
  world.unresolved.delete(entity);
  const row = entities.assets[entity]!;
  if (row < 0) return;
  releasePins(world, entity);
  const next = entities.next[entity]!;
  const previous = entities.previous[entity]!;
  if (previous === 0) assets.firstEntities[row] = next;
  else entities.next[previous] = next;
  if (next !== 0) entities.previous[next] = previous;
  hideEntity(world, entity);
  world.entityTree.delete(entity);
  entities.assets[entity] = -1;
}

function releasePins(world: StreamWorld, entity: number): void {
  const { entities, assets } = world;
  const mask = entities.pinMasks[entity]!;
  const first = assets.firstPayloads[entities.assets[entity]!]!;
  for (let lod = 0; mask >> lod; lod++) if (mask & (1 << lod)) unpinPayload(world, first + lod);
  entities.pinMasks[entity] = 0;
}

/** Makes the held pins those that the entity's `Pinned` asks for, if the budget can hold them. */
function updatePins(world: StreamWorld, entity: number, row: number): void {
  const { entities, assets } = world;
  const { Pinned, Residency } = world.set.components;
  const pinned = row >= 0 && hasComponent(world.ecs, entity, Pinned);
  const wanted = pinned ? pinMask(assets.lodCounts[row]!, Pinned.lod[entity]!) : 0;
  if (wanted === entities.pinMasks[entity]) return;
  if (entities.pinMasks[entity]) releasePins(world, entity);
  if (wanted === 0) return;
  const first = assets.firstPayloads[row]!;
  let bytes = 0;
  for (let lod = 0; wanted >> lod; lod++) {
    const c = world.payloads.columns;
    if (wanted & (1 << lod) && c.pins[first + lod] === 0) bytes += c.reserveBytes[first + lod]!;
  }
  if (heldBytes(world) + bytes > world.budget.budgetBytes) {
    refusePin(world, entity, bytes);
    return;
  }
  if (Residency.error[entity] === ErrorCode.PinExceedsBudget) Residency.error[entity] = 0;
  for (let lod = 0; wanted >> lod; lod++) if (wanted & (1 << lod)) pinPayload(world, first + lod);
  entities.pinMasks[entity] = wanted;
}

function pinMask(lodCount: number, lod: number): number {
  const coarsest = lodCount - 1;
  const finest = lod === COARSEST_LOD ? coarsest : Math.min(lod, coarsest);
  return (1 << coarsest) | (1 << finest);
}

function refusePin(world: StreamWorld, entity: number, bytes: number): void {
  const { Residency, Pinned } = world.set.components;
  Residency.error[entity] = ErrorCode.PinExceedsBudget;
  const free = world.budget.budgetBytes - heldBytes(world);
  world.events.emit('invalidData', {
    entity,
    component: 'Pinned',
    message:
      `Pinned.lod ${Pinned.lod[entity]} needs ${bytes} bytes, but of the budget of ` +
      `${world.budget.budgetBytes} bytes only ${free} are not pinned yet; pin a coarser LOD, ` +
      'unpin something else, or raise budgetBytes',
  });
}
