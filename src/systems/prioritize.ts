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
import type { StreamWorld } from '../world.ts';
import { gatherCandidates } from './gather-candidates.ts';
import { coarsestAllowed, finestAllowed } from './lod-state.ts';
import { publishDemand } from './publish-demand.ts';

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
      publishDemand(world);
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
  const seen = cells.seenFrames[cell] === world.culling.cellFrame;
  // Where its placements stand is not known yet: they may stand at the center.
  const grouped = near > size * GROUP_DISTANCE || !cells.placed[cell];
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
  if (
    entities.seenFrames[entity] === world.culling.entityFrame &&
    target < assets.lodCounts[asset]!
  )
    assets.nextInView[asset] = assets.nextInView[asset]! | (1 << target);
}
