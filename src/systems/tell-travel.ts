/**
 * Reads: travels, what their viewpoints wait for. Writes: entities of travels, promises. After: tell-loading.
 *
 * The viewpoint and the screen of a travel stay until some other viewpoint is where it led: the
 * volumes there would be left, and the screen be gone, in the frame before the camera comes.
 */
import { hasComponent, setComponent } from 'bitecs';
import {
  MAX_AWAITED,
  ViewReadiness,
  type ViewReadinessName,
} from '../components/loading-screen.ts';
import { type Awaited, LEFT, TOTAL } from '../world/loading.ts';
import type { Travel } from '../world/travel.ts';
import type { StreamWorld } from '../world.ts';
import { contained } from './contained.ts';
import { advanceWaiting, lookAtWork } from './loading-wait.ts';
import { endEntity, makeEntity, putOn, roomForOps } from './structural-ops.ts';

/** A camera so near has arrived (meters). */
const ARRIVED_METERS = 25;

/** One that has not come so long (ms) after it could is not coming. */
const GRACE_MS = 2000;

/** A screen, its mark and its entity. */
const OPS_TO_SCREEN = 3;

const READINESS = Object.keys(ViewReadiness) as ViewReadinessName[];

const awaited: Awaited = {
  levels: new Uint32Array(MAX_AWAITED),
  assets: new Uint32Array(MAX_AWAITED),
  first: 0,
  view: 0,
  viewpoint: 0,
  isTolerant: false,
};

export function tellTravel(world: StreamWorld): void {
  const { travels } = world;
  for (let i = travels.length - 1; i >= 0; i--) {
    const travel = travels[i]!;
    if (travel.state === 'waiting') advance(world, travel);
    const isOver = travel.state === 'arrived' ? hasArrived(world, travel) : travel.state === 'over';
    if (!isOver) continue;
    travels.splice(i, 1);
    endEntities(world, travel);
  }
}

/** Ends a travel that waits: it rejects. Its entities go with the next `tellTravel`. */
export function endTravel(travel: Travel, error: unknown): void {
  if (travel.state !== 'waiting') return;
  travel.state = 'over';
  travel.unhear();
  travel.reject(error);
}

/** Ends all of them, with their entities. */
export function endTravels(world: StreamWorld, error: Error): void {
  for (const travel of world.travels.splice(0)) {
    endTravel(travel, error);
    endEntities(world, travel);
  }
}

function endEntities(world: StreamWorld, travel: Travel): void {
  const { travelMark } = world.set;
  endEntity(world, travel.viewpoint, travelMark);
  if (travel.screen > 0) endEntity(world, travel.screen, travelMark);
}

function advance(world: StreamWorld, travel: Travel): void {
  if (!hasComponent(world.ecs, travel.viewpoint, world.set.travelMark)) {
    endTravel(travel, new Error('farfield: travelTo: the entity of its viewpoint was removed'));
    return;
  }
  const nowMs = world.clock.now();
  awaited.view = travel.readiness;
  awaited.viewpoint = travel.viewpoint;
  awaited.isTolerant = travel.onFailure === 'continue';
  const { waiting } = travel;
  const work = advanceWaiting(world, waiting, awaited, 0);
  if (work.isBlocked && travel.onFailure === 'reject') {
    const failed = waiting.failures.filter(({ blocks }) => blocks);
    const said = failed.map(({ kind, name, message }) => `${kind} "${name}" failed: ${message}`);
    endTravel(travel, new Error(`farfield: travelTo: ${said.join('; ')}`));
  } else if (waiting.isReady && isScreenReady(world, travel, work.isBlocked, nowMs))
    arrive(world, travel, nowMs);
  else if (nowMs - travel.startMs >= travel.timeoutMs) {
    const { bytes, holes, itemsLeft } = work;
    const share = `${bytes[TOTAL]! - bytes[LEFT]!} of ${bytes[TOTAL]} bytes are there`;
    const seconds = travel.timeoutMs / 1000;
    const message = `after ${seconds} s ${share}, ${itemsLeft} things and ${holes} holes are left`;
    endTravel(travel, new Error(`farfield: travelTo: ${message}`));
  } else if (travel.screen === 0 && nowMs - travel.startMs >= travel.screenAfterMs)
    addScreen(world, travel, nowMs);
}

/** A screen tells that it is ready before it goes; one that shows what failed never is. */
function isScreenReady(
  { loading }: StreamWorld,
  { screen, screenMs, screenData }: Travel,
  isBlocked: boolean,
  nowMs: number,
): boolean {
  // None was shown, or the game has ended it.
  const waiting = loading.screens.get(screen);
  if (!waiting || waiting.isReady) return true;
  return isBlocked && nowMs - screenMs >= (screenData.minimumSeconds ?? 0) * 1000;
}

function arrive(world: StreamWorld, travel: Travel, nowMs: number): void {
  awaited.view = Math.max(travel.readiness, ViewReadiness.complete);
  const { holes } = lookAtWork(world, awaited);
  travel.state = 'arrived';
  travel.endMs = nowMs;
  travel.unhear();
  travel.resolve({
    reached: READINESS[travel.readiness] as 'levels' | 'complete' | 'settled',
    waitedMs: nowMs - travel.startMs,
    fetchedBytes: world.io.fetchedBytes - travel.fetchedBytes,
    holes,
    failures: travel.waiting.failures,
    hadScreen: travel.screen > 0,
  });
}

function addScreen(world: StreamWorld, travel: Travel, nowMs: number): void {
  if (roomForOps(world) < OPS_TO_SCREEN) return;
  const { LoadingScreen } = world.set.components;
  const { viewpoint, readiness } = travel;
  const entity = makeEntity(world);
  if (entity === 0) return;
  travel.screen = entity;
  travel.screenMs = nowMs;
  putOn(world, entity, world.set.travelMark);
  putOn(world, entity, LoadingScreen);
  const data = { ...travel.screenData, view: READINESS[readiness], viewpoint };
  contained(world, 'observer', () => {
    if (hasComponent(world.ecs, entity, LoadingScreen))
      setComponent(world.ecs, entity, LoadingScreen, data);
  });
}

/** Whether some other viewpoint is there, or none is going to be. */
function hasArrived({ ecs, queries, set, clock }: StreamWorld, travel: Travel): boolean {
  if (clock.now() - travel.endMs >= GRACE_MS) return true;
  const { eye } = set.components.Viewpoint;
  const own = travel.viewpoint * 3;
  for (const entity of queries.viewpoints.dense) {
    const at = entity * 3;
    if (hasComponent(ecs, entity, set.travelMark)) continue;
    const [dx, dy, dz] = [
      eye[at]! - eye[own]!,
      eye[at + 1]! - eye[own + 1]!,
      eye[at + 2]! - eye[own + 2]!,
    ];
    if (Math.hypot(dx, dy, dz) <= ARRIVED_METERS) return true;
  }
  return false;
}
