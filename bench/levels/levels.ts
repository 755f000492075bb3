/**
 * Levels: what it costs to know which of many streaming volumes viewpoints are near, beside a plain scan
 * in the same run; and how many transitions of levels a second stay within their slice of the frame.
 */
import type { Command } from 'commander';
import { describeConditions, writeJson } from '../lib/json.ts';
import { parseCount, parseSeed } from '../lib/options.ts';
import { type GridRun, type LayerRun, measureGrid, measureLayer } from './grids.ts';
import { measureTracking, RIDES, type TrackingRun } from './tracking.ts';
import { measureTransitions, type TransitionRun } from './transitions.ts';
import { makeLevelWorld } from './world.ts';

/** 40,000 squares of a grid, and 100,000 cells of a layer. */
const SQUARES_A_SIDE = 200;
const LAYER_CELLS = 100_000;

export interface LevelsOptions {
  volumes: number;
  levels: number;
  frames: number;
  waves: number;
  seed: number;
  json?: string;
}

export interface LevelsReport {
  volumes: number;
  levels: number;
  /** Of the first ride: one viewpoint at 20 m/s. */
  scanMsPerFrame: number;
  farfieldMsPerFrame: number;
  transitionsPerS: number;
  overSliceFrames: number;
  rides: TrackingRun[];
  transitions: TransitionRun;
  grids: GridRun[];
  layers: LayerRun;
}

/** Adds `levels` to the bench command line. */
export function addLevelsCommand(program: Command): void {
  program
    .command('levels')
    .description('streaming volumes beside a plain scan; transitions of levels a second')
    .option('--volumes <n>', 'streaming volumes', parseCount, 5000)
    .option('--levels <n>', 'levels of the world', parseCount, 1000)
    .option('--frames <n>', 'frames of each ride', parseCount, 1200)
    .option('--waves <n>', 'times all levels come and go', parseCount, 3)
    .option('--seed <n>', 'of world and volumes', parseSeed, 1)
    .option('--json <file>', 'write the figures as JSON')
    .action(async (options: LevelsOptions) => {
      const report = await measureLevels(options);
      console.table(report.rides);
      console.table([report.transitions]);
      console.table(report.grids);
      console.table([report.layers]);
      if (options.json)
        writeJson(
          { bench: 'levels', ...describeConditions(options.seed), ...report },
          options.json,
        );
    });
}

export async function measureLevels(options: Omit<LevelsOptions, 'json'>): Promise<LevelsReport> {
  const { volumes, levels, waves, seed } = options;
  const world = makeLevelWorld(levels, seed);
  const rides: TrackingRun[] = [];
  for (const ride of RIDES) rides.push(await measureTracking({ ...options, world }, ride));
  const transitions = await measureTransitions(world, levels, waves);
  const { scanMsPerFrame, farfieldMsPerFrame } = rides[0]!;
  const { transitionsPerS, overSliceFrames } = transitions;
  return {
    volumes,
    levels,
    scanMsPerFrame,
    farfieldMsPerFrame,
    transitionsPerS,
    overSliceFrames,
    rides,
    transitions,
    grids: [
      measureGrid(SQUARES_A_SIDE, 20, 1, options.frames),
      measureGrid(SQUARES_A_SIDE, 200, 1, options.frames),
      measureGrid(SQUARES_A_SIDE, 20, 8, options.frames),
    ],
    layers: measureLayer(LAYER_CELLS),
  };
}
