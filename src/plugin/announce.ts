/** What a game says of the future: announced poses and paths, and poses foretold of a viewpoint. */
import { assert, assertNumber, describe } from '../base/assert.ts';
import {
  ANNOUNCED_STRIDE,
  type Announcement,
  addAnnouncement,
  MAX_ANNOUNCEMENTS,
} from '../spatial/announced.ts';
import { FED_STRIDE } from '../spatial/fed-poses.ts';
import { rotate } from '../spatial/frustum.ts';
import { MAX_HORIZONS, weightAt } from '../spatial/prediction-options.ts';
import { trackedOf } from '../systems/track-viewpoints.ts';
import type { StreamWorld } from '../world.ts';
import type {
  AnnouncedPose,
  AnnouncementHandle,
  FedPose,
  PathPoint,
  Streaming,
} from './streaming.ts';

const MAX_ETA_SECONDS = 3600;
const MAX_PATH_POINTS = 4096;
const MAX_WEIGHT = 1000;

export function foretelling(
  world: StreamWorld,
): Pick<Streaming, 'announce' | 'announcePath' | 'feedPoses'> {
  return {
    announce(pose, etaSeconds) {
      assertNumber('announce: etaSeconds', etaSeconds, 0, MAX_ETA_SECONDS);
      return hold(world, [pose], [etaSeconds], 'announce: pose');
    },
    announcePath(points) {
      checkTimes(points);
      const seconds = points.map(({ atSeconds }) => atSeconds);
      return hold(world, points, seconds, 'announcePath: point');
    },
    feedPoses: (viewpoint, poses) => feedPoses(world, viewpoint, poses),
  };
}

function checkTimes(points: readonly PathPoint[]): void {
  assert(
    Array.isArray(points) && points.length > 0 && points.length <= MAX_PATH_POINTS,
    `announcePath: expected 1 to ${MAX_PATH_POINTS} points, got ${Array.isArray(points) ? points.length : describe(points)}`,
  );
  points.forEach((point, i) => {
    assertNumber(`announcePath: point ${i}: atSeconds`, point?.atSeconds, 0, MAX_ETA_SECONDS);
    const before = i > 0 ? points[i - 1]!.atSeconds : Number.NEGATIVE_INFINITY;
    assert(
      point.atSeconds > before,
      `announcePath: point ${i}: atSeconds must be later than the point before (${before}), got ${point.atSeconds}`,
    );
  });
}

/** Writes an announcement, and returns the handle that takes it back. */
function hold(
  world: StreamWorld,
  points: readonly (AnnouncedPose & { cut?: boolean })[],
  seconds: readonly number[],
  name: string,
): AnnouncementHandle {
  const now = world.clock.now();
  const announcement: Announcement = {
    timesMs: Float64Array.from(seconds, (value) => now + value * 1000),
    values: new Float64Array(points.length * ANNOUNCED_STRIDE),
    cuts: Uint8Array.from(points, ({ cut }) => (cut === true ? 1 : 0)),
  };
  points.forEach((point, i) => {
    const where = points.length > 1 ? `${name} ${i}` : name;
    writeAnnounced(point, where, announcement.values, i * ANNOUNCED_STRIDE);
  });
  const isFull = !addAnnouncement(world.announcements, announcement);
  if (isFull && !world.announcementsDropped) {
    world.announcementsDropped = true;
    const message = `more than ${MAX_ANNOUNCEMENTS} poses and paths are announced at once; those due last are dropped`;
    world.events.emit('warning', { message });
  }
  return {
    cancel() {
      const at = world.announcements.indexOf(announcement);
      if (at >= 0) world.announcements.splice(at, 1);
    },
  };
}

function writeAnnounced(pose: AnnouncedPose, name: string, out: Float64Array, at: number): void {
  assert(
    typeof pose === 'object' && pose !== null,
    `${name} must be a pose, got ${describe(pose)}`,
  );
  const { position, direction, fovYRadians, weight = 1 } = pose;
  writeVector(`${name}: position`, position, out, at);
  if (direction !== undefined) writeVector(`${name}: direction`, direction, out, at + 3);
  if (fovYRadians !== undefined) {
    assertNumber(`${name}: fovYRadians`, fovYRadians, 0.01, 3.1);
    out[at + 6] = fovYRadians;
  }
  assertNumber(`${name}: weight`, weight, 0, MAX_WEIGHT);
  out[at + 7] = weight;
}

function writeVector(
  name: string,
  vector: ArrayLike<number> | undefined,
  out: Float64Array,
  at: number,
): void {
  assert(vector?.length === 3, `${name} must be 3 numbers, got ${describe(vector)}`);
  for (let axis = 0; axis < 3; axis++) {
    assertNumber(name, vector[axis]);
    out[at + axis] = vector[axis]!;
  }
}

function feedPoses(world: StreamWorld, viewpoint: number, poses: readonly FedPose[]): void {
  assert(
    world.queries.viewpoints.has(viewpoint),
    `feedPoses: entity ${viewpoint} is no viewpoint; add the Viewpoint component first`,
  );
  assert(
    Array.isArray(poses) && poses.length <= MAX_HORIZONS,
    `feedPoses: expected at most ${MAX_HORIZONS} poses, got ${Array.isArray(poses) ? poses.length : describe(poses)}`,
  );
  const tracked = trackedOf(world, viewpoint);
  tracked.fed ??= { atMs: 0, count: 0, values: new Float64Array(MAX_HORIZONS * FED_STRIDE) };
  // Emptied first: of a list with an error in it nothing is kept.
  tracked.fed.count = 0;
  let before = 0;
  for (let i = 0; i < poses.length; i++) {
    writeFed(poses[i]!, i, before, tracked.fed.values);
    before = poses[i]!.secondsAhead;
  }
  tracked.fed.atMs = world.clock.now();
  tracked.fed.count = poses.length;
}

const forward = new Float64Array(3);

function writeFed(pose: FedPose, i: number, before: number, out: Float64Array): void {
  const name = `feedPoses: pose ${i}`;
  const at = i * FED_STRIDE;
  const { secondsAhead, position, direction, orientation } = pose;
  assertNumber(`${name}: secondsAhead`, secondsAhead, 0, MAX_ETA_SECONDS);
  assert(
    secondsAhead > before,
    `${name}: secondsAhead must be above 0 and above the pose before (${before}), got ${secondsAhead}`,
  );
  assert(
    (direction === undefined) !== (orientation === undefined),
    `${name}: give a direction or an orientation, one of them`,
  );
  out[at] = secondsAhead;
  writeVector(`${name}: position`, position, out, at + 1);
  if (orientation) {
    assert(
      orientation.length === 4,
      `${name}: orientation must be 4 numbers, got ${describe(orientation)}`,
    );
    for (let part = 0; part < 4; part++) assertNumber(`${name}: orientation`, orientation[part]);
    rotate(orientation, 0, 0, 0, -1, forward);
    out.set(forward, at + 4);
  } else writeVector(`${name}: direction`, direction, out, at + 4);
  const length = Math.hypot(out[at + 4]!, out[at + 5]!, out[at + 6]!);
  assert(length > 1e-6, `${name}: the direction must not be all zeros`);
  for (let axis = 4; axis < 7; axis++) out[at + axis] = out[at + axis]! / length;
  const weight = pose.weight ?? weightAt(secondsAhead);
  assertNumber(`${name}: weight`, weight, 0, MAX_WEIGHT);
  out[at + 7] = weight;
}
