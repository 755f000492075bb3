/** What a game asks of levels: loads of its own, and what is shown. */
import { assert, describe } from '../base/assert.ts';
import { VolumePriority } from '../components/streaming-volume.ts';
import type { LevelWaiter } from '../level/level-intents.ts';
import { type Level, LevelState } from '../level/level-machine.ts';
import { addWant, removeWant, strongestWant } from '../level/level-wants.ts';
import { failedAssets, settleWaiters } from '../systems/level-loading.ts';
import type { StreamWorld } from '../world.ts';
import { disposedError } from './access.ts';
import { checkFlag, checkKnown, findLevel, levelOf, seen } from './level-names.ts';
import { setLevel } from './level-settings.ts';
import { PRIORITIES, reportLevel } from './level-status.ts';
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
    levelStatus: (name) => reportLevel(world, levelOf(world, 'levelStatus', name)),
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
