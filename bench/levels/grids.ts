/**
 * Grids and data layers: what it costs to know which of many squares viewpoints are near, beside a plain scan
 * by the same function in the same run, frame by frame; and what a switched layer takes of a frame.
 */
import { drain } from '../../src/base/steps.ts';
import { NO_LAYER } from '../../src/io/bundle/format.ts';
import { createGrid, GridIntent, type StreamGrid } from '../../src/level/grids.ts';
import { createLevel } from '../../src/level/level-machine.ts';
import { createWants } from '../../src/level/level-wants.ts';
import { createSquareTable, measureSquare } from '../../src/level/square-table.ts';
import { Gate } from '../../src/systems/cell-membership.ts';
import { addLevel } from '../../src/systems/level-roster.ts';
import { switchLayers } from '../../src/systems/switch-layers.ts';
import { trackGrids } from '../../src/systems/track-grids.ts';
import type { OpenedWorld, StreamWorld } from '../../src/world.ts';
import { makeStreamWorld } from '../../test/support/stream-world.ts';
import { createCpuMeter } from '../lib/cpu.ts';
import { mean, percentile, round } from '../lib/stats.ts';

const EDGE_METERS = 64;
const RANGE_METERS = 400;
const FRAMES_PER_SECOND = 60;
const WARM_FRAMES = 300;

export interface GridRun {
  squares: number;
  metersPerSecond: number;
  viewpoints: number;
  farfieldMsPerFrame: number;
  scanMsPerFrame: number;
  /** Squares that came to be wanted or ceased to be. */
  changes: number;
  /** Frames in which the two did not want the same squares. */
  differingFrames: number;
}

function makeGridWorld(side: number): { world: StreamWorld; grid: StreamGrid } {
  const world = makeStreamWorld(1e6);
  const places = Array.from({ length: side * side }, (_, i) => {
    const level = createLevel(`grid/${i}`, world.levelIntents.of(`grid/${i}`), createWants());
    addLevel(world, level);
    return { x: (i % side) - side / 2, z: Math.floor(i / side) - side / 2, level: level.row };
  });
  const facts = { name: 'grid', world: '', owner: {}, intent: new GridIntent(), layer: NO_LAYER };
  const squares = createSquareTable(EDGE_METERS, places);
  const grid = createGrid({ ...facts, cookedMeters: RANGE_METERS, squares }, 16);
  world.grids.push(grid);
  return { world, grid };
}

/** Viewpoints go around, each on a round of its own. */
function drive(world: StreamWorld, frame: number, viewpoints: number, speed: number): void {
  for (let i = 0; i < viewpoints; i++) {
    const radius = 900 + i * 400;
    const angle = (frame * speed) / FRAMES_PER_SECOND / radius + i;
    const place = [Math.cos(angle) * radius, 30, Math.sin(angle) * radius, 1];
    world.eyes.values.set(place, i * 4);
  }
  world.eyes.count = viewpoints;
}

export function measureGrid(
  side: number,
  metersPerSecond: number,
  viewpoints: number,
  frames: number,
): GridRun {
  const { world, grid } = makeGridWorld(side);
  const meter = createCpuMeter();
  const distance = new Float64Array(1);
  const wanted = new Uint8Array(grid.squares.count);
  const [own, scans]: [number[], number[]] = [[], []];
  let [changes, differingFrames] = [0, 0];
  for (let frame = -WARM_FRAMES; frame < frames; frame++) {
    drive(world, frame, viewpoints, metersPerSecond);
    meter.start();
    trackGrids(world);
    const ownMs = meter.stop();
    meter.start();
    for (let square = 0; square < wanted.length; square++) {
      measureSquare(grid.squares, square, world.eyes.values, viewpoints, distance);
      const meters = distance[0]!;
      const want =
        meters <= RANGE_METERS || (wanted[square] === 1 && meters <= RANGE_METERS * 1.25);
      if (frame >= 0 && want !== (wanted[square] === 1)) changes++;
      wanted[square] = want ? 1 : 0;
    }
    const scanMs = meter.stop();
    if (frame < 0) continue;
    own.push(ownMs);
    scans.push(scanMs);
    if (wanted.some((want, square) => (want === 1) !== grid.priorities[square]! >= 0))
      differingFrames++;
  }
  return {
    squares: side * side,
    metersPerSecond,
    viewpoints,
    farfieldMsPerFrame: round(mean(own)),
    scanMsPerFrame: round(mean(scans)),
    changes,
    differingFrames,
  };
}

export interface LayerRun {
  cells: number;
  frames: number;
  cellsPerFrame: number;
  msPerFrame: number;
  p99Ms: number;
  worstMs: number;
}

/** Switches a layer of so many cells on and off. */
export function measureLayer(cells: number): LayerRun {
  const world = makeStreamWorld(1e6);
  drain(world.cells.reserve(cells, 0, 0));
  world.cells.append(cells, 0);
  const side = Math.ceil(Math.sqrt(cells));
  for (let cell = 0; cell < cells; cell++) {
    const [x, z] = [(cell % side) * 32, Math.floor(cell / side) * 32];
    world.cells.boxes.set([x, 0, z, x + 30, 10, z + 30], cell * 6);
    world.cells.gates[cell] = Gate.Layer;
  }
  const layer = world.dataLayers.rowOf('winter');
  const list = Int32Array.from({ length: cells }, (_, i) => i);
  const opened = {} as OpenedWorld;
  world.layerShifts.push({ opened, layer, cells: list, plainCount: cells, done: 0 });
  const meter = createCpuMeter();
  const spent: number[] = [];
  for (const isOn of [true, false, true, false]) {
    world.dataLayers.set('winter', isOn);
    for (let goal = isOn ? cells : 0; world.layerShifts[0]!.done !== goal; ) {
      meter.start();
      switchLayers(world);
      spent.push(meter.stop());
      world.cellTree.repack(1024);
    }
  }
  return {
    cells,
    frames: spent.length / 4,
    cellsPerFrame: world.options.levels.layerCellsPerFrame,
    msPerFrame: round(mean(spent)),
    p99Ms: round(percentile(spent, 0.99)),
    worstMs: round(Math.max(...spent)),
  };
}
