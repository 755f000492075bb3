/**
 * Reads: StreamingVolume, eyes, levels. Writes: wants of levels, entered volumes, events. After:
 * track-viewpoints.
 *
 * A volume is entered when a viewpoint comes within its load distance, and left when all are beyond its
 * unload distance: between the two it stays as it is, so that nobody who walks along a border makes a
 * level come and go. Only what was written to, and what a viewpoint may have reached, is looked at.
 */
import type { StreamWorld } from '../world.ts';
import { decideVolumes } from './track-volumes-border.ts';
import { takeLevels, warnOfLevels } from './track-volumes-levels.ts';
import { lookAtVolume, moveVolume, readVolume } from './track-volumes-rows.ts';

export function trackVolumes(world: StreamWorld): void {
  const { volumes, eyes } = world;
  const { look, changes, watch } = volumes;
  takeLevels(world);
  look.count = 0;
  const isSameEyes = watch.advance(eyes.values, eyes.count, look);
  if (volumes.dirty.length > 0) takeDirty(world);
  for (let i = 0; i < look.count; i++) lookAtVolume(world, look.items[i]!);
  if (!isSameEyes) lookAtHeld(world);
  look.count = 0;
  changes.collectMoved(look);
  for (let i = 0; i < look.count; i++) moveVolume(world, look.items[i]!);
  look.count = 0;
  changes.collectRewritten(look);
  for (let i = 0; i < look.count; i++) readVolume(world, look.items[i]!);
  decideVolumes(world);
  warnOfLevels(world);
}

function takeDirty(world: StreamWorld): void {
  const { dirty, queued } = world.volumes;
  for (let i = 0; i < dirty.length; i++) {
    queued[dirty[i]!] = 0;
    readVolume(world, dirty[i]!);
  }
  dirty.length = 0;
}

/** An eye came or went: whatever is entered may have been by that one. */
function lookAtHeld(world: StreamWorld): void {
  const { changes, within } = world.volumes;
  const { items, count } = changes.watched;
  for (let i = 0; i < count; i++) if (within[items[i]!] !== 0) lookAtVolume(world, items[i]!);
}

/** Queues an entity whose volume came, went or was set. Safe to call at any time, from anywhere. */
export function queueVolume({ volumes }: StreamWorld, entity: number): void {
  if (entity >= volumes.queued.length || volumes.queued[entity] !== 0) return;
  volumes.queued[entity] = 1;
  volumes.dirty.push(entity);
}
