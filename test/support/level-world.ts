/**
 * Levels on the tables alone: cells, assets of one LOD that several levels share, and a link that is
 * whatever a test says. Thousands of schedules run on it in seconds.
 */
import { createManualClock, type ManualClock } from '../../src/base/clock.ts';
import { ErrorCode } from '../../src/base/errors.ts';
import type { Random } from '../../src/base/random.ts';
import { drain } from '../../src/base/steps.ts';
import { WHILE_OFF } from '../../src/io/bundle/format.ts';
import { createLevel, type LayeredAssets, type Level } from '../../src/level/level-machine.ts';
import { createWants } from '../../src/level/level-wants.ts';
import { PayloadState } from '../../src/memory/payloads.ts';
import { advanceLevels } from '../../src/systems/advance-levels.ts';
import { closeGate, Gate } from '../../src/systems/cell-membership.ts';
import { isPinned } from '../../src/systems/holds.ts';
import { addLevel } from '../../src/systems/level-roster.ts';
import {
  failPayload,
  forgiveFailure,
  settlePayload,
  stagePayload,
} from '../../src/systems/payload-lifecycle.ts';
import { switchLayers } from '../../src/systems/switch-layers.ts';
import { trackGrids } from '../../src/systems/track-grids.ts';
import type { OpenedWorld, StreamWorld } from '../../src/world.ts';
import { EMPTY_CONTENT, fillPlainPayload, makeStreamWorld } from './stream-world.ts';

export const ASSET_BYTES = 100;

export interface LevelWorld {
  world: StreamWorld;
  clock: ManualClock;
  levels: Level[];
  /** One frame of levels and of the link: `arrives` and `fails` are chances per payload. */
  frame(random: Random, chances: { arrives: number; fails: number }): void;
}

export interface LevelPlan {
  /** Number of cells, and which assets stand in them. */
  cells: number;
  assets: readonly number[];
  /** Layer of each cell, and layers of each asset (none: it stands without one too); default: none. */
  cellLayers?: readonly number[];
  assetLayers?: readonly (readonly number[])[];
}

/**
 * @param assets how many there are; those below `open` also stand outside all levels
 * @param layers how many data layers there are
 */
export function makeLevelWorld(
  plans: readonly LevelPlan[],
  assets: number,
  open = 0,
  layers = 0,
): LevelWorld {
  const clock = createManualClock();
  const world = makeStreamWorld(assets * ASSET_BYTES * (plans.length + 1), { clock });
  for (let layer = 0; layer < layers; layer++) world.dataLayers.rowOf(`layer-${layer}`);
  drain(world.payloads.reserve(assets));
  world.payloads.append(assets);
  for (let row = 0; row < assets; row++) fillPlainPayload(world, row, ASSET_BYTES);
  for (let row = 0; row < assets; row++) world.assets.firstPayloads[row] = row;
  const total = plans.reduce((sum, { cells }) => sum + cells, 0);
  drain(world.cells.reserve(total, 0, 0));
  world.cells.append(total, 0);
  let cell = 0;
  world.assets.openUses.fill(1, 0, open);
  const levels = plans.map((plan, row) => {
    const level = createLevel(`level-${row}`, world.levelIntents.of(`level-${row}`), createWants());
    for (let i = 0; i < plan.cells; i++, cell++) {
      world.cells.gates[cell] = Gate.Level;
      world.cells.levels[cell] = row;
      world.cells.placed[cell] = 1;
      world.cells.boxes.set([cell * 10, 0, 0, cell * 10 + 10, 10, 10], cell * 6);
      level.cells.push(cell);
    }
    level.assets.push(...plan.assets);
    if (plan.assetLayers) level.layered = layeredAssets(plan.assetLayers);
    plan.cellLayers?.forEach((layer, i) => {
      if (!world.dataLayers.shows(layer)) closeGate(world, level.cells[i]!, Gate.Layer);
    });
    addLevel(world, level);
    return level;
  });
  addLayerShifts(world, levels, plans);
  return {
    world,
    clock,
    levels,
    frame(random, chances) {
      world.frame++;
      carry(world, random, chances);
      switchLayers(world);
      trackGrids(world);
      advanceLevels(world);
      world.events.deliver();
      clock.advance(1000 / 30);
    },
  };
}

function layeredAssets(layers: readonly (readonly number[])[]): LayeredAssets {
  const starts = Uint32Array.from(
    { length: layers.length + 1 },
    (_, i) => layers.slice(0, i).flat().length,
  );
  return { starts, values: Uint16Array.from(layers.flat()) };
}

/** Cells that follow a layer each, as a world that was opened has them. */
function addLayerShifts(
  world: StreamWorld,
  levels: readonly Level[],
  plans: readonly LevelPlan[],
): void {
  const of = (value: number): number[] =>
    levels.flatMap(({ cells }, i) => cells.filter((_, c) => plans[i]!.cellLayers?.[c] === value));
  for (const layer of world.dataLayers.list().keys()) {
    const [plain, inverted] = [of(layer), of(layer | WHILE_OFF)];
    const cells = Int32Array.from([...plain, ...inverted]);
    const opened = {} as OpenedWorld;
    world.layerShifts.push({ opened, layer, cells, plainCount: plain.length, done: 0 });
  }
}

/** What is pinned is asked for, comes, or fails; what failed may be asked for again. */
function carry(
  world: StreamWorld,
  random: Random,
  { arrives, fails }: { arrives: number; fails: number },
): void {
  const { state } = world.payloads.columns;
  for (let row = 0; row < world.payloads.count; row++) {
    if (!isPinned(world, row)) continue;
    if (state[row] === PayloadState.Failed && random() < arrives) forgiveFailure(world, row);
    if (state[row] === PayloadState.Empty && random() < arrives) {
      world.budget.reserve(world.payloads.chargeOf(row));
      stagePayload(world, row, EMPTY_CONTENT);
    } else if (state[row] === PayloadState.Staged && random() < arrives) {
      if (random() < fails) failPayload(world, row, ErrorCode.Network, 'by chance');
      else settlePayload(world, row, EMPTY_CONTENT);
    }
  }
  world.releases.length = 0;
}
