/**
 * Reads: eyes, frusta, thresholds, the trees. Writes: visible lists, LOD targets, LODState.target.
 * After: advance-levels.
 *
 * Culls cells and entities, and gives each visible one the coarsest LOD whose error is tolerable.
 * A cell is evaluated again only when the camera has used up its slack.
 */

import { MAX_LODS } from '../base/limits.ts';
import { evaluateCell, lodDistance, targetAt } from '../catalog/cell-lods.ts';
import { THRESHOLD_STRIDE } from '../catalog/lod-sets.ts';
import { NO_LOD } from '../catalog/slots.ts';
import { type ItemList, swapItems } from '../spatial/octree.ts';
import type { StreamWorld } from '../world.ts';
import { coarsestAllowed, finestAllowed } from './lod-state.ts';

export function selectLod(world: StreamWorld): void {
  selectCells(world);
  selectEntities(world);
}

function selectCells(world: StreamWorld): void {
  const { cells, visibleCells, hiddenCells, stats, frame } = world;
  swapItems(visibleCells, hiddenCells);
  visibleCells.count = 0;
  world.cellTree.queryFrusta(world.planes, world.eyes.count, visibleCells);
  stats.visitedNodes = world.cellTree.visitedNodes;
  stamp(visibleCells, cells.seenFrames, frame);
  let evaluated = 0;
  for (let i = 0; i < visibleCells.count; i++) {
    const cell = visibleCells.items[i]!;
    if (
      cells.versions[cell] === world.selectionVersion &&
      world.odometer - cells.odometers[cell]! < cells.slacks[cell]!
    )
      continue;
    evaluated++;
    const fresh = cells.versions[cell]! < world.cutVersion;
    if (evaluateCell(world, cell, world.eyes, fresh)) cells.changed[cell] = 1;
    cells.odometers[cell] = world.odometer;
    cells.versions[cell] = world.selectionVersion;
  }
  stats.visibleCells = visibleCells.count;
  stats.evaluatedCells = evaluated;
}

function stamp(list: ItemList, seen: Uint32Array, frame: number): void {
  for (let i = 0; i < list.count; i++) seen[list.items[i]!] = frame;
}

function selectEntities(world: StreamWorld): void {
  const { visibleEntities, hiddenEntities, entities, slots, frame } = world;
  swapItems(visibleEntities, hiddenEntities);
  visibleEntities.count = 0;
  world.entityTree.queryFrusta(world.planes, world.eyes.count, visibleEntities);
  stamp(visibleEntities, entities.seenFrames, frame);
  const { LODState, Residency } = world.set.components;
  for (let i = 0; i < visibleEntities.count; i++) {
    const entity = visibleEntities.items[i]!;
    const asset = entities.assets[entity]!;
    const lod = targetOfEntity(world, entity, asset);
    slots.targetLods[entity] = lod;
    LODState.target[entity] = lod === world.assets.lodCounts[asset]! ? NO_LOD : lod;
    Residency.lastUsedFrame[entity] = frame;
  }
}

function targetOfEntity(world: StreamWorld, entity: number, asset: number): number {
  const { assets, slots } = world;
  const { StreamRequest } = world.set.components;
  const { thresholds } = assets.general;
  const lodCount = assets.lodCounts[asset]!;
  const base = asset * THRESHOLD_STRIDE;
  const current = world.cut ? NO_LOD : slots.targetLods[entity]!;
  const distance = lodDistance(assets, asset, slots, entity, world.eyes);
  const hide = Math.min(thresholds[base + lodCount]!, StreamRequest.maxDistanceMeters[entity]!);
  const isShown = current !== NO_LOD && current < lodCount;
  const band = current === NO_LOD ? 1 : isShown ? assets.coarserFactor : assets.finerFactor;
  if (distance >= hide * band) return lodCount;
  const finest = finestAllowed(world, entity, asset);
  const coarsest = coarsestAllowed(world, entity, asset);
  const errorScale = StreamRequest.errorScale[entity]!;
  const lod =
    errorScale === 1
      ? targetAt(thresholds, base, lodCount - 1, distance, current, assets)
      : scaledTarget(world, asset, distance, current, errorScale);
  return Math.min(Math.max(lod, finest), coarsest);
}

/** As `targetAt`, for an entity that tolerates more error than others, or less. */
function scaledTarget(
  world: StreamWorld,
  asset: number,
  distance: number,
  current: number,
  errorScale: number,
): number {
  const { assets } = world;
  const { needErrors, needRadii, lensFree, coarserFactor, finerFactor } = assets;
  const k = (lensFree[asset] ? 1 / world.score.errorPx : world.kPerPixel) / errorScale;
  let lod = assets.lodCounts[asset]! - 1;
  for (; lod > 0; lod--) {
    const threshold = needErrors[asset * MAX_LODS + lod]! * k + needRadii[asset]!;
    const band = current === NO_LOD ? 1 : lod > current ? coarserFactor : finerFactor;
    if (distance >= threshold * band) break;
  }
  return lod;
}
