/**
 * Reads: sweep, poses, placements. Writes: asset demand, tile worths, candidates. After: prefetch.
 *
 * Scores a slice of the sweep each frame; when a sweep is complete its demand is published, and
 * every payload that would reduce the expected visible error becomes a candidate.
 */
import { MAX_LODS } from '../base/limits.ts';
import { MIXED } from '../catalog/cells.ts';
import type { LodSet } from '../catalog/lod-sets.ts';
import { addDemand, DETAIL_MARGIN, POSE_STRIDE } from '../spatial/expected-error.ts';
import { distanceToBox } from '../spatial/screen-error.ts';
import { scoreTiles } from '../terrain/quadtree.ts';
import type { StreamWorld } from '../world.ts';
import { gatherCandidates } from './gather-candidates.ts';
import { coarsestAllowed, finestAllowed } from './lod-state.ts';

/** A cell this many times its own size away is scored run by run, as if all stood at its center. */
const GROUP_DISTANCE = 2;

export function prioritize(world: StreamWorld): void {
  const { sweep } = world;
  if (sweep.running) {
    let budget = sweep.stride;
    while (sweep.nextCell < sweep.cells.count && budget-- > 0)
      scoreCell(world, sweep.cells.items[sweep.nextCell++]!);
    while (sweep.nextEntity < sweep.entities.count && budget-- > 0)
      scoreEntity(world, sweep.entities.items[sweep.nextEntity++]!);
    if (sweep.nextCell === sweep.cells.count && sweep.nextEntity === sweep.entities.count)
      publish(world);
  }
  if (!world.demandChanged) return;
  world.demandChanged = false;
  gatherCandidates(world);
}

function scoreCell(world: StreamWorld, cell: number): void {
  const { cells } = world;
  const { values } = world.score.poses;
  const b = cell * 6;
  const { boxes } = cells;
  const size = Math.hypot(
    boxes[b + 3]! - boxes[b]!,
    boxes[b + 4]! - boxes[b + 1]!,
    boxes[b + 5]! - boxes[b + 2]!,
  );
  let near = Number.POSITIVE_INFINITY;
  let k = 0;
  for (let at = 0; at < world.score.poses.count * POSE_STRIDE; at += POSE_STRIDE) {
    near = Math.min(near, distanceToBox(boxes, b, values[at]!, values[at + 1]!, values[at + 2]!));
    k = Math.max(k, values[at + 7]!);
  }
  const set = world.assets.lodSets[cells.lodSets[cell]!]!;
  world.score.errorScale = set.errorScale;
  world.score.maxDistanceMeters = set.maxDistanceMeters;
  const level = world.levels[cells.levels[cell]!];
  const weight = level ? level.priority : 1;
  const seen = cells.seenFrames[cell] === world.frame;
  const grouped = near > size * GROUP_DISTANCE;
  for (let run = cells.cellRuns[cell]!; run < cells.cellRuns[cell + 1]!; run++) {
    if (world.baseKept && near > detailDistance(world, set, run, k)) continue;
    if (grouped) scoreRunAtCenter(world, set, run, b, weight * occlusionOfRun(world, run));
    else scoreRunBySlot(world, set, run, weight);
    if (seen) markTargets(world, run);
  }
}

/** Beyond this a run needs only the coarsest LOD, which is kept whatever it is worth. */
function detailDistance(world: StreamWorld, set: LodSet, run: number, k: number): number {
  const { cells, assets, score } = world;
  const asset = cells.runAssets[run]!;
  const last = assets.lodCounts[asset]! - 1;
  if (set.coarsestLods[asset]! < last) return Number.POSITIVE_INFINITY;
  const coarsest = assets.needErrors[asset * MAX_LODS + last]!;
  const kPerPixel = (assets.lensFree[asset] ? 1 : k) / (score.errorPx * score.errorScale);
  const reach = coarsest * kPerPixel * DETAIL_MARGIN + assets.needRadii[asset]!;
  return reach * cells.runMaxScales[run]!;
}

/** Notes which LODs a run in view has as targets. */
function markTargets(world: StreamWorld, run: number): void {
  const { cells, slots, assets } = world;
  const asset = cells.runAssets[run]!;
  const shownBits = (1 << assets.lodCounts[asset]!) - 1;
  let bits = 0;
  if (cells.runTargets[run] !== MIXED) bits = 1 << cells.runTargets[run]!;
  else
    for (let slot = cells.runSlots[run]!; slot < cells.runEnds[run]!; slot++)
      bits |= 1 << slots.targetLods[slot]!;
  assets.nextInView[asset] = assets.nextInView[asset]! | (bits & shownBits);
}

/** Far runs are scored as one, with the mean of what is known of their slots. */
function occlusionOfRun(world: StreamWorld, run: number): number {
  const { occlusion, cells } = world;
  if (occlusion.count === 0) return 1;
  return occlusion.meanFactor(cells.runSlots[run]!, cells.runEnds[run]!);
}

function scoreRunAtCenter(
  world: StreamWorld,
  set: LodSet,
  run: number,
  b: number,
  weight: number,
): void {
  const { cells } = world;
  const asset = cells.runAssets[run]!;
  const { boxes } = cells;
  addDemand(
    world.assets.demand,
    asset,
    world.score,
    (boxes[b]! + boxes[b + 3]!) / 2,
    (boxes[b + 1]! + boxes[b + 4]!) / 2,
    (boxes[b + 2]! + boxes[b + 5]!) / 2,
    cells.runMaxScales[run]!,
    cells.runEnds[run]! - cells.runSlots[run]!,
    weight,
    set.finestLods[asset]!,
    set.coarsestLods[asset]!,
  );
}

function scoreRunBySlot(world: StreamWorld, set: LodSet, run: number, weight: number): void {
  const { cells, slots, assets, score, occlusion } = world;
  const asset = cells.runAssets[run]!;
  const { positions, scales } = slots;
  const isWeighed = occlusion.count > 0;
  const end = cells.runEnds[run]!;
  const finest = set.finestLods[asset]!;
  const coarsest = set.coarsestLods[asset]!;
  for (let slot = cells.runSlots[run]!; slot < end; slot++)
    addDemand(
      assets.demand,
      asset,
      score,
      positions[slot * 3]!,
      positions[slot * 3 + 1]!,
      positions[slot * 3 + 2]!,
      scales[slot]!,
      1,
      isWeighed ? weight * occlusion.factorOf(slot) : weight,
      finest,
      coarsest,
    );
}

function scoreEntity(world: StreamWorld, entity: number): void {
  const { entities, slots, assets } = world;
  const asset = entities.assets[entity]!;
  // The entity may have been dismissed since the sweep began.
  if (asset < 0) return;
  const { StreamRequest } = world.set.components;
  world.score.errorScale = StreamRequest.errorScale[entity]!;
  world.score.maxDistanceMeters = StreamRequest.maxDistanceMeters[entity]!;
  addDemand(
    assets.demand,
    asset,
    world.score,
    slots.positions[entity * 3]!,
    slots.positions[entity * 3 + 1]!,
    slots.positions[entity * 3 + 2]!,
    slots.scales[entity]!,
    1,
    StreamRequest.importance[entity]! * world.occlusion.factorOf(entity),
    finestAllowed(world, entity, asset),
    coarsestAllowed(world, entity, asset),
  );
  const target = slots.targetLods[entity]!;
  if (entities.seenFrames[entity] === world.frame && target < assets.lodCounts[asset]!)
    assets.nextInView[asset] = assets.nextInView[asset]! | (1 << target);
}

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

function publish(world: StreamWorld): void {
  const { assets, sweep, wantedTiles, payloads, frame } = world;
  sweep.running = false;
  world.stats.sweeps++;
  addHolds(world);
  addCustomRequests(world);
  addTargets(world);
  assets.buckets.set(assets.nextBuckets);
  assets.classic.set(assets.nextClassic);
  assets.nearest.set(assets.nextNearest);
  assets.inView.set(assets.nextInView);
  let viewBytes = world.pinnedBytes;
  for (let row = 0; row < assets.count; row++) {
    const bits = assets.inView[row]! & ~assets.pinnedMasks[row]!;
    for (let lod = 0; bits >> lod; lod++) {
      if (!(bits & (1 << lod))) continue;
      const payload = assets.firstPayloads[row]! + lod;
      payloads.columns.lastUsedFrame[payload] = frame;
      viewBytes += payloads.columns.reserveBytes[payload]!;
    }
  }
  world.viewBytes = viewBytes + tileBytes(world);
  wantedTiles.count = 0;
  const errorPx = world.options.terrainErrorPixels * world.errorBias;
  scoreTiles(world.terrain, world.score, errorPx, sweep.number, wantedTiles);
  world.demandChanged = true;
}
