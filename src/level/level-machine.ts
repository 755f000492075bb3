/**
 * The states of a level and the legal ways between them. Pure: what a transition means for cells
 * and pins is the business of the system that calls this.
 *
 *     Unloaded → Loading → Active → Unloading → Unloaded
 *                   ↘ Unloading (the player turned back)
 */
import { assert } from '../base/assert.ts';

export const LevelState = { Unloaded: 0, Loading: 1, Active: 2, Unloading: 3 } as const;
export type LevelState = (typeof LevelState)[keyof typeof LevelState];
export const LEVEL_STATE_NAMES: readonly string[] = ['unloaded', 'loading', 'active', 'unloading'];

const LEGAL: readonly (readonly LevelState[])[] = [
  [LevelState.Loading],
  [LevelState.Active, LevelState.Unloading],
  [LevelState.Unloading],
  [LevelState.Unloaded, LevelState.Loading],
];

/** A level of an opened world. */
export interface Level {
  name: string;
  state: LevelState;
  /** Who wants it: see `level-wants`. */
  readonly wants: Uint32Array;
  /** The priority with which volumes want it, -1 = they do not. */
  volumeWant: number;
  /** Whether anybody wants it, as of the last `advance-levels`. */
  wanted: boolean;
  /** Weight of the most urgent want; multiplies the worth of what it holds. */
  priority: number;
  /** Row of the asset table's `lodSets` that its cells follow; 0 or nothing is the general one. */
  lodSet?: number;
  /** Its cells. */
  cells: number[];
  /** Assets it places. */
  assets: number[];
}

/** The next state, given whether the level is wanted and whether its base LODs are all there. */
export function nextLevelState(level: Level, baseReady: boolean): LevelState {
  switch (level.state) {
    case LevelState.Unloaded:
      return level.wanted ? LevelState.Loading : LevelState.Unloaded;
    case LevelState.Loading:
      if (!level.wanted) return LevelState.Unloading;
      return baseReady ? LevelState.Active : LevelState.Loading;
    case LevelState.Active:
      return level.wanted ? LevelState.Active : LevelState.Unloading;
    default:
      return level.wanted ? LevelState.Loading : LevelState.Unloaded;
  }
}

/** Moves the level on; refuses what the diagram does not have. */
export function enterLevelState(level: Level, next: LevelState): void {
  assert(
    LEGAL[level.state]!.includes(next),
    `level "${level.name}" cannot go from ${LEVEL_STATE_NAMES[level.state]} to ${LEVEL_STATE_NAMES[next]}`,
  );
  level.state = next;
}
