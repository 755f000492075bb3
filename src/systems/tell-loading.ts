/**
 * Reads: what loading screens wait for. Writes: LoadingScreen, events. After: tell-levels.
 *
 * Only screens that are not ready are looked at; each look walks what its screen waits for.
 */
import { hasComponent, setComponent } from 'bitecs';
import {
  AWAITED_FIELDS,
  LoadingStateNumber,
  MAX_AWAITED,
  MAX_TIPS,
  ViewReadiness,
} from '../components/loading-screen.ts';
import {
  type Awaited,
  createWaiting,
  LEFT,
  type LoadingWork,
  TOTAL,
  type Waiting,
} from '../world/loading.ts';
import type { StreamWorld } from '../world.ts';
import { contained } from './contained.ts';
import { advanceWaiting, secondsLeft } from './loading-wait.ts';

const STATE_NAMES = Object.keys(LoadingStateNumber) as (keyof typeof LoadingStateNumber)[];

export function tellLoading(world: StreamWorld): void {
  const { loading } = world;
  if (loading.isReordered) {
    loading.isReordered = false;
    loading.order.length = 0;
    for (const entity of loading.screens.keys()) loading.order.push(entity);
    loading.order.sort((a, b) => a - b);
  }
  let isViewAwaited = false;
  for (let i = 0; i < loading.order.length; i++)
    if (tellScreen(world, loading.order[i]!)) isViewAwaited = true;
  for (let i = 0; i < world.travels.length; i++)
    if (world.travels[i]!.state === 'waiting') isViewAwaited = true;
  if (isViewAwaited === loading.isViewAwaited) return;
  loading.isViewAwaited = isViewAwaited;
  world.demandChanged = true;
}

/** A screen has come. */
export function beginScreen({ loading, clock }: StreamWorld, entity: number): void {
  loading.screens.set(entity, createWaiting(clock.now()));
  loading.isReordered = true;
}

/** A screen was written: where that is about what it waits for, it waits again. */
export function resumeScreen(world: StreamWorld, entity: number, data: object): void {
  const waiting = world.loading.screens.get(entity);
  if (!waiting?.isReady || !AWAITED_FIELDS.some((field) => field in data)) return;
  world.loading.screens.set(entity, createWaiting(world.clock.now()));
}

export function endScreen({ loading }: StreamWorld, entity: number): void {
  if (loading.screens.delete(entity)) loading.isReordered = true;
}

/** What a screen waits for. The one object, filled anew with every call. */
export function awaitedBy({ set }: StreamWorld, entity: number): Awaited {
  const { LoadingScreen } = set.components;
  awaited.levels = LoadingScreen.levels;
  awaited.assets = LoadingScreen.assets;
  awaited.first = entity * MAX_AWAITED;
  awaited.view = LoadingScreen.view[entity]!;
  awaited.viewpoint = LoadingScreen.viewpoint[entity]!;
  return awaited;
}

const awaited: Awaited = {
  levels: new Uint32Array(0),
  assets: new Uint32Array(0),
  first: 0,
  view: 0,
  viewpoint: 0,
  isTolerant: false,
};

/** Returns whether the screen waits for a complete view. */
function tellScreen(world: StreamWorld, entity: number): boolean {
  const waiting = world.loading.screens.get(entity);
  if (!waiting) return false;
  writeTip(world, waiting, entity);
  if (waiting.isReady) return false;
  const { LoadingScreen } = world.set.components;
  const minimumSeconds = LoadingScreen.minimumSeconds[entity]!;
  const failureKey = waiting.failureKey;
  const work = advanceWaiting(world, waiting, awaitedBy(world, entity), minimumSeconds);
  const state = stateOf(world, waiting, work, LoadingScreen.timeoutSeconds[entity]!);
  const { bytes } = work;
  const left = waiting.isReady ? 0 : secondsLeft(world, waiting, work, minimumSeconds);
  const isTold =
    state === LoadingScreen.state[entity] &&
    waiting.failureKey === failureKey &&
    waiting.toldBytes === bytes[TOTAL]! - bytes[LEFT]! &&
    LoadingScreen.bytesTotal[entity] === bytes[TOTAL] &&
    waiting.toldSeconds === Math.ceil(left);
  LoadingScreen.bytesTotal[entity] = bytes[TOTAL]!;
  LoadingScreen.bytesLoaded[entity] = bytes[TOTAL]! - bytes[LEFT]!;
  LoadingScreen.progress[entity] = waiting.isReady ? 1 : waiting.progress.progress;
  LoadingScreen.secondsLeft[entity] = left;
  LoadingScreen.errors[entity] = work.failures;
  if (!isTold) {
    waiting.toldBytes = bytes[TOTAL]! - bytes[LEFT]!;
    waiting.toldSeconds = Math.ceil(left);
    tell(world, entity, waiting, state);
  }
  return !waiting.isReady && LoadingScreen.view[entity]! >= ViewReadiness.complete;
}

function writeTip({ set, clock }: StreamWorld, waiting: Waiting, entity: number): void {
  const { tip, tips, tipSeconds } = set.components.LoadingScreen;
  let count = 0;
  while (count < MAX_TIPS && tips[entity * MAX_TIPS + count] !== 0) count++;
  const turns = Math.floor((clock.now() - waiting.sinceMs) / 1000 / tipSeconds[entity]!);
  tip[entity] = count > 0 ? turns % count : 0;
}

function stateOf(
  { clock }: StreamWorld,
  waiting: Waiting,
  work: LoadingWork,
  timeoutSeconds: number,
): number {
  if (waiting.isReady) return LoadingStateNumber.ready;
  if (work.isBlocked) return LoadingStateNumber.failed;
  const isLate = clock.now() - waiting.sinceMs >= timeoutSeconds * 1000;
  return isLate ? LoadingStateNumber.timedOut : LoadingStateNumber.waiting;
}

function tell(world: StreamWorld, entity: number, waiting: Waiting, state: number): void {
  const { LoadingScreen } = world.set.components;
  const name = STATE_NAMES[state]!;
  world.events.emit('loadingProgress', {
    entity,
    progress: LoadingScreen.progress[entity]!,
    bytesLoaded: LoadingScreen.bytesLoaded[entity]!,
    bytesTotal: LoadingScreen.bytesTotal[entity]!,
    secondsLeft: LoadingScreen.secondsLeft[entity]!,
    state: name,
    errors: waiting.failures,
  });
  if (LoadingScreen.state[entity] === state) return;
  // One that is observed may end the entity, or take the component off.
  contained(world, 'observer', () => {
    if (hasComponent(world.ecs, entity, LoadingScreen))
      setComponent(world.ecs, entity, LoadingScreen, { state: name });
  });
  LoadingScreen.state[entity] = state;
}
