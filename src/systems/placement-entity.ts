/**
 * Makes and ends the entity that stands for one placement. Reads: slots, cells, the cell tree.
 * Writes: entities with Transform and Placement, and which entity stands for which slot. Called by:
 * materialize-placements, and for the game.
 */
import { addComponent, hasComponent, set } from 'bitecs';
import type { ComponentName } from '../components/index.ts';
import { NO_SLOT } from '../components/placement.ts';
import type { StreamWorld } from '../world.ts';
import { dropEntity, endEntity, makeEntity, putOn } from './structural-ops.ts';

/** Structural changes that make one: the entity, its Transform, its Placement. */
export const OPS_TO_MAKE = 3;

/** Run that holds a slot of an opened world, or -1. */
function runOfSlot({ cells, slots }: StreamWorld, slot: number): number {
  if (!(slot >= slots.entitySlots)) return -1;
  // Runs are in slot order: the last that begins at or before the slot holds it.
  let low = 0;
  let high = cells.runCount;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (cells.runSlots[middle]! <= slot) low = middle;
    else high = middle;
  }
  const holds = low < high && cells.runSlots[low]! <= slot && slot < cells.runEnds[low]!;
  return holds ? low : -1;
}

/** Asset row that a slot shows, or -1. */
export function assetOfSlot(world: StreamWorld, slot: number): number {
  if (slot < world.slots.entitySlots) return world.entities.assets[slot]!;
  const run = runOfSlot(world, slot);
  return run < 0 ? -1 : world.cells.runAssets[run]!;
}

/** Cell that holds a slot of an opened world, or -1. */
function cellOfSlot(world: StreamWorld, slot: number): number {
  const run = runOfSlot(world, slot);
  if (run < 0) return -1;
  const { cellRuns, count } = world.cells;
  let low = 0;
  let high = count;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (cellRuns[middle]! <= run) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Makes an entity stand for a placement, if none does. Returns it, or 0: when the slot is none or
 * not read yet, its level is not active, the capacity is used up, the streaming has ended, or an observer of the game
 * ended the entity at once.
 */
export function materialize(world: StreamWorld, slot: number): number {
  const { materialized } = world;
  const known = materialized.entityAt(slot);
  if (known !== 0) return known;
  const cell = cellOfSlot(world, slot);
  if (world.disposed || cell < 0) return 0;
  if (!world.cellTree.has(cell) || !world.cells.isUnveiled(cell) || !world.cells.placed[cell])
    return 0;
  const entity = makeEntity(world);
  if (entity === 0) return 0;
  if (materialized.entityAt(slot) !== 0) {
    // An observer has asked for the same slot meanwhile.
    dropEntity(world, entity);
    return materialized.entityAt(slot);
  }
  materialized.link(entity, slot, cell);
  // Placement comes last: who hears of it finds the whole entity, with all its data.
  const { Transform, Placement } = world.set.definitions;
  for (const { store } of [Transform, Placement])
    if (materialized.entityAt(slot) === entity) putOn(world, entity, store);
  for (const definition of [Transform, Placement])
    if (materialized.entityAt(slot) === entity) tellData(world, entity, definition);
  return materialized.entityAt(slot);
}

/** Rows of an entity that is being made hold its placement from the first: see `binding`. */
export function writePlacement(world: StreamWorld, entity: number, component: ComponentName): void {
  const { materialized, slots, assets, entities } = world;
  const slot = materialized.slots[entity] ?? -1;
  if (slot < 0) return;
  const { Transform, Placement } = world.set.components;
  if (component === 'Placement') {
    Placement.slot[entity] = slot;
    Placement.epoch[entity] = ++entities.epochs[entity]!;
    Placement.asset[entity] = assets.ids[assetOfSlot(world, slot)]!;
  } else if (component === 'Transform') {
    for (let axis = 0; axis < 3; axis++)
      Transform.position[entity * 3 + axis] = slots.positions[slot * 3 + axis]!;
    for (let i = 0; i < 4; i++)
      Transform.quaternion[entity * 4 + i] = slots.rotations[slot * 4 + i]! / 32767;
    Transform.scale[entity] = slots.scales[slot]!;
  }
}

/** For the game's observers of `onSet`: the rows themselves are written. */
function tellData(
  { ecs, events }: StreamWorld,
  entity: number,
  { store, read }: { store: object; read(row: number): object },
): void {
  if (!hasComponent(ecs, entity, store)) return;
  try {
    addComponent(ecs, entity, set(store, read(entity)));
  } catch (error) {
    events.emit('listenerFailed', { event: 'observer', error });
  }
}

/** Ends an entity that stands for a placement. */
export function dematerialize(world: StreamWorld, entity: number): void {
  // The game may have ended it: then its id may be somebody else's by now, and stands for nothing.
  if (!world.materialized.unlink(entity)) return;
  endEntity(world, entity, world.set.components.Placement);
}

/** The slots end now, their entities in the frames to come. */
export function abandonSlots(world: StreamWorld, first: number, count: number): void {
  const { materialized, leaving } = world;
  const { Placement } = world.set.components;
  for (let i = materialized.count - 1; i >= 0; i--) {
    const entity = materialized.entities[i]!;
    const slot = materialized.slots[entity]!;
    if (slot < first || slot >= first + count) continue;
    materialized.unlink(entity);
    Placement.slot[entity] = NO_SLOT;
    leaving.add(entity);
  }
}

/** Ends every entity that the streaming has made, at once. */
export function endPlacements(world: StreamWorld): void {
  const { materialized, leaving } = world;
  while (materialized.count > 0) dematerialize(world, materialized.entities[0]!);
  for (const entity of leaving) endEntity(world, entity, world.set.components.Placement);
  leaving.clear();
}
