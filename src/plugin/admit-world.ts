/**
 * Makes a mounted world take part in all decisions, some thousand rows a step: its levels can be
 * wanted, its names asked for, what is always kept is pinned, and cells in the open are culled.
 */
import { NO_LEVEL } from '../io/bundle/format.ts';
import { createLevel, type Level } from '../level/level-machine.ts';
import { addWant, createWants } from '../level/level-wants.ts';
import { requeueAll } from '../systems/admit-entities.ts';
import { insertCell } from '../systems/cell-membership.ts';
import { heldBytes, keepPayload } from '../systems/holds.ts';
import { coarsestPayload } from '../systems/lod-state.ts';
import type { OpenedWorld, StreamWorld } from '../world.ts';

/** Coarsest LODs are kept for ever while they take no more than this share of what there is for them. */
const BASE_SHARE = 1 / 3;

/** Cells taken in one step; each goes through the tree. */
const STEP_CELLS = 128;

/** Rows looked at in one step. */
const STEP_ROWS = 4096;

export function* admitWorld(world: StreamWorld, opened: OpenedWorld): Generator<void> {
  yield* addLevels(world, opened);
  yield* reportDoubles(world, opened);
  yield* keepBase(world, opened);
  requeueAll(world);
  yield* showOpenCells(world, opened);
  world.selectionVersion++;
  world.cut = true;
  world.sweep.sinceSeconds = Number.POSITIVE_INFINITY;
  world.demandChanged = true;
}

/** Level numbers of cells become rows of the world's list of levels, all at once at the end. */
function* addLevels(world: StreamWorld, opened: OpenedWorld): Generator<void> {
  const { cells } = world;
  const { firstCell, cellCount, levelNames } = opened.mount;
  const levels = levelNames.map((name) =>
    createLevel(name, world.levelIntents.of(name), createWants()),
  );
  for (let cell = firstCell; cell < firstCell + cellCount; cell++) {
    const local = cells.levels[cell]!;
    if (local !== NO_LEVEL) levels[local]!.cells.push(cell);
    if (cell % STEP_ROWS === 0) yield;
  }
  yield* findAssets(world, opened, levels);
  const firstLevel = world.levels.length;
  levels.forEach((level, i) => {
    for (const cell of level.cells) cells.levels[cell] = firstLevel + i;
    opened.levels.push(firstLevel + i);
    world.levels.push(level);
    if (level.intent.want >= 0) addWant(level, level.intent.want);
  });
  world.levelVersion++;
}

/** Lists the assets that stand in each level, once each, and which of them stand nowhere in the open. */
function* findAssets(
  { cells }: StreamWorld,
  { mount }: OpenedWorld,
  levels: readonly Level[],
): Generator<void> {
  /** The last level, counted from 1, that an asset was seen in. */
  const seenIn = new Uint32Array(mount.assetCount);
  let looks = 0;
  for (const [i, level] of levels.entries())
    for (const cell of level.cells) {
      const end = cells.cellRuns[cell + 1]!;
      for (let run = cells.cellRuns[cell]!; run < end; run++) {
        const asset = cells.runAssets[run]!;
        if (seenIn[asset - mount.firstAsset] === i + 1) continue;
        seenIn[asset - mount.firstAsset] = i + 1;
        level.assets.push(asset);
      }
      looks += end - cells.cellRuns[cell]!;
      if (looks < STEP_ROWS) continue;
      looks = 0;
      yield;
    }
  const inOpen = new Uint8Array(mount.assetCount);
  for (const asset of mount.baseAssets) inOpen[asset - mount.firstAsset] = 1;
  for (const level of levels) {
    yield;
    level.inside = new Uint8Array(level.assets.length);
    for (let i = 0; i < level.assets.length; i++)
      level.inside[i] = 1 - inOpen[level.assets[i]! - mount.firstAsset]!;
  }
}

function* reportDoubles(world: StreamWorld, opened: OpenedWorld): Generator<void> {
  const { firstAsset, assetCount } = opened.mount;
  const { assets } = world;
  for (let row = firstAsset; row < firstAsset + assetCount; row++) {
    if (row % STEP_ROWS === 0) yield;
    if (assets.find(assets.ids[row]!) === row) continue;
    const message =
      `"${opened.name}" has an asset "${assets.names[row]}", which another opened world has too; ` +
      'requests by name go to the one opened first';
    world.events.emit('warning', { message });
  }
}

/** Keeps the coarsest LOD of all that stands in the open, when together they are small. */
function* keepBase(world: StreamWorld, opened: OpenedWorld): Generator<void> {
  world.baseKept = false;
  if (!world.options.policy.keepsCoarsest) return;
  const { baseAssets } = opened.mount;
  let bytes = heldBytes(world);
  let sharedBytes = world.keptSharedBytes;
  for (const [i, asset] of baseAssets.entries()) {
    const { columns } = world.payloads;
    bytes += columns.residentBytes[coarsestPayload(world, asset)]!;
    sharedBytes += columns.sharedBytes[coarsestPayload(world, asset)]!;
    if (i % STEP_ROWS === 0) yield;
  }
  const { budgetBytes, geometryLimitBytes } = world.budget;
  if (bytes > budgetBytes * BASE_SHARE || sharedBytes > geometryLimitBytes * BASE_SHARE) return;
  for (const [i, asset] of baseAssets.entries()) {
    const payload = coarsestPayload(world, asset);
    keepPayload(world, payload);
    opened.keptPayloads.push(payload);
    if (i % STEP_ROWS === 0) yield;
  }
  opened.keepsBase = true;
}

function* showOpenCells(world: StreamWorld, opened: OpenedWorld): Generator<void> {
  const { firstCell, cellCount } = opened.mount;
  for (let cell = firstCell; cell < firstCell + cellCount; cell++) {
    if (world.cells.levels[cell] === NO_LEVEL) insertCell(world, cell);
    if (cell % STEP_CELLS === 0) yield;
  }
}
