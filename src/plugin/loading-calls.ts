/** What a game asks of loading screens: how they stand, as plain data, and to try again. */
import { hasComponent } from 'bitecs';
import { assert, describe } from '../base/assert.ts';
import type { LoadingStateName } from '../components/loading-screen.ts';
import { LevelState } from '../level/level-machine.ts';
import { lookAtWork } from '../systems/loading-wait.ts';
import { awaitedBy } from '../systems/tell-loading.ts';
import { createWaiting, type LoadingFailure } from '../world/loading.ts';
import type { StreamWorld } from '../world.ts';
import { retry } from './level-calls.ts';
import { retryAsset } from './retry-asset.ts';
import type { Streaming } from './streaming.ts';

/** How a loading screen stands. */
export interface LoadingStatus {
  entity: number;
  title: string;
  description: string;
  /** The tip to show now, or ''. */
  tip: string;
  state: LoadingStateName;
  /** 0 to 1, never falling; 1 only when it is ready. */
  progress: number;
  /** Encoded bytes of what is awaited, as known now, and how much of them is there. */
  bytesLoaded: number;
  bytesTotal: number;
  /** -1: nobody can tell. */
  secondsLeft: number;
  /** Since it came, or waits again (seconds). */
  seconds: number;
  /** What failed of what is awaited; without those that do not `blocks` it comes all the same. */
  errors: readonly LoadingFailure[];
}

type LoadingCalls = Pick<Streaming, 'loadingScreens' | 'loadingStatus' | 'retryLoading'>;

export function loadingCalls(world: StreamWorld): LoadingCalls {
  return {
    loadingScreens: () => [...world.loading.screens.keys()].sort((a, b) => a - b),
    loadingStatus: (entity) => loadingStatus(world, entity),
    retryLoading: (entity) => retryLoading(world, entity),
  };
}

function checkScreen({ ecs, set }: StreamWorld, call: string, entity: number): void {
  const { LoadingScreen } = set.components;
  assert(
    Number.isInteger(entity) && entity > 0 && hasComponent(ecs, entity, LoadingScreen),
    `${call}: expected an entity with LoadingScreen, got ${describe(entity)}`,
  );
}

function loadingStatus(world: StreamWorld, entity: number): LoadingStatus {
  checkScreen(world, 'loadingStatus', entity);
  const row = world.set.definitions.LoadingScreen.read(entity);
  const waiting = world.loading.screens.get(entity);
  const { title, description, tips, tip, state, progress } = row;
  const { bytesLoaded, bytesTotal, secondsLeft } = row;
  return {
    entity,
    title,
    description,
    tip: tips[tip] ?? '',
    state,
    progress,
    bytesLoaded,
    bytesTotal,
    secondsLeft,
    seconds: waiting ? (world.clock.now() - waiting.sinceMs) / 1000 : 0,
    errors: waiting?.failures ?? [],
  };
}

/** Everything that failed of what is awaited is tried again; one that was ready waits for it. */
function retryLoading(world: StreamWorld, entity: number): void {
  checkScreen(world, 'retryLoading', entity);
  const failures: LoadingFailure[] = [];
  lookAtWork(world, awaitedBy(world, entity), failures);
  for (const { kind, name } of failures)
    if (kind === 'asset') retryAsset(world, name);
    else
      for (const level of world.levels)
        if (level?.name === name && level.state === LevelState.Failed) retry(world, level);
  const waiting = world.loading.screens.get(entity);
  if (failures.length > 0 && waiting?.isReady)
    world.loading.screens.set(entity, createWaiting(world.clock.now()));
}
