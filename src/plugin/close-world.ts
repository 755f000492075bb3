/** Closing of opened worlds, also of those that are still being opened. */
import { PayloadState } from '../memory/payloads.ts';
import { dismiss, queueEntity } from '../systems/admit-entities.ts';
import { closeGate, Gate } from '../systems/cell-membership.ts';
import { hideCell, hideTiles } from '../systems/hide.ts';
import { unpinPayload } from '../systems/holds.ts';
import { giveUpLoading } from '../systems/level-loading.ts';
import { removeLevel } from '../systems/level-roster.ts';
import { coarsestPayload } from '../systems/lod-state.ts';
import { unkeepGroup } from '../systems/open-groups.ts';
import { countUnwanted, giveUpPayload } from '../systems/payload-lifecycle.ts';
import { abandonSlots } from '../systems/placement-entity.ts';
import { releaseProxies } from '../systems/show-levels.ts';
import { flushShows } from '../systems/transition-lod.ts';
import type { OpenedWorld, StreamWorld } from '../world.ts';

/** Takes a world out of the tables. Everything it held is given back. */
export function closeWorld(world: StreamWorld, opened: OpenedWorld): void {
  const { mount } = opened;
  opened.opening?.abort();
  abandonSlots(world, mount.firstSlot, mount.slotCount);
  for (let row = mount.firstAsset; row < mount.firstAsset + mount.assetCount; row++)
    for (let e = world.assets.firstEntities[row]!; e !== 0; e = world.assets.firstEntities[row]!) {
      dismiss(world, e);
      world.entities.epochs[e]!++;
      queueEntity(world, e);
    }
  for (const hold of world.holds) {
    if (hold.pinned < mount.firstPayload) continue;
    if (hold.pinned >= mount.firstPayload + mount.payloadCount) continue;
    unpinPayload(world, hold.pinned);
    hold.pinned = -1;
  }
  for (const group of opened.groups) unkeepGroup(world, group);
  forgetLayers(world, opened);
  for (const row of opened.levels) closeLevel(world, row);
  hideCells(world, opened);
  releasePayloads(world, opened);
  world.io.removeSource(opened.source);
  countUnwanted(world);
  opened.endReading();
  world.opened.splice(world.opened.indexOf(opened), 1);
  world.sweep.running = false;
  world.sweep.cells.count = 0;
  world.wantedTiles.count = 0;
  world.assets.retire(mount.firstAsset, mount.assetCount);
  world.occlusion.forget(mount.firstSlot, mount.firstSlot + mount.slotCount);
  truncate(world, opened);
  world.cut = true;
  world.demandChanged = true;
}

function closeLevel(world: StreamWorld, row: number): void {
  const level = world.levels[row]!;
  level.assets.forEach((asset, i) => {
    if (level.held?.[i]) unpinPayload(world, coarsestPayload(world, asset));
  });
  releaseProxies(world, level);
  giveUpLoading(level);
  const closed = new Error(`farfield: the world of level "${level.name}" was closed`);
  for (const waiter of level.intent.waiters.splice(0)) waiter.reject(closed);
  removeLevel(world, level);
}

/** Its cells follow no layer any more, its squares no viewpoint. */
function forgetLayers({ layerShifts, grids }: StreamWorld, opened: OpenedWorld): void {
  for (let i = grids.length - 1; i >= 0; i--) if (grids[i]!.owner === opened) grids.splice(i, 1);
  for (let i = layerShifts.length - 1; i >= 0; i--)
    if (layerShifts[i]!.opened === opened) layerShifts.splice(i, 1);
}

/** Everything of the world that is on screen is hidden now, not at the next cull. */
function hideCells(world: StreamWorld, opened: OpenedWorld): void {
  const { firstCell, cellCount, firstTerrain, terrainCount } = opened.mount;
  const inWorld = (cell: number): boolean => cell >= firstCell && cell < firstCell + cellCount;
  for (let cell = firstCell; cell < firstCell + cellCount; cell++)
    closeGate(world, cell, Gate.World);
  for (const list of [world.visibleCells, world.hiddenCells]) {
    let kept = 0;
    for (let i = 0; i < list.count; i++) {
      const cell = list.items[i]!;
      if (!inWorld(cell)) list.items[kept++] = cell;
      else if (world.cells.shown[cell]) hideCell(world, cell);
    }
    list.count = kept;
  }
  hideTiles(world, firstTerrain, firstTerrain + terrainCount);
  const { terrain } = world;
  terrain.roots = terrain.roots.filter(
    (root) => root < firstTerrain || root >= firstTerrain + terrainCount,
  );
}

function releasePayloads(world: StreamWorld, opened: OpenedWorld): void {
  const { firstPayload, payloadCount } = opened.mount;
  const { state } = world.payloads.columns;
  for (let payload = firstPayload; payload < firstPayload + payloadCount; payload++)
    if (!giveUpPayload(world, payload)) state[payload] = PayloadState.Empty;
  world.eviction.forget(firstPayload, firstPayload + payloadCount);
}

/** Rows at the end of the tables are given back; others stay as gaps until those after them go. */
function truncate(world: StreamWorld, opened: OpenedWorld): void {
  world.closed.push(opened);
  // The view still has to hear what was hidden and evicted: its rows must not be reused before.
  flushShows(world);
  giveRowsBack(world);
}

/** Drops what closed worlds left at the end of the tables; not while rows are being reserved. */
export function giveRowsBack(world: StreamWorld): void {
  if (world.reserving) return;
  for (let last = lastClosed(world); last; last = lastClosed(world)) {
    world.closed.splice(world.closed.indexOf(last), 1);
    const { mount } = last;
    world.payloads.truncate(mount.firstPayload);
    world.assets.truncate(mount.firstAsset);
    world.cells.truncate(mount.firstCell, mount.firstRun);
    world.terrain.truncate(mount.firstTerrain);
    world.slots.truncate(mount.firstSlot);
    world.files.length = last.firstFile;
    while (world.levels.length > 0 && world.levels.at(-1) === null) world.levels.pop();
  }
}

/** A closed world whose rows are the last of every table. */
function lastClosed(world: StreamWorld): OpenedWorld | undefined {
  return world.closed.find(
    ({ mount }) =>
      mount.firstPayload + mount.payloadCount === world.payloads.count &&
      mount.firstSlot + mount.slotCount === world.slots.count,
  );
}
