/**
 * Reads: eyes, frusta, thresholds, the trees. Writes: visible lists, LOD targets, LODState.target.
 * After: advance-levels.
 *
 * Culls cells and entities, and gives each visible one the coarsest LOD whose error is tolerable.
 * A cell is evaluated again only when the camera has used up its slack. While neither the frusta nor
 * a tree changes, what was in view still is.
 */

import { MAX_LODS } from '../base/limits.ts';
import { evaluateCell, lodDistance, measureSlot, targetAt } from '../catalog/cell-lods.ts';
import { THRESHOLD_STRIDE } from '../catalog/lod-sets.ts';
import { NO_LOD } from '../catalog/slots.ts';
import { FRUSTUM_STRIDE } from '../spatial/frustum.ts';
import { type ItemList, swapItems } from '../spatial/octree.ts';
import type { StreamWorld } from '../world.ts';
import { coarsestAllowed, finestAllowed } from './lod-state.ts';

export function selectLod(world: StreamWorld): void {
  const isSameView = !viewChanged(world);
  selectCells(world, isSameView);
  selectEntities(world, isSameView);
}

/** Whether the frusta differ from those of the last culling; remembers them. */
function viewChanged({ culling, planes, eyes }: StreamWorld): boolean {
  let changed = culling.eyeCount !== eyes.count;
  culling.eyeCount = eyes.count;
  for (let i = 0; i < eyes.count * FRUSTUM_STRIDE; i++) {
    if (culling.planes[i] === planes[i]) continue;
    culling.planes[i] = planes[i]!;
    changed = true;
  }
  return changed;
}

function selectCells(world: StreamWorld, isSameView: boolean): void {
  const { culling, hiddenCells, stats } = world;
  hiddenCells.count = 0;
  stats.visitedNodes = 0;
  stats.evaluatedCells = 0;
  if (isSameView && culling.cellVersion === world.cellTree.version) {
    const isSameScale = culling.selectionVersion === world.selectionVersion;
    if (isSameScale && culling.odometer === world.odometer) return;
  } else cullCells(world);
  evaluateCells(world);
}

function cullCells(world: StreamWorld): void {
  const { culling, cells, cellTree, visibleCells, hiddenCells, stats, frame } = world;
  swapItems(visibleCells, hiddenCells);
  visibleCells.count = 0;
  cellTree.queryFrusta(world.planes, world.eyes.count, visibleCells);
  stats.visitedNodes = cellTree.visitedNodes;
  stats.visibleCells = visibleCells.count;
  stamp(visibleCells, cells.seenFrames, frame);
  culling.cellVersion = cellTree.version;
  culling.cellFrame = frame;
}

function evaluateCells(world: StreamWorld): void {
  const { culling, cells, visibleCells } = world;
  culling.odometer = world.odometer;
  culling.selectionVersion = world.selectionVersion;
  culling.isShown = false;
  let evaluated = 0;
  for (let i = 0; i < visibleCells.count; i++) {
    const cell = visibleCells.items[i]!;
    if (!cells.placed[cell]) continue;
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
  world.stats.evaluatedCells = evaluated;
}

function stamp(list: ItemList, seen: Uint32Array, frame: number): void {
  for (let i = 0; i < list.count; i++) seen[list.items[i]!] = frame;
}

function cullEntities(world: StreamWorld): void {
  const { culling, entityTree, visibleEntities, hiddenEntities, entities, frame } = world;
  swapItems(visibleEntities, hiddenEntities);
  visibleEntities.count = 0;
  entityTree.queryFrusta(world.planes, world.eyes.count, visibleEntities);
  stamp(visibleEntities, entities.seenFrames, frame);
  culling.entityVersion = entityTree.version;
  culling.entityFrame = frame;
}

function selectEntities(world: StreamWorld, isSameView: boolean): void {
  const { culling, visibleEntities, hiddenEntities, entities, slots, frame } = world;
  hiddenEntities.count = 0;
  if (!isSameView || culling.entityVersion !== world.entityTree.version) cullEntities(world);
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
  measureSlot(assets, asset, slots, entity, world.eyes);
  const distance = lodDistance[0]!;
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
