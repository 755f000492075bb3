/** Entering and leaving volumes: conditions, wants, events, in the order of entity ids. */
import { nameOfId } from '../components/schema.ts';
import { appendItem } from '../spatial/octree.ts';
import type { StreamWorld } from '../world.ts';
import { holdLevels, releaseLevels } from './track-volumes-levels.ts';

/** Enters and leaves what this frame has changed. */
export function decideVolumes(world: StreamWorld): void {
  const { undecided, conditional } = world.volumes;
  if (conditional.size > 0) for (const entity of conditional) appendItem(undecided, entity);
  if (undecided.count === 0) return;
  if (undecided.count > 1) undecided.items.subarray(0, undecided.count).sort();
  for (let i = 0; i < undecided.count; i++)
    if (i === 0 || undecided.items[i] !== undecided.items[i - 1])
      decide(world, undecided.items[i]!);
  undecided.count = 0;
}

function decide(world: StreamWorld, entity: number): void {
  const { volumes } = world;
  if (!volumes.changes.has(entity)) return;
  const isWithin = volumes.within[entity] !== 0;
  if (isWithin && hasConditions(world, entity)) volumes.conditional.add(entity);
  else volumes.conditional.delete(entity);
  const isEntered = isWithin && doConditionsHold(world, entity);
  // A condition of the game may do anything, also end the volume.
  if (!volumes.changes.has(entity)) return;
  if (isEntered === (volumes.entered[entity] !== 0)) return;
  if (isEntered) enter(world, entity);
  else leave(world, entity);
}

function enter(world: StreamWorld, entity: number): void {
  const { volumes, events, queries } = world;
  volumes.entered[entity] = 1;
  holdLevels(world, entity);
  volumes.retagged.add(entity);
  const viewpoint = queries.viewpoints.dense[volumes.nearestEyes[entity]!] ?? 0;
  const event = { entity, viewpoint };
  noteListeners(world, event);
  events.emit('volumeEntered', event);
}

function leave(world: StreamWorld, entity: number): void {
  const { volumes, events } = world;
  volumes.entered[entity] = 0;
  releaseLevels(world, entity);
  volumes.retagged.add(entity);
  const event = { entity };
  noteListeners(world, event);
  events.emit('volumeLeft', event);
}

function noteListeners({ volumes }: StreamWorld, event: { entity: number }): void {
  const own = volumes.listeners.get(event.entity);
  if (own) volumes.heard.set(event, own);
}

/**
 * The volume is no more: it is left first, if it was entered. For observers, at any time: its id may be
 * another's the next moment.
 */
export function forgetVolume(world: StreamWorld, entity: number): void {
  const { volumes } = world;
  if (volumes.entered[entity] !== 0) leave(world, entity);
  volumes.within[entity] = 0;
  volumes.changes.forget(entity);
  volumes.watch.leave(entity);
  volumes.conditional.delete(entity);
  volumes.unsound.delete(entity);
  volumes.unresolved.delete(entity);
  volumes.conditions.delete(-entity);
  volumes.listeners.delete(entity);
}

function hasConditions({ volumes, set }: StreamWorld, entity: number): boolean {
  const { layer, condition } = set.components.StreamingVolume;
  return layer[entity] !== 0 || condition[entity] !== 0 || volumes.conditions.has(-entity);
}

function doConditionsHold(world: StreamWorld, entity: number): boolean {
  const { set } = world;
  const { layer, condition } = set.components.StreamingVolume;
  if (layer[entity] !== 0 && !isLayerThere(world, layer[entity]!)) return false;
  // A condition that nobody has registered (yet) does not hold.
  if (condition[entity] !== 0 && !ask(world, condition[entity]!, entity, false)) return false;
  return ask(world, -entity, entity, true);
}

/** Whether the layer with this number of its name is on, or with "!" before it off. */
function isLayerThere({ volumes, dataLayers }: StreamWorld, id: number): boolean {
  let value = volumes.layers.get(id);
  if (value === undefined) {
    const name = nameOfId(id);
    // A number that was written directly, of a name that nobody has said yet.
    if (name === '') return false;
    value = dataLayers.valueOf(name);
    volumes.layers.set(id, value);
  }
  return dataLayers.shows(value);
}

/** What the game's condition says; one that throws does not hold, and is reported once. */
function ask(
  { volumes, events }: StreamWorld,
  key: number,
  entity: number,
  otherwise: boolean,
): boolean {
  const condition = volumes.conditions.get(key);
  if (!condition) return otherwise;
  try {
    const holds = condition(entity) === true;
    volumes.failedConditions.delete(key);
    return holds;
  } catch (error) {
    if (!volumes.failedConditions.has(key))
      events.emit('listenerFailed', { event: `condition of volume ${entity}`, error });
    volumes.failedConditions.add(key);
    return false;
  }
}
