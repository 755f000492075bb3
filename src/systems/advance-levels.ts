/**
 * Reads: StreamingVolume, eyes. Writes: levels, pins, the cell tree. After: track-viewpoints.
 *
 * A level is wanted while a viewpoint is within the load distance of any of its volumes, and stays
 * wanted until it is beyond the unload distance of all.
 */

import { nameOfId } from '../components/schema.ts';
import {
  enterLevelState,
  LEVEL_STATE_NAMES,
  type Level,
  LevelState,
  nextLevelState,
} from '../level/level-machine.ts';
import { addWant, removeWant, strongestWant } from '../level/level-wants.ts';
import { distanceToAxisBox, distanceToSphere, VolumeShape } from '../spatial/volume.ts';
import type { StreamWorld } from '../world.ts';
import { insertCell, removeCell } from './cell-membership.ts';
import { pinPayload, unpinPayload } from './holds.ts';
import { coarsestPayload } from './lod-state.ts';

/** Factor on the worth of a level's contents, by the priority of the volume that wants it. */
const PRIORITY_WEIGHTS: readonly number[] = [8, 2, 1, 0.5, 0.25];

export function advanceLevels(world: StreamWorld): void {
  if (world.levels.length === 0) return;
  markWanted(world);
  for (const level of world.levels) {
    if (!level) continue;
    const want = strongestWant(level);
    level.wanted = want >= 0;
    level.priority = PRIORITY_WEIGHTS[want] ?? 0;
    const next = nextLevelState(level, baseReady(world, level));
    if (next !== level.state) transition(world, level, next);
  }
}

/** Volumes want a level once, with the priority of the most urgent of them. */
function markWanted(world: StreamWorld): void {
  for (const level of world.levels) {
    if (!level) continue;
    const priority = mostUrgentVolume(world, level);
    if (priority === level.volumeWant) continue;
    if (level.volumeWant >= 0) removeWant(level, level.volumeWant);
    if (priority >= 0) addWant(level, priority);
    level.volumeWant = priority;
  }
}

/** Priority of the most urgent volume that wants the level, or -1. */
function mostUrgentVolume(world: StreamWorld, level: Level): number {
  const { StreamingVolume } = world.set.components;
  const { dense } = world.queries.volumes;
  let best = -1;
  for (let i = 0; i < dense.length; i++) {
    const entity = dense[i]!;
    const id = StreamingVolume.level[entity]!;
    if (StreamingVolume.active[entity] === 0 || id === 0 || nameOfId(id) !== level.name) continue;
    const reach = level.wanted
      ? StreamingVolume.unloadDistance[entity]!
      : StreamingVolume.loadDistance[entity]!;
    if (volumeDistance(world, entity) > reach) continue;
    const priority = StreamingVolume.priority[entity]!;
    if (best < 0 || priority < best) best = priority;
  }
  return best;
}

function volumeDistance(world: StreamWorld, entity: number): number {
  const { center, radius, shape, size } = world.set.components.StreamingVolume;
  const { values, count } = world.eyes;
  let best = Number.POSITIVE_INFINITY;
  for (let at = 0; at < count * 4; at += 4) {
    const dx = values[at]! - center[entity * 3]!;
    const dy = values[at + 1]! - center[entity * 3 + 1]!;
    const dz = values[at + 2]! - center[entity * 3 + 2]!;
    const s = entity * 3;
    const distance =
      shape[entity] === VolumeShape.Sphere
        ? distanceToSphere(dx, dy, dz, radius[entity]!)
        : distanceToAxisBox(dx, dy, dz, size[s]!, size[s + 1]!, size[s + 2]!);
    best = Math.min(best, distance);
  }
  return best;
}

/** The level may show when the coarsest LOD of all it places is resident, or has failed. */
function baseReady(world: StreamWorld, level: Level): boolean {
  const { assets } = world;
  for (const asset of level.assets) {
    const coarsest = 1 << (assets.lodCounts[asset]! - 1);
    if (((assets.residentMasks[asset]! | assets.failedMasks[asset]!) & coarsest) === 0)
      return false;
  }
  return true;
}

function transition(world: StreamWorld, level: Level, next: LevelState): void {
  const from = LEVEL_STATE_NAMES[level.state]!;
  const pinsHeld = level.state !== LevelState.Unloaded;
  enterLevelState(level, next);
  if (next === LevelState.Loading && !pinsHeld) pinBase(world, level);
  if (next === LevelState.Active) for (const cell of level.cells) insertCell(world, cell);
  if (next === LevelState.Unloading) for (const cell of level.cells) removeCell(world, cell);
  if (next === LevelState.Unloaded) unpinBase(world, level);
  world.events.emit('levelStateChanged', {
    level: level.name,
    from,
    to: LEVEL_STATE_NAMES[next]!,
  });
}

function pinBase(world: StreamWorld, level: Level): void {
  for (const asset of level.assets) pinPayload(world, coarsestPayload(world, asset));
}

function unpinBase(world: StreamWorld, level: Level): void {
  for (const asset of level.assets) unpinPayload(world, coarsestPayload(world, asset));
}
