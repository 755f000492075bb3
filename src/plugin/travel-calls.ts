/**
 * Travel: a viewpoint of its own at the destination, so that whatever serves viewpoints (volumes, grids,
 * LODs, scoring) makes the place ready by the ways it always goes, and a promise.
 */
import { addComponent, addEntity, hasComponent, set } from 'bitecs';
import { assert, assertNumber, describe } from '../base/assert.ts';
import { ViewReadiness } from '../components/loading-screen.ts';
import { endTravel } from '../systems/tell-travel.ts';
import { createWaiting } from '../world/loading.ts';
import type { Travel, TravelResult } from '../world/travel.ts';
import { MAX_VIEWPOINTS, type StreamWorld } from '../world.ts';
import { disposedError } from './access.ts';
import type { Streaming, TravelOptions, TravelPose } from './streaming.ts';

/**
 * What the destination counts beside 1 for all other viewpoints together. What is in view now is mostly
 * there and is about to go; it keeps a fifth, so that it does not fall to pieces before.
 */
const WEIGHT = 4;
const MAX_WEIGHT = 100;

const SCREEN_AFTER_SECONDS = 0.5;
const MAX_SECONDS = 86_400;
const READINESS = ['levels', 'complete', 'settled'] as const;
const ON_FAILURE = ['reject', 'wait', 'continue'] as const;

export function travelCalls(world: StreamWorld): Pick<Streaming, 'travelTo'> {
  return {
    // Whatever is wrong with what it is given rejects.
    travelTo: async (pose, options = {}) => travelTo(world, pose, options),
  };
}

function travelTo(
  world: StreamWorld,
  pose: TravelPose,
  options: TravelOptions,
): Promise<TravelResult> {
  if (world.disposed) throw disposedError();
  checkPose(pose);
  checkOptions(world, options);
  const { signal } = options;
  if (signal?.aborted) throw signal.reason;
  const count = world.queries.viewpoints.dense.length;
  assert(
    count < MAX_VIEWPOINTS,
    `travelTo: there are ${count} viewpoints, and ${MAX_VIEWPOINTS} are served at most; remove one`,
  );
  for (const other of world.travels)
    endTravel(other, new Error('farfield: travelTo: a later travelTo took its place'));
  const viewpoint = addDestination(world, pose);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => endTravel(travel, signal?.reason);
    const unhear = (): void => signal?.removeEventListener('abort', onAbort);
    const travel: Travel = {
      ...begin(world, options),
      viewpoint,
      resolve,
      reject,
      unhear,
    };
    signal?.addEventListener('abort', onAbort);
    world.travels.push(travel);
  });
}

function begin(
  { clock, io }: StreamWorld,
  options: TravelOptions,
): Omit<Travel, 'viewpoint' | 'resolve' | 'reject' | 'unhear'> {
  const { until = 'complete', onFailure = 'reject', screen = {} } = options;
  const { screenAfterSeconds = SCREEN_AFTER_SECONDS, timeoutSeconds } = options;
  return {
    state: 'waiting',
    screen: 0,
    waiting: createWaiting(clock.now()),
    readiness: ViewReadiness[until],
    onFailure,
    screenAfterMs: (screenAfterSeconds ?? Number.POSITIVE_INFINITY) * 1000,
    screenData: screen,
    timeoutMs: (timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000,
    startMs: clock.now(),
    screenMs: 0,
    endMs: 0,
    fetchedBytes: io.fetchedBytes,
  };
}

/** Through the lens of the heaviest viewpoint, unless the pose has another. */
function addDestination(world: StreamWorld, pose: TravelPose): number {
  const { ecs, queries, set: stores } = world;
  const { Viewpoint } = stores.components;
  const mark = stores.travelMark;
  const entity = addEntity(ecs);
  // Those of travels that were given up are about to go.
  const others = queries.viewpoints.dense.filter((other) => !hasComponent(ecs, other, mark));
  let sum = 0;
  let heaviest = others[0] ?? 0;
  for (const other of others) {
    sum += Viewpoint.weight[other]!;
    if (Viewpoint.weight[other]! > Viewpoint.weight[heaviest]!) heaviest = other;
  }
  const lens = stores.definitions.Viewpoint.read(heaviest);
  const orientation = orientationOf(pose);
  const data = {
    ...(heaviest > 0 && { aspect: lens.aspect, heightPixels: lens.heightPixels }),
    fovYRadians: pose.fovYRadians ?? (heaviest > 0 ? lens.fovYRadians : Math.PI / 3),
    eye: [...pose.position],
    ...(orientation && { orientation }),
    directed: orientation !== null,
    weight: Math.min(1000, (pose.weight ?? WEIGHT) * (sum > 0 ? sum : 1)),
  };
  addComponent(ecs, entity, mark);
  addComponent(ecs, entity, set(Viewpoint, data));
  return entity;
}

/** Turns -z into the direction, upright; null where it is given neither. */
function orientationOf({ direction, orientation }: TravelPose): readonly number[] | null {
  if (orientation) return [...orientation];
  if (!direction) return null;
  const [x, y, z] = direction;
  const yaw = Math.atan2(-x, -z) / 2;
  const pitch = Math.asin(y / Math.hypot(x, y, z)) / 2;
  const [sinYaw, cosYaw] = [Math.sin(yaw), Math.cos(yaw)];
  const [sinPitch, cosPitch] = [Math.sin(pitch), Math.cos(pitch)];
  return [cosYaw * sinPitch, sinYaw * cosPitch, -sinYaw * sinPitch, cosYaw * cosPitch];
}

function checkPose(pose: TravelPose): void {
  assert(
    typeof pose === 'object' && pose !== null,
    `travelTo: expected a pose, got ${describe(pose)}`,
  );
  const { position, direction, orientation, fovYRadians, weight } = pose;
  checkNumbers('position', position, 3);
  if (direction !== undefined) {
    checkNumbers('direction', direction, 3);
    assert(Math.hypot(...direction) > 1e-6, 'travelTo: direction: expected a vector, got zeros');
  }
  if (orientation !== undefined) {
    checkNumbers('orientation', orientation, 4);
    const length = Math.hypot(...orientation);
    assert(
      Math.abs(length - 1) < 1e-2,
      `travelTo: orientation: expected a unit quaternion, got one of length ${length.toFixed(3)}`,
    );
  }
  if (fovYRadians !== undefined) assertNumber('travelTo: fovYRadians', fovYRadians, 0.01, 3.1);
  if (weight !== undefined) assertNumber('travelTo: weight', weight, 0, MAX_WEIGHT);
}

function checkNumbers(name: string, values: readonly number[], count: number): void {
  const isGood =
    Array.isArray(values) && values.length === count && values.every((one) => Number.isFinite(one));
  assert(isGood, `travelTo: ${name}: expected ${count} finite numbers, got ${describe(values)}`);
}

function checkOptions({ set: stores }: StreamWorld, options: TravelOptions): void {
  const { until, onFailure, screenAfterSeconds, timeoutSeconds, screen } = options;
  if (until !== undefined) checkWord('until', until, READINESS);
  if (onFailure !== undefined) checkWord('onFailure', onFailure, ON_FAILURE);
  if (screenAfterSeconds !== undefined && screenAfterSeconds !== null)
    assertNumber('travelTo: screenAfterSeconds', screenAfterSeconds, 0, MAX_SECONDS);
  if (timeoutSeconds !== undefined)
    assertNumber('travelTo: timeoutSeconds', timeoutSeconds, 0, MAX_SECONDS);
  if (screen === undefined) return;
  const problem = stores.definitions.LoadingScreen.check(screen);
  assert(!problem, `travelTo: screen: ${problem}`);
}

function checkWord(name: string, word: string, words: readonly string[]): void {
  assert(
    words.includes(word),
    `travelTo: ${name}: expected one of ${words.join(', ')}, got ${describe(word)}`,
  );
}
