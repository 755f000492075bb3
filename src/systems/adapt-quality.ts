/**
 * Reads: what the game chose, frame time, what the view needs, eyes. Writes: LOD rules, `qualityChanged`.
 * After: read-transforms.
 */
import type { LodLimits } from '../catalog/lod-limits.ts';
import { limitsOfQuality } from '../catalog/quality-limits.ts';
import { NO_LOD } from '../catalog/slots.ts';
import type { Level } from '../level/level-machine.ts';
import { DETAIL_NAMES, detailAt, NO_DETAIL } from '../level/quality.ts';
import { distanceToBox } from '../spatial/screen-error.ts';
import type { StreamWorld } from '../world.ts';
import { neededBudgets } from './coverage.ts';

/** Between two looks at how far levels are (seconds). */
const LOOK_SECONDS = 0.25;

export function adaptQuality(world: StreamWorld): void {
  const { quality, metrics, dtSeconds } = world;
  const { control } = quality;
  if (control) {
    const frameMs = metrics.isFrameTold ? metrics.told[0]! : dtSeconds * 1000;
    if (control.step(frameMs, neededBudgets(world), dtSeconds)) quality.isChanged = true;
    quality.sinceSeconds += dtSeconds;
    if (quality.sinceSeconds >= LOOK_SECONDS) lookAtLevels(world);
  }
  if (!quality.isChanged) return;
  quality.isChanged = false;
  followQuality(world);
}

/** Box around each level's cells: min x, y, z, max x, y, z (meters). */
const boxes = new WeakMap<Level, Float32Array>();
/** What was found, by name: where two levels have one name, the nearer counts. */
const found = new Map<string, number>();

function lookAtLevels(world: StreamWorld): void {
  const { quality, levels, eyes } = world;
  const { distanceOfLevels, settings } = quality;
  if (eyes.count === 0) return;
  quality.sinceSeconds = 0;
  for (const level of levels) if (level) found.set(level.name, DETAIL_NAMES.length);
  for (const level of levels) {
    if (!level) continue;
    const before = distanceOfLevels.get(level.name) ?? NO_DETAIL;
    const detail = detailAt(settings, before, distanceTo(world, level));
    if (detail < found.get(level.name)!) found.set(level.name, detail);
  }
  for (const [name, detail] of found) {
    if (distanceOfLevels.get(name) === detail) continue;
    distanceOfLevels.set(name, detail);
    quality.isChanged = true;
  }
  found.clear();
}

/** Distance from the nearest eye to a level's box (meters). */
function distanceTo({ cells, eyes }: StreamWorld, level: Level): number {
  let box = boxes.get(level);
  if (!box) {
    box = new Float32Array(6).fill(Number.POSITIVE_INFINITY, 0, 3);
    box.fill(Number.NEGATIVE_INFINITY, 3);
    for (const cell of level.cells)
      for (let axis = 0; axis < 3; axis++) {
        const at = cell * 6 + axis;
        box[axis] = Math.min(box[axis]!, cells.boxes[at]!);
        box[axis + 3] = Math.max(box[axis + 3]!, cells.boxes[at + 3]!);
      }
    boxes.set(level, box);
  }
  let best = Number.POSITIVE_INFINITY;
  for (let at = 0; at < eyes.count * 4; at += 4) {
    const [x, y, z] = [eyes.values[at]!, eyes.values[at + 1]!, eyes.values[at + 2]!];
    best = Math.min(best, distanceToBox(box, 0, x, y, z));
  }
  return best;
}

/** Makes the rules of LODs and shadows what the details say. */
function followQuality(world: StreamWorld): void {
  const { quality, lod } = world;
  const limits = quality.values.map(limitsOfQuality);
  const all = quality.detail;
  const levels = new Map<string, Required<LodLimits>>();
  const names = new Set([...quality.chosenOfLevels.keys(), ...quality.distanceOfLevels.keys()]);
  for (const name of names) {
    const detail = quality.detailOf(name);
    if (detail > all) levels.set(name, limits[detail]!);
  }
  // What distance may ask for of levels is made ready: that one comes nearer is no new rule then.
  const likely = quality.distanceOfLevels.size > 0 ? limits.slice(all + 1) : [];
  lod.setQualities(limits[all] ?? null, levels, likely);
  quality.areShadowsDue = true;
  forgetTargets(world);
  tell(world, '', all);
  for (const name of names) tell(world, name, quality.detailOf(name));
  for (const name of quality.told.keys())
    if (name !== '' && !names.has(name)) tell(world, name, NO_DETAIL);
}

/** No hysteresis across qualities: what is shown follows from them alone. */
function forgetTargets(world: StreamWorld): void {
  const { visibleEntities, slots } = world;
  world.cutVersion = ++world.selectionVersion;
  for (let i = 0; i < visibleEntities.count; i++)
    slots.targetLods[visibleEntities.items[i]!] = NO_LOD;
}

/** Emits what changed; a level of which nothing is said follows all. */
function tell({ quality, events }: StreamWorld, level: string, detail: number): void {
  const before = quality.told.get(level) ?? NO_DETAIL;
  if (detail === before) return;
  if (detail === NO_DETAIL) quality.told.delete(level);
  else quality.told.set(level, detail);
  const [from, to] = [DETAIL_NAMES[before] ?? null, DETAIL_NAMES[detail] ?? null];
  events.emit('qualityChanged', { level, from, to });
}
