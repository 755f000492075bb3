/** How a level stands, as plain data. */
import { VolumePriority } from '../components/streaming-volume.ts';
import {
  LEVEL_STATE_NAMES,
  type Level,
  LevelState,
  type LevelStateName,
} from '../level/level-machine.ts';
import { strongestWant } from '../level/level-wants.ts';
import { baseBytes, failedAssets, levelProgress } from '../systems/level-loading.ts';
import type { StreamWorld } from '../world.ts';

/** How a level stands. */
export interface LevelStatusReport {
  state: LevelStateName;
  /** With which priority it is wanted most, or null. */
  wanted: keyof typeof VolumePriority | null;
  /** Share of its base bytes that is there or has failed, 0 to 1. */
  progress: number;
  /** Bytes of the coarsest LODs of all it places, but for what the levels it needs place too. */
  baseBytes: number;
  cells: number;
  /** Cells of it that are in. They are seen once all of them are. */
  cellsShown: number;
  /** Assets of it whose coarsest LOD failed: it shows without them. */
  failedAssets: string[];
  /** Why it failed, or ''. */
  error: string;
}

export const PRIORITIES = Object.keys(VolumePriority) as (keyof typeof VolumePriority)[];

export function reportLevel(world: StreamWorld, level: Level): LevelStatusReport {
  const isGone = level.state === LevelState.Unloaded;
  return {
    state: LEVEL_STATE_NAMES[level.state]!,
    wanted: PRIORITIES[strongestWant(level)] ?? null,
    progress: isGone ? 0 : levelProgress(world, level),
    baseBytes: baseBytes(world, level),
    cells: level.cells.length,
    cellsShown: level.inserted,
    failedAssets: isGone ? [] : failedAssets(world, level),
    error: level.error,
  };
}
