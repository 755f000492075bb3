/**
 * Reads: Viewpoint, announcements. Writes: eyes, frusta, poses, thresholds. After: complete.
 *
 * The heaviest viewpoint is the reference: distances of the others are scaled to its pixels.
 */
import { POSE_STRIDE, writeView } from '../spatial/expected-error.ts';
import { FRUSTUM_STRIDE, writeFrustum } from '../spatial/frustum.ts';
import {
  createMotion,
  HORIZON_WEIGHTS,
  HORIZONS_SECONDS,
  observePose,
  predictPose,
} from '../spatial/motion.ts';
import { pixelsPerTangent } from '../spatial/screen-error.ts';
import { MAX_VIEWPOINTS, type StreamWorld } from '../world.ts';
import { scaleLods } from './scale-lods.ts';

/** Announced poses count this much beside the four poses of a viewpoint, which sum to 1. */
const ANNOUNCED_WEIGHT = 0.5;
/** An announcement is forgotten this long after its moment (ms). */
const ANNOUNCED_KEEP_MS = 2000;
const FAR_METERS = 1e6;

export function trackViewpoints(world: StreamWorld): void {
  const { dense } = world.queries.viewpoints;
  const count = Math.min(dense.length, MAX_VIEWPOINTS);
  const { Viewpoint } = world.set.components;
  const reference = heaviest(world, count);
  world.cut = count !== world.eyes.count;
  if (world.cut) forgetGone(world);
  world.eyes.count = count;
  world.score.poses.count = 0;
  if (count === 0) return;
  const kReference = pixelsPerTangent(
    Viewpoint.heightPixels[reference]!,
    Viewpoint.fovYRadians[reference]!,
  );
  let traveled = 0;
  for (let i = 0; i < count; i++)
    traveled = Math.max(traveled, trackOne(world, dense[i]!, i, kReference));
  world.odometer += traveled;
  writeCourse(world, reference);
  addAnnouncements(world, reference, kReference);
  const height = Viewpoint.heightPixels[reference]!;
  world.score.screenPixels = height * height * Viewpoint.aspect[reference]!;
  scaleLods(world, kReference);
  if (world.cut) forgetHistory(world);
}

/** After a cut nothing is held on to because it was shown before. */
function forgetHistory(world: StreamWorld): void {
  world.selectionVersion++;
  world.cutVersion = world.selectionVersion;
  world.terrain.refined.fill(0);
}

function heaviest(world: StreamWorld, count: number): number {
  const { dense } = world.queries.viewpoints;
  const { weight } = world.set.components.Viewpoint;
  let best = dense[0] ?? 0;
  for (let i = 1; i < count; i++) if (weight[dense[i]!]! > weight[best]!) best = dense[i]!;
  return best;
}

function forgetGone(world: StreamWorld): void {
  for (const entity of world.motions.keys())
    if (!world.queries.viewpoints.has(entity)) world.motions.delete(entity);
  world.selectionVersion++;
}

/** Returns how far the viewpoint moved (meters), or more where that looks farther than it is. */
function trackOne(world: StreamWorld, entity: number, index: number, kReference: number): number {
  const { Viewpoint } = world.set.components;
  let motion = world.motions.get(entity);
  if (!motion) {
    motion = createMotion();
    world.motions.set(entity, motion);
  }
  const before = motion.odometerMeters;
  observePose(motion, Viewpoint.eye, Viewpoint.orientation, entity, world.dtSeconds);
  if (motion.cut) world.cut = true;
  const fovYRadians = Viewpoint.fovYRadians[entity]!;
  const aspect = Viewpoint.aspect[entity]!;
  const k = pixelsPerTangent(Viewpoint.heightPixels[entity]!, fovYRadians);
  const factor = kReference / k;
  world.eyes.values.set(motion.eye, index * 4);
  world.eyes.values[index * 4 + 3] = factor;
  writeFrustum(world.planes, index * FRUSTUM_STRIDE, {
    eye: motion.eye,
    orientation: Viewpoint.orientation.subarray(entity * 4, entity * 4 + 4),
    fovYRadians,
    aspect,
    farMeters: Math.min(FAR_METERS, world.options.drawDistanceMeters),
  });
  // Plane normals are unit vectors: moving a plane out is adding to its distance.
  for (let plane = 0; plane < 6; plane++)
    world.planes[index * FRUSTUM_STRIDE + plane * 4 + 3]! += world.options.viewMarginMeters;
  const tangent = Math.tan(fovYRadians / 2);
  const halfWidth = Math.atan(tangent * aspect);
  for (let horizon = 0; horizon < HORIZONS_SECONDS.length; horizon++) {
    const { poses } = world.score;
    poses.present[poses.count] = horizon === 0 ? 1 : 0;
    const at = poses.count++ * POSE_STRIDE;
    predictPose(motion, HORIZONS_SECONDS[horizon]!, poses.values, at);
    writeLens(poses.values, at, HORIZON_WEIGHTS[horizon]! * Viewpoint.weight[entity]!, k);
    writeView(poses.values, at, halfWidth, fovYRadians / 2);
  }
  return (motion.odometerMeters - before) * Math.max(1, factor);
}

/** Which way the reference viewpoint travels, as a unit vector; zeros at rest. */
function writeCourse(world: StreamWorld, reference: number): void {
  const { velocity } = world.motions.get(reference)!;
  const speed = Math.hypot(velocity[0]!, velocity[1]!, velocity[2]!);
  for (let axis = 0; axis < 3; axis++)
    world.score.course[axis] = speed > 1 ? velocity[axis]! / speed : 0;
}

function writeLens(values: Float64Array, at: number, weight: number, k: number): void {
  values[at + 6] = weight;
  values[at + 7] = k;
}

function addAnnouncements(world: StreamWorld, reference: number, k: number): void {
  const { announcements, score } = world;
  const now = world.clock.now();
  for (let i = announcements.length - 1; i >= 0; i--) {
    const announced = announcements[i]!;
    if (now > announced.atMs + ANNOUNCED_KEEP_MS) {
      announcements.splice(i, 1);
      continue;
    }
    if ((score.poses.count + 1) * POSE_STRIDE > score.poses.values.length) continue;
    const { Viewpoint } = world.set.components;
    const tangent = Math.tan(Viewpoint.fovYRadians[reference]! / 2);
    // Announced without a direction, every direction is ahead.
    score.poses.present[score.poses.count] = 0;
    const isDirected = announced.direction.some((part) => part !== 0);
    const halfWidth = isDirected ? Math.atan(tangent * Viewpoint.aspect[reference]!) : Math.PI;
    const halfHeight = isDirected ? Viewpoint.fovYRadians[reference]! / 2 : Math.PI;
    const at = score.poses.count++ * POSE_STRIDE;
    score.poses.values.set(announced.eye, at);
    score.poses.values.set(announced.direction, at + 3);
    writeLens(score.poses.values, at, ANNOUNCED_WEIGHT, k);
    writeView(score.poses.values, at, halfWidth, halfHeight);
  }
}
