/** Opening and closing of cooked worlds: head, catalog, mount, levels, what is always kept. */
import { assert } from '../base/assert.ts';
import { hashName } from '../base/hash.ts';
import { showCell } from '../catalog/cell-show.ts';
import { mountCatalog } from '../catalog/mount.ts';
import { NO_LEVEL, type WorldHead } from '../io/bundle/format.ts';
import { readCatalog } from '../io/bundle/read-catalog.ts';
import { parseHead } from '../io/bundle/read-head.ts';
import type { Source } from '../io/source.ts';
import { type Level, LevelState } from '../level/level-machine.ts';
import { PayloadState } from '../memory/payloads.ts';
import { dismiss, queueEntity, requeueAll } from '../systems/admit-entities.ts';
import { insertCell, removeCell } from '../systems/cell-membership.ts';
import { hideTiles } from '../systems/hide.ts';
import { coarsestPayload } from '../systems/lod-state.ts';
import { dematerialize } from '../systems/materialize-placements.ts';
import {
  evictPayload,
  pinPayload,
  unpinPayload,
  withdrawPayload,
} from '../systems/payload-lifecycle.ts';
import { flushShows } from '../systems/transition-lod.ts';
import type { OpenedWorld, StreamWorld } from '../world.ts';

/** Coarsest LODs are kept for ever while they take no more than this share of the budget. */
const BASE_SHARE = 0.25;

/** Reads a cooked world and adds it to the tables. `path` names its head, e.g. `world.json`. */
export async function openWorld(
  world: StreamWorld,
  path: string,
  source: Source,
): Promise<OpenedWorld> {
  const reader = world.ioWorker?.adopt(source) ?? source;
  // What was adopted is given back; a source of the game's own is the game's to end.
  const endReading = (): void => {
    if (reader !== source) void reader.dispose?.();
  };
  try {
    return await readWorld(world, path, reader, endReading);
  } catch (error) {
    endReading();
    throw error;
  }
}

async function readWorld(
  world: StreamWorld,
  path: string,
  source: Source,
  endReading: () => void,
): Promise<OpenedWorld> {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const head = parseHead(new TextDecoder().decode(await source.readAll(path)));
  const bytes = await source.readAll(folder + head.catalog.file);
  assert(
    bytes.length === head.catalog.bytes,
    `${head.catalog.file} has ${bytes.length} bytes, but ${path} promises ${head.catalog.bytes}; the world was not copied whole`,
  );
  const catalog = readCatalog(bytes);
  assert(!world.disposed, `${path}: the streaming was disposed while it was being opened`);
  const firstFile = world.files.length;
  const sourceIndex = world.io.addSource(source);
  for (const pack of head.packs)
    world.files.push({ source: sourceIndex, file: folder + pack.file });
  const mount = mountCatalog(world, catalog, firstFile);
  const opened: OpenedWorld = {
    name: head.name,
    path,
    bounds: head.bounds,
    source: sourceIndex,
    endReading,
    mount,
    firstFile,
    fileCount: head.packs.length,
    levels: [],
  };
  addLevels(world, opened);
  reportDoubles(world, opened, head);
  world.opened.push(opened);
  keepBase(world, opened);
  showOpenCells(world, opened);
  world.selectionVersion++;
  world.cut = true;
  world.sweep.sinceSeconds = Number.POSITIVE_INFINITY;
  world.demandChanged = true;
  requeueAll(world);
  return opened;
}

/** Level numbers of cells become rows of the world's list of levels. */
function addLevels(world: StreamWorld, opened: OpenedWorld): void {
  const { cells } = world;
  const { firstCell, cellCount, levelNames } = opened.mount;
  const firstLevel = world.levels.length;
  const levels = levelNames.map(
    (name): Level => ({
      name,
      state: LevelState.Unloaded,
      wanted: false,
      priority: 0,
      cells: [],
      assets: [],
    }),
  );
  const assets = levels.map(() => new Set<number>());
  for (let cell = firstCell; cell < firstCell + cellCount; cell++) {
    const local = cells.levels[cell]!;
    if (local === NO_LEVEL) continue;
    cells.levels[cell] = firstLevel + local;
    levels[local]!.cells.push(cell);
    for (let run = cells.cellRuns[cell]!; run < cells.cellRuns[cell + 1]!; run++)
      assets[local]!.add(cells.runAssets[run]!);
  }
  levels.forEach((level, i) => {
    level.assets = [...assets[i]!].sort((a, b) => a - b);
    opened.levels.push(world.levels.length);
    world.levels.push(level);
  });
}

function reportDoubles(world: StreamWorld, opened: OpenedWorld, head: WorldHead): void {
  const { firstAsset, assetCount } = opened.mount;
  for (let row = firstAsset; row < firstAsset + assetCount; row++) {
    const name = world.assets.names[row]!;
    if (world.assets.find(hashName(name)) === row) continue;
    const message =
      `"${head.name}" has an asset "${name}", which another opened world has too; ` +
      'requests by name go to the one opened first';
    world.events.emit('warning', { message });
  }
}

/** Pins the coarsest LOD of all that stands in the open, when together they are small. */
function keepBase(world: StreamWorld, opened: OpenedWorld): void {
  const { columns } = world.payloads;
  const payloads = opened.mount.baseAssets.map((asset) => coarsestPayload(world, asset));
  const bytes = payloads.reduce((sum, payload) => sum + columns.reserveBytes[payload]!, 0);
  if (world.pinnedBytes + bytes > world.budget.budgetBytes * BASE_SHARE) {
    opened.mount.baseAssets = [];
    world.baseKept = false;
    return;
  }
  for (const payload of payloads) pinPayload(world, payload);
}

function showOpenCells(world: StreamWorld, opened: OpenedWorld): void {
  const { firstCell, cellCount } = opened.mount;
  for (let cell = firstCell; cell < firstCell + cellCount; cell++)
    if (world.cells.levels[cell] === NO_LEVEL) insertCell(world, cell);
}

/** Takes a world out of the tables. Everything it held is given back. */
export function closeWorld(world: StreamWorld, opened: OpenedWorld): void {
  const { mount } = opened;
  for (const [slot, entity] of world.materialized)
    if (slot >= mount.firstSlot && slot < mount.firstSlot + mount.slotCount)
      dematerialize(world, slot, entity);
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
  for (const asset of mount.baseAssets) unpinPayload(world, coarsestPayload(world, asset));
  for (const row of opened.levels) closeLevel(world, row);
  hideCells(world, opened);
  releasePayloads(world, opened);
  world.io.removeSource(opened.source);
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
  if (level.state !== LevelState.Unloaded)
    for (const asset of level.assets) unpinPayload(world, coarsestPayload(world, asset));
  world.levels[row] = null;
}

/** Everything of the world that is on screen is hidden now, not at the next cull. */
function hideCells(world: StreamWorld, opened: OpenedWorld): void {
  const { firstCell, cellCount, firstTerrain, terrainCount } = opened.mount;
  const inWorld = (cell: number): boolean => cell >= firstCell && cell < firstCell + cellCount;
  for (let cell = firstCell; cell < firstCell + cellCount; cell++) removeCell(world, cell);
  for (const list of [world.visibleCells, world.hiddenCells]) {
    let kept = 0;
    for (let i = 0; i < list.count; i++) {
      const cell = list.items[i]!;
      if (!inWorld(cell)) list.items[kept++] = cell;
      else if (world.cells.shown[cell]) showCell(world, cell, false, world.shows);
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
  for (let payload = firstPayload; payload < firstPayload + payloadCount; payload++) {
    if (state[payload] === PayloadState.Resident) evictPayload(world, payload);
    else if (state[payload] === PayloadState.Pending || state[payload] === PayloadState.Staged)
      withdrawPayload(world, payload);
    else state[payload] = PayloadState.Empty;
  }
}

/** Rows at the end of the tables are given back; others stay as gaps until those after them go. */
function truncate(world: StreamWorld, opened: OpenedWorld): void {
  world.closed.push(opened);
  // The view still has to hear what was hidden and evicted: its rows must not be reused before.
  flushShows(world);
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
