/**
 * Reads: wants of levels. Writes: levels, pins, the cell tree. After: track-volumes.
 */
import {
  enterLevelState,
  isLoaded,
  LEVEL_STATE_NAMES,
  type Level,
  type LevelFacts,
  LevelState,
  nextLevelState,
} from '../level/level-machine.ts';
import { strongestWant } from '../level/level-wants.ts';
import type { StreamWorld } from '../world.ts';
import {
  beginLoading,
  failedAssets,
  giveUpLoading,
  isReady,
  passOn,
  settleWaiters,
  wantOfLinks,
} from './level-loading.ts';
import { beginShifts, noteShift, shiftLevels } from './shift-levels.ts';

/** Factor on the worth of a level's contents, by the priority of the most urgent want. */
const PRIORITY_WEIGHTS: readonly number[] = [8, 2, 1, 0.5, 0.25];
const LEAST_WEIGHT = 0.25;

const facts: LevelFacts = { isReady: false, mayLeave: true };

export function advanceLevels(world: StreamWorld): void {
  if (world.levels.length === 0) return;
  beginShifts();
  for (let row = 0; row < world.levels.length; row++) {
    const level = world.levels[row];
    if (!level) continue;
    const want = strongestWant(level);
    level.wanted = want >= 0;
    if (isAtRest(level, want)) continue;
    if (level.state === LevelState.Unloaded && want < 0) {
      level.priority = 0;
      continue;
    }
    advance(world, level, want);
    noteShift(level, row, want);
  }
  shiftLevels(world);
}

/** Shown or hidden, and wanted as it was: most levels that are there, in most frames. */
function isAtRest({ state, passedOn, intent }: Level, want: number): boolean {
  if (want < 0 || want !== passedOn) return false;
  return state === (intent.isHidden ? LevelState.Hidden : LevelState.Active);
}

function advance(world: StreamWorld, level: Level, want: number): void {
  // What has to stay though nobody wants it any more still shows.
  level.priority = PRIORITY_WEIGHTS[want] ?? (isLoaded(level) ? LEAST_WEIGHT : 0);
  facts.isReady = level.state === LevelState.Loading && isReady(world, level);
  facts.mayLeave = level.wanted || mayLeave(world, level);
  if (level.state === LevelState.Failed) forgive(level);
  const next = nextLevelState(level, facts);
  if (next !== level.state) transition(world, level, next);
  passOn(level, wantOfLinks(level, want));
}

function mayLeave({ clock, options }: StreamWorld, level: Level): boolean {
  const { residenceSeconds } = options.levels;
  if (residenceSeconds === 0 || !isLoaded(level)) return true;
  return clock.now() - level.loadedMs >= residenceSeconds * 1000;
}

/** Placements that have come after all. */
function forgive(level: Level): void {
  if (level.failure === 'cells' && level.lostSlices === 0) level.isRetried = true;
}

function transition(world: StreamWorld, level: Level, next: LevelState): void {
  const before = level.state;
  enterLevelState(level, next);
  if (next === LevelState.Loading) {
    level.ready = 0;
    level.placed = 0;
    // One that turns round holds all that it took before.
    if (before !== LevelState.Unloading) beginLoading(world, level);
  } else if (next === LevelState.Loaded && before === LevelState.Loading) {
    level.loadedMs = world.clock.now();
    tellDegraded(world, level);
  } else if (next === LevelState.Failed || next === LevelState.Unloaded) giveUpLoading(level);
  // Once shown it waits no longer, until it is loaded anew.
  if (next === LevelState.Active) level.isReleased = true;
  if (next === LevelState.Unloaded) level.isReleased = false;
  const [from, to] = [LEVEL_STATE_NAMES[before]!, LEVEL_STATE_NAMES[next]!];
  world.events.emit('levelStateChanged', { level: level.name, from, to });
  if (next === LevelState.Failed) {
    const { name, failure, error } = level;
    world.events.emit('levelFailed', { level: name, reason: failure!, message: error });
  }
  settleWaiters(level);
}

function tellDegraded(world: StreamWorld, level: Level): void {
  const assets = failedAssets(world, level);
  if (assets.length > 0) world.events.emit('levelDegraded', { level: level.name, assets });
}
