/**
 * Reads: visible lists, LOD targets, resident masks. Writes: what is shown, the view. After: upload.
 *
 * Nothing stops being shown before what replaces it can be: the old LOD goes in the same frame in
 * which the new one comes, and evicted payloads are released only when nothing shows them.
 */
import { showCell, showRun } from '../catalog/cell-show.ts';
import { NO_LOD } from '../catalog/slots.ts';
import { swapItems } from '../spatial/octree.ts';
import type { StreamWorld } from '../world.ts';
import { hideCell } from './hide.ts';
import { holdShownProxy } from './hold-proxies.ts';
import { shownForEntity } from './lod-state.ts';
import { selectTerrain } from './select-terrain.ts';

export function transitionLod(world: StreamWorld): void {
  const { shows, stats } = world;
  showCells(world);
  showTiles(world);
  showEntities(world);
  world.assets.dirty.fill(0);
  world.assetsDirty = false;
  stats.showChanges = shows.count;
  stats.shownSlots = shows.shownSlots;
  stats.holes = countHoles(world);
  flushShows(world);
}

/** Tells the view what changed, then forgets it. */
export function flushShows(world: StreamWorld): void {
  if (world.view) applyToView(world);
  world.shows.clear();
  world.movedEntities.count = 0;
  world.releases.length = 0;
}

function applyToView(world: StreamWorld): void {
  const { view, shows, slots, movedEntities } = world;
  if (shows.count > 0) view!.show(shows, slots);
  if (movedEntities.count > 0) {
    if (world.movedPayloads.length < movedEntities.items.length)
      world.movedPayloads = new Int32Array(movedEntities.items.length);
    for (let i = 0; i < movedEntities.count; i++)
      world.movedPayloads[i] = shownPayload(world, movedEntities.items[i]!);
    view!.move(movedEntities.items, world.movedPayloads, movedEntities.count, slots);
  }
  for (const payload of world.releases) view!.release(payload);
}

function shownPayload(world: StreamWorld, entity: number): number {
  const shown = world.slots.shownLods[entity]!;
  const asset = world.entities.assets[entity]!;
  return shown === NO_LOD || asset < 0 ? -1 : world.assets.firstPayloads[asset]! + shown;
}

function showCells(world: StreamWorld): void {
  const { cells, visibleCells, hiddenCells, assets, shows, culling } = world;
  if (culling.isShown && !world.assetsDirty && hiddenCells.count === 0) return;
  for (let i = 0; i < hiddenCells.count; i++) {
    const cell = hiddenCells.items[i]!;
    const isInView = cells.seenFrames[cell] === culling.cellFrame;
    if (!isInView && cells.shown[cell]) hideCell(world, cell);
  }
  for (let i = 0; i < visibleCells.count; i++) {
    const cell = visibleCells.items[i]!;
    if (!cells.placed[cell]) continue;
    if (!cells.isUnveiled(cell)) {
      if (cells.shown[cell]) hideCell(world, cell);
      continue;
    }
    if (!cells.shown[cell] || cells.changed[cell]) {
      showCell(world, cell, true, shows);
      holdShownProxy(world, cell);
      continue;
    }
    if (!world.assetsDirty) continue;
    const { shownLods } = assets.lodSets[cells.lodSets[cell]!]!;
    const end = cells.cellRuns[cell + 1]!;
    for (let run = cells.cellRuns[cell]!; run < end; run++)
      if (assets.dirty[cells.runAssets[run]!]) showRun(world, run, shownLods, true, shows);
  }
  culling.isShown = true;
}

function showTiles(world: StreamWorld): void {
  // A tile selected this frame may have been evicted since: its parent takes its place.
  if (world.releases.length > 0) selectTerrain(world);
  const { selectedTiles, shownTiles, terrain, shows } = world;
  for (let i = 0; i < selectedTiles.count; i++) {
    const node = selectedTiles.items[i]!;
    if (terrain.shown[node]) continue;
    terrain.shown[node] = 1;
    shows.push(terrain.slots[node]!, terrain.slots[node]! + 1, -1, terrain.payloads[node]!);
  }
  for (let i = 0; i < shownTiles.count; i++) {
    const node = shownTiles.items[i]!;
    if (terrain.selectedIn[node] === terrain.selection) continue;
    terrain.shown[node] = 0;
    shows.push(terrain.slots[node]!, terrain.slots[node]! + 1, terrain.payloads[node]!, -1);
  }
  swapItems(shownTiles, selectedTiles);
  selectedTiles.count = 0;
}

function showEntities(world: StreamWorld): void {
  const { visibleEntities, hiddenEntities, entities, culling } = world;
  for (let i = 0; i < hiddenEntities.count; i++) {
    const entity = hiddenEntities.items[i]!;
    if (entities.seenFrames[entity] !== culling.entityFrame) showEntity(world, entity, -1);
  }
  const { slots } = world;
  for (let i = 0; i < visibleEntities.count; i++) {
    const entity = visibleEntities.items[i]!;
    const asset = entities.assets[entity]!;
    if (asset < 0) continue;
    showEntity(world, entity, shownForEntity(world, entity, asset, slots.targetLods[entity]!));
  }
}

function showEntity(world: StreamWorld, entity: number, lod: number): void {
  const { slots, entities, assets, shows, frame } = world;
  const asset = entities.assets[entity]!;
  // Dismissed since it was in view: `dismiss` has hidden it.
  if (asset < 0) return;
  const old = slots.shownLods[entity]!;
  const shown = lod < 0 ? NO_LOD : lod;
  if (old === shown) return;
  const first = assets.firstPayloads[asset]!;
  shows.push(entity, entity + 1, old === NO_LOD ? -1 : first + old, lod < 0 ? -1 : first + lod);
  slots.shownLods[entity] = shown;
  const { LODState } = world.set.components;
  LODState.current[entity] = shown;
  LODState.sinceFrame[entity] = frame;
}

/** Whatever is in view, near enough to be shown, and has nothing to show. */
function countHoles(world: StreamWorld): number {
  const { assets, cells, visibleEntities, entities, slots, terrain } = world;
  let { holes } = cells;
  const { roots, resident } = terrain;
  for (let i = 0; i < roots.length; i++) if (!resident[roots[i]!]) holes++;
  for (let i = 0; i < visibleEntities.count; i++) {
    const entity = visibleEntities.items[i]!;
    const asset = entities.assets[entity]!;
    if (asset < 0 || assets.residentMasks[asset] !== 0) continue;
    if (slots.targetLods[entity]! < assets.lodCounts[asset]!) holes++;
  }
  return holes;
}
