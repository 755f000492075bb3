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
  mayActivate,
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
import { refreshNeeds } from './level-needs.ts';
import { sortRoster } from './level-roster.ts';
import {
  beginShifts,
  isTimeOver,
  noteShift,
  realign,
  shiftAll,
  shiftLevels,
} from './shift-levels.ts';
import {
  callProxies,
  releaseProxies,
  setVeil,
  unveilLevel,
  veilIfReplaced,
} from './show-levels.ts';

/** Factor on the worth of a level's contents, by the priority of the most urgent want. */
const PRIORITY_WEIGHTS: readonly number[] = [8, 2, 1, 0.5, 0.25];
const LEAST_WEIGHT = 0.25;

const facts: LevelFacts = { isReady: false, mayLeave: true };

/** Levels looked at between two looks at the clock. */
const LEVELS_PER_LOOK = 4;

/**
 * In the order of their rows; those for whom the time of a frame was too short come first in the next.
 */
export function advanceLevels(world: StreamWorld): void {
  const { roster } = world;
  if (roster.length === 0) return;
  beginShifts(world);
  sortRoster(world);
  const count = roster.length;
  const first = world.rosterTurn < count ? world.rosterTurn : 0;
  let [turn, advanced] = [0, 0];
  // Levels that come to be wanted meanwhile join at the end.
  for (let i = 0; i < roster.length; i++) {
    const at = i < count ? (first + i) % count : i;
    if (!look(world, roster[at]!)) continue;
    if (++advanced % LEVELS_PER_LOOK !== 0 || !isTimeOver(world)) continue;
    turn = at + 1;
    break;
  }
  world.rosterTurn = dropUnlisted(world, turn);
  shiftLevels(world);
}

/** Returns whether there was anything to do. */
function look(world: StreamWorld, level: Level): boolean {
  if (level.isGone) return false;
  const want = strongestWant(level);
  level.wanted = want >= 0;
  if (level.state === LevelState.Unloaded && want < 0) {
    setPriority(world, level, 0);
    level.isListed = false;
    return false;
  }
  if (isAtRest(world, level, want)) return false;
  advance(world, level, want);
  if (level.isBlocking) activateAtOnce(world, level, want);
  noteShift(level, level.row, want);
  return true;
}

/** Takes those out that have gone; returns where the one that was at `turn` is now. */
function dropUnlisted({ roster }: StreamWorld, turn: number): number {
  let kept = 0;
  let next = 0;
  for (let i = 0; i < roster.length; i++) {
    const level = roster[i]!;
    if (i === turn) next = kept;
    if (level.isListed && !level.isGone) roster[kept++] = level;
  }
  roster.length = kept;
  return next;
}

/** Puts in all of a level that is loaded and waits for nothing else, and shows it. */
function activateAtOnce(world: StreamWorld, level: Level, want: number): void {
  if (level.state !== LevelState.Loaded || want < 0 || !mayActivate(level)) return;
  shiftAll(world, level);
  advance(world, level, want);
}

/** Shown or hidden, and wanted as it was: most levels that are there, in most frames. */
function isAtRest({ dataLayers }: StreamWorld, level: Level, want: number): boolean {
  const { state, passedOn, intent } = level;
  if (want < 0 || want !== passedOn || level.aligned < level.assets.length) return false;
  if (level.layered !== null && level.layersSeen !== dataLayers.version) return false;
  return state === (intent.isHidden ? LevelState.Hidden : LevelState.Active);
}

/** Its contents' worth is another: they are scored anew. */
function setPriority(world: StreamWorld, level: Level, priority: number): void {
  if (level.priority === priority) return;
  level.priority = priority;
  world.priorityVersion++;
}

function advance(world: StreamWorld, level: Level, want: number): void {
  // What has to stay though nobody wants it any more still shows.
  setPriority(world, level, PRIORITY_WEIGHTS[want] ?? (isLoaded(level) ? LEAST_WEIGHT : 0));
  refreshNeeds(world, level);
  facts.isReady = level.state === LevelState.Loading && isReady(world, level);
  facts.mayLeave = level.wanted || mayLeave(world, level);
  if (level.state === LevelState.Failed) forgive(level);
  const next = nextLevelState(level, facts);
  if (next !== level.state) transition(world, level, next);
  veilIfReplaced(world, level);
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
  if (isHolding(before) !== isHolding(next)) realign(level);
  showOrVeil(world, level, before);
  if (next === LevelState.Loading) {
    level.held ??= new Uint8Array(level.assets.length);
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
  if (next === LevelState.Active || next === LevelState.Unloaded) level.isBlocking = false;
  const [from, to] = [LEVEL_STATE_NAMES[before]!, LEVEL_STATE_NAMES[next]!];
  world.events.emit('levelStateChanged', { level: level.name, from, to });
  if (next === LevelState.Failed) {
    const { name, failure, error } = level;
    world.events.emit('levelFailed', { level: name, reason: failure!, message: error });
  }
  settleWaiters(level);
}

/** Whether a level in this state holds what it needs, or lets go of it. */
function isHolding(state: LevelState): boolean {
  return state !== LevelState.Unloading && state !== LevelState.Failed;
}

/** What a transition means for what is seen. */
function showOrVeil(world: StreamWorld, level: Level, before: LevelState): void {
  const { state } = level;
  if (state === LevelState.Active) unveilLevel(world, level);
  else if (before === LevelState.Active) callProxies(world, level);
  else if (state !== LevelState.Loaded && state !== LevelState.Unloading) {
    // Nothing of it is in: one without cells has had nothing to veil.
    if (level.isShown) setVeil(world, level, true);
    releaseProxies(world, level);
  }
  if (state === LevelState.Unloaded) level.held = null;
}

function tellDegraded(world: StreamWorld, level: Level): void {
  const assets = failedAssets(world, level);
  if (assets.length > 0) world.events.emit('levelDegraded', { level: level.name, assets });
}
