/** What a game says of levels: loads of its own, what is shown, what a level needs. */
import { assert, describe } from '../base/assert.ts';
import { VolumePriority } from '../components/streaming-volume.ts';
import type { LevelWaiter } from '../level/level-intents.ts';
import {
  LEVEL_STATE_NAMES,
  type Level,
  LevelState,
  type LevelStateName,
} from '../level/level-machine.ts';
import { addWant, removeWant, strongestWant } from '../level/level-wants.ts';
import { baseBytes, failedAssets, levelProgress, settleWaiters } from '../systems/level-loading.ts';
import { listLevels } from '../systems/track-volumes-levels.ts';
import type { StreamWorld } from '../world.ts';
import { disposedError } from './access.ts';
import { retryAsset } from './retry-asset.ts';
import type { AssetRequest, Streaming } from './streaming.ts';

type Calls =
  | 'loadLevel'
  | 'unloadLevel'
  | 'activateLevel'
  | 'hideLevel'
  | 'showLevel'
  | 'retryLevel'
  | 'setLevel'
  | 'levelStatus';

/** How `loadLevel` loads. */
export interface LevelLoad {
  /** Beside what volumes want; default `high`. */
  priority?: keyof typeof VolumePriority;
  /** false: loaded, it waits for `activateLevel`. Default: as `setLevel` has it, or true. */
  activate?: boolean;
  /** true: into memory, not shown, until `showLevel`. Default: as it is. */
  hidden?: boolean;
}

/** What holds for a level whoever wants it; what is left out stays as it is. */
export interface LevelSettings {
  /** false: loaded, it waits for `activateLevel` each time. */
  activate?: boolean;
  /** Levels that are loaded before it, and kept while it is there. */
  dependencies?: readonly string[];
  /** The memory budget (`createMemoryBudget`) that must have room for its base bytes; null for none. */
  budget?: string | null;
}

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
  /** Cells of it that can be seen. */
  cellsShown: number;
  /** Assets of it whose coarsest LOD failed: it shows without them. */
  failedAssets: string[];
  /** Why it failed, or ''. */
  error: string;
}

const PRIORITIES = Object.keys(VolumePriority) as (keyof typeof VolumePriority)[];

export function levelCalls(world: StreamWorld): Pick<Streaming, Calls> {
  return {
    loadLevel: (name, options = {}) => loadLevel(world, name, options),
    unloadLevel(name) {
      const level = levelOf(world, 'unloadLevel', name);
      const { want } = world.levelIntents.of(name);
      assert(want >= 0, `unloadLevel("${name}"): loadLevel did not load it; it is ${seen(level)}`);
      setWant(world, name, -1);
      rejectWaiters(world, name, 'it was unloaded');
    },
    activateLevel(name, { blocking = false } = {}) {
      const level = levelOf(world, 'activateLevel', name);
      const isThere = level.wanted || strongestWant(level) >= 0;
      assert(isThere, `activateLevel("${name}"): it is ${seen(level)}; load it first`);
      checkFlag(`activateLevel("${name}"): blocking`, blocking);
      level.isReleased = true;
      level.isBlocking = blocking && level.state !== LevelState.Active;
    },
    hideLevel(name) {
      checkKnown(world, 'hideLevel', name);
      world.levelIntents.of(name).isHidden = true;
    },
    showLevel(name) {
      checkKnown(world, 'showLevel', name);
      world.levelIntents.of(name).isHidden = false;
    },
    retryLevel(name) {
      const level = levelOf(world, 'retryLevel', name);
      if (level.state === LevelState.Failed) {
        retry(world, level);
        return;
      }
      const assets = level.state === LevelState.Unloaded ? [] : failedAssets(world, level);
      assert(
        assets.length > 0,
        `retryLevel("${name}"): it is ${seen(level)}; only one that failed, or an asset of which failed, can be retried`,
      );
      for (const asset of assets) retryAsset(world, asset);
    },
    setLevel: (name, settings) => setLevel(world, name, settings),
    levelStatus: (name) => report(world, levelOf(world, 'levelStatus', name)),
  };
}

function loadLevel(world: StreamWorld, name: string, options: LevelLoad): AssetRequest {
  checkKnown(world, 'loadLevel', name);
  if (world.disposed) throw disposedError();
  const { priority = 'high', activate, hidden } = options;
  assert(
    PRIORITIES.includes(priority),
    `loadLevel("${name}"): priority: expected one of ${PRIORITIES.join(', ')}, got ${describe(priority)}`,
  );
  checkFlag(`loadLevel("${name}"): activate`, activate);
  checkFlag(`loadLevel("${name}"): hidden`, hidden);
  const intent = world.levelIntents.of(name);
  if (activate !== undefined) intent.waits = !activate;
  if (hidden !== undefined) intent.isHidden = hidden;
  setWant(world, name, VolumePriority[priority]);
  let waiter: LevelWaiter | undefined;
  const ready = new Promise<void>((resolve, rejectIt) => {
    waiter = { resolve, reject: rejectIt };
    intent.waiters.push(waiter);
  });
  // Unloading a level nobody awaits is no unhandled rejection.
  ready.catch(() => undefined);
  const request = Symbol(name);
  world.levelLoads.set(name, request);
  const level = findLevel(world, name);
  if (level) settleWaiters(level);
  return {
    ready,
    release() {
      // A later call of the same name has taken the level over.
      if (world.levelLoads.get(name) !== request || intent.want < 0) return;
      setWant(world, name, -1);
      rejectWaiters(world, name, 'it was unloaded');
    },
  };
}

/** The game's own want. */
export function setWant(world: StreamWorld, name: string, want: number): void {
  const intent = world.levelIntents.of(name);
  const level = findLevel(world, name);
  if (level && intent.want >= 0) removeWant(level, intent.want);
  if (level && want >= 0) addWant(level, want);
  intent.want = want;
}

export function rejectWaiters(world: StreamWorld, name: string, why: string): void {
  for (const waiter of world.levelIntents.of(name).waiters.splice(0))
    waiter.reject(new Error(`farfield: level "${name}": ${why}`));
}

/** With what it needs: else it would fail again at once. Lost placements are read first. */
export function retry(world: StreamWorld, level: Level): void {
  if (level.lostSlices === 0) level.isRetried = true;
  else for (const opened of world.opened) opened.readLost();
  for (const name of level.intent.dependencies) {
    const other = findLevel(world, name);
    if (other?.state === LevelState.Failed) retry(world, other);
  }
}

function setLevel(world: StreamWorld, name: string, settings: LevelSettings): void {
  const call = `setLevel("${name}")`;
  checkName('setLevel', name);
  const { activate, dependencies, budget } = settings;
  checkFlag(`${call}: activate`, activate);
  const level = findLevel(world, name);
  const isFree = !level || level.state === LevelState.Unloaded || level.state === LevelState.Failed;
  assert(
    isFree || (dependencies === undefined && budget === undefined),
    `${call}: dependencies and budget can change only while it is unloaded or failed; it is ${seen(level)}`,
  );
  assert(
    budget === undefined || budget === null || (typeof budget === 'string' && budget !== ''),
    `${call}: budget: expected the name of a memory budget or null, got ${describe(budget)}`,
  );
  if (dependencies !== undefined) {
    assert(
      Array.isArray(dependencies),
      `${call}: dependencies: expected a list of names, got ${describe(dependencies)}`,
    );
    for (const one of dependencies) checkName(`${call}: dependencies`, one);
    world.levelIntents.setDependencies(name, dependencies);
  }
  const intent = world.levelIntents.of(name);
  if (activate !== undefined) intent.waits = !activate;
  if (budget !== undefined) intent.budget = budget ?? '';
}

function report(world: StreamWorld, level: Level): LevelStatusReport {
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

/** "active", or what else it is in. */
function seen(level: Level | undefined): string {
  return level ? LEVEL_STATE_NAMES[level.state]! : 'unknown';
}

function checkName(call: string, name: string): void {
  assert(
    typeof name === 'string' && name !== '',
    `${call}: expected the name of a level, got ${describe(name)}`,
  );
}

function checkFlag(what: string, flag: boolean | undefined): void {
  assert(
    flag === undefined || typeof flag === 'boolean',
    `${what}: expected true or false, got ${describe(flag)}`,
  );
}

/** Names may be used before the world that has the level is open. */
function checkKnown(world: StreamWorld, call: string, name: string): void {
  checkName(call, name);
  if (world.opening.size === 0 && world.opened.length > 0) levelOf(world, call, name);
}

function findLevel({ levels }: StreamWorld, name: string): Level | undefined {
  return levels.find((level) => level?.name === name) ?? undefined;
}

function levelOf(world: StreamWorld, call: string, name: string): Level {
  checkName(call, name);
  const found = findLevel(world, name);
  if (found) return found;
  throw new Error(
    `farfield: ${call}: no opened world has a level "${name}"; there are: ${listLevels(world)}`,
  );
}
