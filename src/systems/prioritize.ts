/**
 * Reads: sweep, poses, placements. Writes: asset demand, tile worths, candidates. After: prefetch.
 *
 * Scores a slice of the sweep each frame; when a sweep is complete its demand is published, and
 * every payload that would reduce the expected visible error becomes a candidate.
 */
import { MAX_LODS } from '../base/limits.ts';
import { MIXED } from '../catalog/cells.ts';
import type { LodSet } from '../catalog/lod-sets.ts';
import {
  addDemand,
  DETAIL_MARGIN,
  POSE_STRIDE,
  SCORED_COUNT,
  SCORED_SCALE,
  SCORED_STRIDE,
  SCORED_WEIGHT,
  SCORED_X,
} from '../spatial/expected-error.ts';
import { distanceToBox } from '../spatial/screen-error.ts';
import type { StreamWorld } from '../world.ts';
import { mustReweigh } from './coverage.ts';
import { gatherCandidates } from './gather-candidates.ts';
import { coarsestAllowed, finestAllowed } from './lod-state.ts';
import { isBaseKept, isChoosing, SCORED_PER_FRAME } from './prefetch.ts';
import { publishDemand } from './publish-demand.ts';

/**
 * In a cell this many times its own size away a run of more slots than this is scored by as many of
 * them, evenly picked, each for its share.
 */
const SAMPLE_DISTANCE = 2;
const SAMPLES = 4;

export function prioritize(world: StreamWorld): void {
  const { sweep } = world;
  if (sweep.running) {
    const least = sweep.scored + (isChoosing(world) ? SCORED_PER_FRAME : 0);
    let budget = sweep.stride;
    while (sweep.nextCell < sweep.cells.count && (budget-- > 0 || sweep.scored < least))
      scoreCell(world, sweep.cells.items[sweep.nextCell++]!);
    while (sweep.nextEntity < sweep.entities.count && (budget-- > 0 || sweep.scored < least))
      scoreEntity(world, sweep.entities.items[sweep.nextEntity++]!);
    if (sweep.nextCell === sweep.cells.count && sweep.nextEntity === sweep.entities.count)
      publishDemand(world);
  }
  if (!world.demandChanged && !mustReweigh(world)) return;
  world.demandChanged = false;
  gatherCandidates(world);
}

/** What is being scored, and what its cell looks like from the poses: see `measureCell`. */
const scored = new Float64Array(SCORED_STRIDE);
const measured = new Float64Array(4);
const NEAR = 0;
const SIZE = 1;
const LENS = 2;
const WEIGHT = 3;

function scoreCell(world: StreamWorld, cell: number): void {
  const { cells } = world;
  // Gone with its level since the sweep began.
  if (!world.cellTree.has(cell)) return;
  measureCell(world, cell);
  const set = world.assets.lodSets[cells.lodSets[cell]!]!;
  world.score.errorScale = set.errorScale;
  world.score.maxDistanceMeters = set.maxDistanceMeters;
  const seen = cells.seenFrames[cell] === world.culling.cellFrame;
  const isFar = measured[NEAR]! > measured[SIZE]! * SAMPLE_DISTANCE;
  const isPlaced = cells.placed[cell] === 1;
  const isKept = isBaseKept(world, cell);
  for (let run = cells.cellRuns[cell]!; run < cells.cellRuns[cell + 1]!; run++) {
    if (isKept && !wantsDetail(world, set, run)) continue;
    // Where its placements stand may not be known yet: then all stand at the center.
    if (isPlaced) scoreRunBySlot(world, set, run, isFar);
    else scoreRunAtCenter(world, set, run, cell * 6);
    if (seen) markTargets(world, run);
  }
}

/** Distance from the nearest pose to the cell, its size (meters), the longest lens, its weight. */
function measureCell({ cells, score, levels }: StreamWorld, cell: number): void {
  const { boxes } = cells;
  const { values, count } = score.poses;
  const b = cell * 6;
  const dx = boxes[b + 3]! - boxes[b]!;
  const dy = boxes[b + 4]! - boxes[b + 1]!;
  const dz = boxes[b + 5]! - boxes[b + 2]!;
  let near = Number.POSITIVE_INFINITY;
  let k = 0;
  for (let at = 0; at < count * POSE_STRIDE; at += POSE_STRIDE) {
    near = Math.min(near, distanceToBox(boxes, b, values[at]!, values[at + 1]!, values[at + 2]!));
    k = Math.max(k, values[at + 7]!);
  }
  measured[NEAR] = near;
  measured[SIZE] = Math.sqrt(dx * dx + dy * dy + dz * dz);
  measured[LENS] = k;
  measured[WEIGHT] = levels[cells.levels[cell]!]?.priority ?? 1;
}

/** Beyond some distance a run needs only the coarsest LOD, which is kept whatever it is worth. */
function wantsDetail({ cells, assets, score }: StreamWorld, set: LodSet, run: number): boolean {
  const asset = cells.runAssets[run]!;
  const last = assets.lodCounts[asset]! - 1;
  if (set.coarsestLods[asset]! < last) return true;
  const coarsest = assets.needErrors[asset * MAX_LODS + last]!;
  const k = assets.lensFree[asset] ? 1 : measured[LENS]!;
  const kPerPixel = k / (score.errorPx * score.errorScale);
  const reach = coarsest * kPerPixel * DETAIL_MARGIN + assets.needRadii[asset]!;
  return measured[NEAR]! <= reach * cells.runMaxScales[run]!;
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

function scoreRunAtCenter(world: StreamWorld, set: LodSet, run: number, b: number): void {
  const { cells, occlusion } = world;
  const asset = cells.runAssets[run]!;
  const { boxes } = cells;
  world.sweep.scored++;
  const start = cells.runSlots[run]!;
  const end = cells.runEnds[run]!;
  for (let axis = 0; axis < 3; axis++)
    scored[SCORED_X + axis] = (boxes[b + axis]! + boxes[b + axis + 3]!) / 2;
  scored[SCORED_SCALE] = cells.runMaxScales[run]!;
  scored[SCORED_COUNT] = end - start;
  scored[SCORED_WEIGHT] = measured[WEIGHT]!;
  if (occlusion.count > 0) scored[SCORED_WEIGHT] *= occlusion.meanFactor(start, end);
  const { finestLods, coarsestLods } = set;
  const { demand } = world.assets;
  addDemand(demand, asset, world.score, scored, finestLods[asset]!, coarsestLods[asset]!);
}

function scoreRunBySlot(world: StreamWorld, set: LodSet, run: number, isFar: boolean): void {
  const { cells, slots, assets, score, occlusion } = world;
  const asset = cells.runAssets[run]!;
  const { positions, scales } = slots;
  const isWeighed = occlusion.count > 0;
  const start = cells.runSlots[run]!;
  const count = cells.runEnds[run]! - start;
  const samples = isFar ? Math.min(count, SAMPLES) : count;
  const finest = set.finestLods[asset]!;
  const coarsest = set.coarsestLods[asset]!;
  world.sweep.scored += samples;
  scored[SCORED_COUNT] = count / samples;
  scored[SCORED_WEIGHT] = measured[WEIGHT]!;
  for (let sample = 0; sample < samples; sample++) {
    const slot = start + (samples === count ? sample : Math.floor((sample * count) / samples));
    for (let axis = 0; axis < 3; axis++) scored[SCORED_X + axis] = positions[slot * 3 + axis]!;
    scored[SCORED_SCALE] = scales[slot]!;
    if (isWeighed) scored[SCORED_WEIGHT] = measured[WEIGHT]! * occlusion.factorOf(slot);
    addDemand(assets.demand, asset, score, scored, finest, coarsest);
  }
}

function scoreEntity(world: StreamWorld, entity: number): void {
  const { entities, slots, assets } = world;
  const asset = entities.assets[entity]!;
  world.sweep.scored++;
  // The entity may have been dismissed since the sweep began.
  if (asset < 0) return;
  const { StreamRequest } = world.set.components;
  // A game may write what it likes into columns: what is no number must not spread to the asset.
  world.score.errorScale =
    StreamRequest.errorScale[entity]! > 0 ? StreamRequest.errorScale[entity]! : 1;
  world.score.maxDistanceMeters = StreamRequest.maxDistanceMeters[entity]!;
  for (let axis = 0; axis < 3; axis++)
    scored[SCORED_X + axis] = slots.positions[entity * 3 + axis]!;
  scored[SCORED_SCALE] = slots.scales[entity]!;
  scored[SCORED_COUNT] = 1;
  scored[SCORED_WEIGHT] =
    StreamRequest.importance[entity]! > 0 ? StreamRequest.importance[entity]! : 0;
  if (world.occlusion.count > 0) scored[SCORED_WEIGHT] *= world.occlusion.factorOf(entity);
  const finest = finestAllowed(world, entity, asset);
  const coarsest = coarsestAllowed(world, entity, asset);
  addDemand(assets.demand, asset, world.score, scored, finest, coarsest);
  const target = slots.targetLods[entity]!;
  if (
    entities.seenFrames[entity] === world.culling.entityFrame &&
    target < assets.lodCounts[asset]!
  )
    assets.nextInView[asset] = assets.nextInView[asset]! | (1 << target);
}
