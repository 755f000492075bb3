/**
 * Makes a mounted world take part in all decisions, some thousand rows a step: its levels can be
 * wanted, its names asked for, what is always kept is pinned, and cells in the open are culled.
 */
import { NO_LAYER, NO_LEVEL, WHILE_OFF } from '../io/bundle/format.ts';
import { createGrid } from '../level/grids.ts';
import { createLevel, type LayeredAssets, type Level } from '../level/level-machine.ts';
import { addWant, createWants } from '../level/level-wants.ts';
import { createSquareTable } from '../level/square-table.ts';
import { requeueAll } from '../systems/admit-entities.ts';
import { Gate, openGate } from '../systems/cell-membership.ts';
import { addLevel } from '../systems/level-roster.ts';
import { enterGroup } from '../systems/open-groups.ts';
import { type LayerShift, MAX_VIEWPOINTS, type OpenedWorld, type StreamWorld } from '../world.ts';
import { intentOf } from './grid-calls.ts';

/** Cells taken in one step; each goes through the tree. */
const STEP_CELLS = 128;

/** Rows looked at in one step. */
const STEP_ROWS = 4096;

export function* admitWorld(world: StreamWorld, opened: OpenedWorld): Generator<void> {
  yield* addLevels(world, opened);
  yield* reportDoubles(world, opened);
  yield* enterGroups(world, opened);
  requeueAll(world);
  yield* showOpenCells(world, opened);
  opened.isAdmitted = true;
  opened.mount.partition = null;
  // Layers may have been switched meanwhile.
  world.layersTaken = -1;
  world.selectionVersion++;
  world.cut = true;
  world.sweep.sinceSeconds = Number.POSITIVE_INFINITY;
  world.demandChanged = true;
}

/** Numbers of the catalog become rows of the world, all at once at the end: levels, what stands in for them. */
function* addLevels(world: StreamWorld, opened: OpenedWorld): Generator<void> {
  const { cells } = world;
  const { firstCell, cellCount, levelNames } = opened.mount;
  const { cellProxies } = opened.mount.partition!;
  const levels = levelNames.map((name) =>
    createLevel(name, world.levelIntents.of(name), createWants()),
  );
  const proxies: number[] = [];
  for (let i = 0; i < cellCount; i++) {
    const level = levels[cells.levels[firstCell + i]!];
    level?.cells.push(firstCell + i);
    cells.gates[firstCell + i] = level ? Gate.Level : Gate.World;
    if (cellProxies[i] !== NO_LEVEL) proxies.push(i);
    if (i % STEP_ROWS === STEP_ROWS - 1) yield;
  }
  yield* findAssets(world, opened, levels);
  const shifts = yield* gateLayers(world, opened);
  const firstLevel = world.levels.length;
  for (const level of levels) {
    addLevel(world, level);
    opened.levels.push(level.row);
    for (const cell of level.cells) cells.levels[cell] = level.row;
    if (level.intent.want >= 0) addWant(level, level.intent.want);
    level.isReleased = level.intent.isReleased;
    level.intent.isReleased = false;
  }
  for (const i of proxies) {
    const level = levels[cellProxies[i]!]!;
    cells.standsFor[firstCell + i] = firstLevel + cellProxies[i]! + 1;
    level.proxies = [...level.proxies, firstCell + i];
  }
  world.layerShifts.push(...shifts);
  addGrids(world, opened, firstLevel);
}

function addGrids(world: StreamWorld, opened: OpenedWorld, firstLevel: number): void {
  const { grids, levelGrids, levelSquares, layerNames } = opened.mount.partition!;
  const rows = layerNames.map((name) => world.dataLayers.rowOf(name));
  const squares = grids.map(() => [] as { x: number; z: number; level: number }[]);
  levelGrids.forEach((grid, i) => {
    const [x, z] = [levelSquares[i * 2]!, levelSquares[i * 2 + 1]!];
    squares[grid]?.push({ x, z, level: firstLevel + i });
  });
  grids.forEach(({ name, edgeMeters, rangeMeters, layer }, i) => {
    const facts = {
      name,
      world: opened.name,
      owner: opened,
      intent: intentOf(world, name),
      cookedMeters: rangeMeters,
      layer: layerValue(rows, layer),
      squares: createSquareTable(edgeMeters, squares[i]!),
    };
    world.grids.push(createGrid(facts, MAX_VIEWPOINTS));
  });
}

/** Lists the assets that stand in each level, once each, and in which layers those do. */
function* findAssets(
  { cells, dataLayers }: StreamWorld,
  { mount }: OpenedWorld,
  levels: readonly Level[],
): Generator<void> {
  const { cellLayers, layerNames } = mount.partition!;
  const rows = layerNames.map((name) => dataLayers.rowOf(name));
  /** The last level, counted from 1, that an asset was seen in. */
  const seenIn = new Uint32Array(mount.assetCount);
  let looks = 0;
  for (const [i, level] of levels.entries()) {
    const layers = level.cells.some((cell) => cellLayers[cell - mount.firstCell] !== NO_LAYER)
      ? new Map<number, Set<number>>()
      : null;
    for (const cell of level.cells) {
      const layer = layerValue(rows, cellLayers[cell - mount.firstCell]!);
      const end = cells.cellRuns[cell + 1]!;
      for (let run = cells.cellRuns[cell]!; run < end; run++) {
        const asset = cells.runAssets[run]!;
        if (layers) layers.set(asset, (layers.get(asset) ?? new Set()).add(layer));
        if (seenIn[asset - mount.firstAsset] === i + 1) continue;
        seenIn[asset - mount.firstAsset] = i + 1;
        level.assets.push(asset);
      }
      looks += end - cells.cellRuns[cell]!;
      if (looks < STEP_ROWS) continue;
      looks = 0;
      yield;
    }
    if (layers) level.layered = layeredAssets(level, layers);
  }
}

function layeredAssets(level: Level, layers: Map<number, Set<number>>): LayeredAssets {
  const starts = new Uint32Array(level.assets.length + 1);
  const values: number[] = [];
  level.assets.forEach((asset, i) => {
    const own = layers.get(asset)!;
    if (!own.has(NO_LAYER)) values.push(...own);
    starts[i + 1] = values.length;
  });
  return { starts, values: Uint16Array.from(values) };
}

/** Shuts out the cells whose layer is not there; from the last step on they follow it. */
function* gateLayers(world: StreamWorld, opened: OpenedWorld): Generator<void, LayerShift[]> {
  const { firstCell, cellCount, partition } = opened.mount;
  const { cellLayers, layerNames } = partition!;
  const { gates } = world.cells;
  const found = layerNames.map((name) => {
    const layer = world.dataLayers.rowOf(name);
    return { layer, isOn: world.dataLayers.isRowOn(layer), plain: [], inverted: [] } as Found;
  });
  for (let i = 0; i < cellCount; i++) {
    if (i % STEP_ROWS === STEP_ROWS - 1) yield;
    if (cellLayers[i] === NO_LAYER) continue;
    const one = found[cellLayers[i]! & ~WHILE_OFF]!;
    const isInverted = (cellLayers[i]! & WHILE_OFF) !== 0;
    (isInverted ? one.inverted : one.plain).push(firstCell + i);
    if (one.isOn === isInverted) gates[firstCell + i] = gates[firstCell + i]! | Gate.Layer;
  }
  return found.map(({ layer, isOn, plain, inverted }) => {
    const cells = Int32Array.from([...plain, ...inverted]);
    return { opened, layer, cells, plainCount: plain.length, done: isOn ? cells.length : 0 };
  });
}

interface Found {
  layer: number;
  isOn: boolean;
  plain: number[];
  inverted: number[];
}

/** A layer of the catalog as `DataLayers.shows` takes it. */
function layerValue(rows: readonly number[], layer: number): number {
  return layer === NO_LAYER ? NO_LAYER : rows[layer & ~WHILE_OFF]! | (layer & WHILE_OFF);
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

/** What stands in the open, layer by layer; cells in the open come first and in that order. */
function* enterGroups(world: StreamWorld, opened: OpenedWorld): Generator<void> {
  const { cells, dataLayers } = world;
  const { mount, groups } = opened;
  const { cellLayers, cellProxies, layerNames } = mount.partition!;
  const rows = layerNames.map((name) => dataLayers.rowOf(name));
  const seenIn = new Uint32Array(mount.assetCount);
  let [key, looks] = [-1, 0];
  for (let i = 0; i < mount.cellCount; i++) {
    const cell = mount.firstCell + i;
    if (cells.levels[cell] !== NO_LEVEL) break;
    const isProxy = cellProxies[i] !== NO_LEVEL;
    if (key !== cellLayers[i]! * 2 + (isProxy ? 1 : 0)) {
      key = cellLayers[i]! * 2 + (isProxy ? 1 : 0);
      const layer = layerValue(rows, cellLayers[i]!);
      groups.push({ layer, isProxy, assets: [], isIn: false, kept: 0 });
    }
    const end = cells.cellRuns[cell + 1]!;
    for (let run = cells.cellRuns[cell]!; run < end; run++) {
      const asset = cells.runAssets[run]!;
      if (seenIn[asset - mount.firstAsset] === groups.length) continue;
      seenIn[asset - mount.firstAsset] = groups.length;
      groups.at(-1)!.assets.push(asset);
    }
    looks += end - cells.cellRuns[cell]!;
    if (looks < STEP_ROWS) continue;
    looks = 0;
    yield;
  }
  // What stands in for levels comes after all else: it is most where a world is large.
  for (const areProxies of [false, true])
    for (const group of groups)
      if (group.isProxy === areProxies && dataLayers.shows(group.layer))
        yield* enterGroup(world, group);
}

function* showOpenCells(world: StreamWorld, opened: OpenedWorld): Generator<void> {
  const { firstCell, cellCount } = opened.mount;
  for (let cell = firstCell; cell < firstCell + cellCount; cell++) {
    if (world.cells.levels[cell] === NO_LEVEL) openGate(world, cell, Gate.World);
    if (cell % STEP_CELLS === 0) yield;
  }
}
