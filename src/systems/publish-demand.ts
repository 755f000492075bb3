/**
 * Reads: the demand of a complete sweep, holds, tiles. Writes: published demand, tile worths, what the
 * view needs. Called by: prioritize, and by prefetch at rest.
 */
import { MAX_LODS } from '../base/limits.ts';
import { scoreTiles } from '../terrain/quadtree.ts';
import type { StreamWorld } from '../world.ts';
import { noteMissing } from './coverage.ts';
import { errorBiasOf } from './error-bias.ts';
import { heldBytes } from './holds.ts';
import { noteUses } from './note-uses.ts';

/** The least that a LOD counts while something in view has it as its target. */
const TARGET_AREA = 1e-7;

/**
 * Hysteresis may hold a target finer than the exact need. While it does, that LOD is worth having,
 * or it would be evicted from under the view and never asked for again.
 */
function addTargets(world: StreamWorld): void {
  const { assets } = world;
  for (let row = 0; row < assets.count; row++)
    for (let lod = 0; assets.nextInView[row]! >> lod; lod++) {
      const bucket = row * MAX_LODS + lod;
      if (assets.nextInView[row]! & (1 << lod))
        assets.nextBuckets[bucket] = assets.nextBuckets[bucket]! + TARGET_AREA;
    }
}

/** Tiles on screen with the ancestors that they fold back to: a third more. */
function tileBytes(world: StreamWorld): number {
  const { shownTiles, terrain, payloads } = world;
  let bytes = 0;
  for (let i = 0; i < shownTiles.count; i++)
    bytes += payloads.columns.residentBytes[terrain.payloads[shownTiles.items[i]!]!]!;
  return (bytes * 4) / 3;
}

/** Share of the picture that an asset held by name stands for, by class (normal, prefetch, low). */
const HELD_AREAS: Readonly<Partial<Record<number, number>>> = { 2: 0.05, 3: 0.005, 4: 0.0005 };

/** Assets held by name without a pin take part as if they covered a share of the picture. */
function addHolds(world: StreamWorld): void {
  const { assets } = world;
  // Not even an iterator where there is nothing, as in most games.
  if (world.holds.size === 0) return;
  for (const hold of world.holds) {
    const row = assets.find(hold.assetId);
    if (row < 0 || hold.pinned >= 0) continue;
    const bucket = row * MAX_LODS + Math.min(hold.lod, assets.lodCounts[row]! - 1);
    const area = HELD_AREAS[hold.urgency] ?? 0;
    assets.nextBuckets[bucket] = assets.nextBuckets[bucket]! + area;
    // The other scorers know no area: what is held counts as though it stood not far from here.
    assets.nextClassic[row] = Math.max(assets.nextClassic[row]!, area / HELD_AREAS[2]!);
    assets.nextNearest[row] = Math.min(assets.nextNearest[row]!, 1 / area);
  }
}

/**
 * Assets of the game's own kinds have no size on screen: each request counts like a normal hold,
 * times its importance, and as something that is needed now.
 */
function addCustomRequests(world: StreamWorld): void {
  const { assets, entities } = world;
  const { StreamRequest } = world.set.components;
  for (let row = 0; row < assets.count; row++) {
    if (!assets.custom[row]) continue;
    let importance = 0;
    for (let entity = assets.firstEntities[row]!; entity !== 0; entity = entities.next[entity]!)
      importance = Math.max(importance, StreamRequest.importance[entity]!);
    const bucket = row * MAX_LODS;
    assets.nextBuckets[bucket] = assets.nextBuckets[bucket]! + importance * HELD_AREAS[2]!;
    assets.nextClassic[row] = importance;
    if (importance > 0) assets.nextNearest[row] = 0;
    if (assets.nextBuckets[bucket]! > 0) assets.nextInView[row] = 1;
  }
}

/** Makes the demand of the sweep that has just ended the one that counts. */
export function publishDemand(world: StreamWorld): void {
  const { assets, sweep } = world;
  sweep.running = false;
  world.stats.sweeps++;
  addHolds(world);
  addCustomRequests(world);
  addTargets(world);
  assets.buckets.set(assets.nextBuckets);
  assets.classic.set(assets.nextClassic);
  assets.nearest.set(assets.nextNearest);
  assets.inView.set(assets.nextInView);
  publishView(world);
}

/** What follows from the published demand and from what is resident now. */
export function publishView(world: StreamWorld): void {
  const { assets, sweep, wantedTiles, frame } = world;
  const { lastUsedFrame, pins, reserveBytes, sharedBytes } = world.payloads.columns;
  let viewBytes = heldBytes(world);
  let viewSharedBytes = world.keptSharedBytes;
  for (let row = 0; row < assets.count; row++) {
    noteMissing(world, row);
    const bits = assets.inView[row]! & ~assets.pinnedMasks[row]!;
    for (let lod = 0; bits >> lod; lod++) {
      if (!(bits & (1 << lod))) continue;
      const payload = assets.firstPayloads[row]! + lod;
      lastUsedFrame[payload] = frame;
      if (pins[payload]! > 0) continue;
      viewBytes += reserveBytes[payload]!;
      // What can never come is not waited for.
      if (sharedBytes[payload]! <= world.budget.geometryLimitBytes)
        viewSharedBytes += sharedBytes[payload]!;
    }
  }
  world.viewBytes = viewBytes + tileBytes(world);
  world.viewSharedBytes = viewSharedBytes;
  wantedTiles.count = 0;
  const errorPx = world.options.terrainErrorPixels * world.lod.groundScale * errorBiasOf(world);
  scoreTiles(world.terrain, world.score, errorPx, sweep.number, wantedTiles);
  noteUses(world);
  sweep.residency = residencyOf(world);
  world.demandChanged = true;
}

/** A number that differs whenever something came, went or failed in between. */
export function residencyOf({ stats }: StreamWorld): number {
  const { payloadsLoaded, payloadsEvicted, payloadsFailed, cancelled } = stats;
  return payloadsLoaded + payloadsEvicted + payloadsFailed + cancelled;
}
