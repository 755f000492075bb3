/**
 * Reads: entered volumes. Writes: the tag VolumeEntered. After: transition-lod (first in Tell).
 *
 * Of the structural changes of a frame tags of volumes take a quarter at most: a viewpoint that jumps
 * may enter hundreds, and others wait too.
 */
import { entityExists, hasComponent } from 'bitecs';
import type { StreamWorld } from '../world.ts';
import { putOn, roomForOps, takeOff } from './structural-ops.ts';

export function tagVolumes(world: StreamWorld): void {
  const { volumes, options, set, ecs } = world;
  if (volumes.retagged.size === 0) return;
  const { StreamingVolume, VolumeEntered } = set.components;
  let left = Math.max(1, options.structuralOpsPerFrame >> 2);
  for (const entity of volumes.retagged) {
    if (left-- <= 0 || roomForOps(world) === 0) return;
    volumes.retagged.delete(entity);
    if (!entityExists(ecs, entity)) continue;
    const isEntered = volumes.entered[entity] !== 0 && hasComponent(ecs, entity, StreamingVolume);
    if (isEntered) putOn(world, entity, VolumeEntered);
    else takeOff(world, entity, VolumeEntered);
  }
}
