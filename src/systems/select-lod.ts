/**
 * Reads: eyes, frusta, thresholds, the trees. Writes: visible lists, LOD targets, LODState.target.
 * After: advance-levels.
 *
 * Culls cells and entities, and gives each visible one the coarsest LOD whose error is tolerable.
 * A cell is evaluated again only when the camera has used up its slack.
 */

import { THRESHOLD_STRIDE } from '../catalog/assets.ts';
import { evaluateCell, eyeDistance, targetAt } from '../catalog/cell-lods.ts';
import { NO_LOD } from '../catalog/slots.ts';
import { type ItemList, swapItems } from '../spatial/octree.ts';
import type { StreamWorld } from '../world.ts';

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
  const { StreamRequest, LODState, Residency } = world.set.components;
  for (let i = 0; i < visibleEntities.count; i++) {
    const entity = visibleEntities.items[i]!;
    const asset = entities.assets[entity]!;
    const lodCount = world.assets.lodCounts[asset]!;
    const distance = eyeDistance(slots.positions, entity, world.eyes) / slots.scales[entity]!;
    const base = asset * THRESHOLD_STRIDE;
    const current = world.cut ? NO_LOD : slots.targetLods[entity]!;
    let lod = targetAt(world.assets.thresholds, base, lodCount, distance, current);
    if (lod < lodCount) {
      const coarsest = Math.min(StreamRequest.coarsestLod[entity]!, lodCount - 1);
      lod = Math.min(Math.max(lod, StreamRequest.finestLod[entity]!), coarsest);
    }
    slots.targetLods[entity] = lod;
    LODState.target[entity] = lod === lodCount ? 255 : lod;
    Residency.lastUsedFrame[entity] = frame;
  }
}
