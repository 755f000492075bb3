/** Rows of volumes: taking in what was written, and measuring how far the viewpoints are. */
import { hasComponent, Prefab } from 'bitecs';
import { grown } from '../base/grown.ts';
import { volumeProblem } from '../components/streaming-volume.ts';
import { appendItem } from '../spatial/octree.ts';
import { boundVolume, isSoundShape } from '../spatial/volume-bounds.ts';
import { measureVolume } from '../spatial/volume-shape.ts';
import type { StreamWorld } from '../world.ts';
import { findLevels, hasLevels, holdLevels } from './track-volumes-levels.ts';

/** Numbers of an eye. */
const EYE_STRIDE = 4;

/** A volume that moves has a box with room for some more frames of it (meters to each side). */
const LEEWAY_STRIDE = 4;
const LEAST_LEEWAY_METERS = 1;
const MOST_LEEWAY_METERS = 32;
const LEEWAY_FACTOR = 4;
/** From one corner of its leeway to the other: the most that it may come nearer. */
const DIAGONAL: number = 2 * Math.sqrt(3);

const box = new Float64Array(6);
const distance = new Float64Array(1);
const slack = new Float64Array(1);

/** Looks at a volume as it now is, whatever it was; it may be none any more. */
export function readVolume(world: StreamWorld, entity: number): void {
  const { volumes, set, ecs } = world;
  const { StreamingVolume, VolumeEntered } = set.components;
  if (!hasComponent(ecs, entity, StreamingVolume) || hasComponent(ecs, entity, Prefab)) return;
  // An earlier streaming of this world may have left its tag.
  if (!volumes.changes.has(entity) && hasComponent(ecs, entity, VolumeEntered))
    volumes.retagged.add(entity);
  volumes.changes.remember(entity);
  if (leewayOf(world, entity) > 0) setLeeway(world, entity, 0);
  placeVolume(world, entity);
  // Its conditions may be others.
  appendItem(volumes.undecided, entity);
  if (findLevels(world, entity).isComplete) volumes.unresolved.delete(entity);
  else volumes.unresolved.add(entity);
  if (volumes.entered[entity] !== 0) holdLevels(world, entity);
}

/** Only its center or `active` was written. */
export function moveVolume(world: StreamWorld, entity: number): void {
  const { changes, watch } = world.volumes;
  if (!changes.has(entity)) return;
  const leeway = leewayOf(world, entity);
  const meters = leeway > 0 ? straying(world, entity) : 0;
  if (leeway > 0 && meters <= leeway && watch.tree.has(entity) && isReady(world, entity)) {
    // Beyond the horizon it stays beyond it, wherever in its box it is.
    if (watch.waitsFor(entity)) lookAtVolume(world, entity);
    return;
  }
  const wished = Math.max(LEAST_LEEWAY_METERS, meters * LEEWAY_FACTOR);
  setLeeway(world, entity, Number.isFinite(wished) ? Math.min(MOST_LEEWAY_METERS, wished) : 0);
  placeVolume(world, entity);
}

function leewayOf({ volumes }: StreamWorld, entity: number): number {
  const at = entity * LEEWAY_STRIDE + 3;
  return at < volumes.leeways.length ? volumes.leeways[at]! : 0;
}

/** How far the center is from that of its box, along the axis where that is most. */
function straying({ volumes, set }: StreamWorld, entity: number): number {
  const { center } = set.components.StreamingVolume;
  const { leeways } = volumes;
  const at = entity * LEEWAY_STRIDE;
  return Math.max(
    Math.abs(center[entity * 3]! - leeways[at]!),
    Math.abs(center[entity * 3 + 1]! - leeways[at + 1]!),
    Math.abs(center[entity * 3 + 2]! - leeways[at + 2]!),
  );
}

function setLeeway({ volumes, set }: StreamWorld, entity: number, meters: number): void {
  const { center } = set.components.StreamingVolume;
  const at = entity * LEEWAY_STRIDE;
  const needed = at + LEEWAY_STRIDE;
  if (volumes.leeways.length < needed) volumes.leeways = grown(volumes.leeways, needed * 2);
  for (let axis = 0; axis < 3; axis++) volumes.leeways[at + axis] = center[entity * 3 + axis]!;
  volumes.leeways[at + 3] = meters;
}

/** Puts the volume where it belongs in the tree, if it can load at all, and measures it. */
function placeVolume(world: StreamWorld, entity: number): void {
  const { volumes, set } = world;
  const { StreamingVolume } = set.components;
  if (!isReady(world, entity)) {
    volumes.watch.leave(entity);
    if (volumes.within[entity] !== 0) appendItem(volumes.undecided, entity);
    volumes.within[entity] = 0;
    volumes.conditional.delete(entity);
    return;
  }
  const reach = StreamingVolume.loadDistance[entity]! + leewayOf(world, entity);
  boundVolume(StreamingVolume, volumes.outlines, entity, reach, box);
  volumes.watch.tree.set(entity, box[0]!, box[1]!, box[2]!, box[3]!, box[4]!, box[5]!);
  lookAtVolume(world, entity);
}

/** Whether it is active and its columns, which a game may write directly, make a volume. */
function isReady(world: StreamWorld, entity: number): boolean {
  const { volumes, set, events } = world;
  const { StreamingVolume } = set.components;
  const { active, loadDistance, unloadDistance } = StreamingVolume;
  // Added without data: there is nothing to load yet.
  if (!hasLevels(world, entity)) return false;
  const isSound =
    loadDistance[entity]! >= 0 &&
    unloadDistance[entity]! >= loadDistance[entity]! &&
    isSoundShape(StreamingVolume, volumes.outlines, entity);
  if (isSound) {
    volumes.unsound.delete(entity);
    return active[entity] !== 0;
  }
  if (!volumes.unsound.has(entity)) {
    volumes.unsound.add(entity);
    const row = set.definitions.StreamingVolume.read(entity);
    const problem =
      volumeProblem(row) ??
      `outline: nobody has defined "${row.outline}" (streaming.defineOutline)`;
    const message = `StreamingVolume: ${problem}; it loads nothing until that is put right`;
    events.emit('invalidData', { entity, component: 'StreamingVolume', message });
  }
  return false;
}

/** Measures the volume, and when it has to be looked at again. */
export function lookAtVolume(world: StreamWorld, entity: number): void {
  const { volumes, set } = world;
  const { loadDistance, unloadDistance } = set.components.StreamingVolume;
  if (!volumes.watch.tree.has(entity)) return;
  measure(world, entity);
  const meters = distance[0]!;
  const wasWithin = volumes.within[entity] !== 0;
  const isWithin = meters <= (wasWithin ? unloadDistance : loadDistance)[entity]!;
  if (isWithin !== wasWithin) appendItem(volumes.undecided, entity);
  volumes.within[entity] = isWithin ? 1 : 0;
  const border = isWithin ? unloadDistance[entity]! - meters : meters - loadDistance[entity]!;
  slack[0] = border - leewayOf(world, entity) * DIAGONAL;
  volumes.watch.put(entity, slack, isWithin);
}

/** Writes the least distance of any eye; Infinity without eyes. */
function measure({ volumes, set, eyes }: StreamWorld, entity: number): void {
  let least = Number.POSITIVE_INFINITY;
  for (let eye = 0; eye < eyes.count; eye++) {
    measureVolume(
      set.components.StreamingVolume,
      volumes.outlines,
      entity,
      eyes.values,
      eye * EYE_STRIDE,
      distance,
    );
    if (distance[0]! >= least) continue;
    least = distance[0]!;
    volumes.nearestEyes[entity] = eye;
  }
  distance[0] = least;
}
