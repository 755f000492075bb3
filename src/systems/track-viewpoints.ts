/**
 * Reads: Viewpoint, fed and announced poses. Writes: eyes, frusta, poses, prefetch spheres,
 * thresholds. After: complete.
 *
 * The heaviest viewpoint is the reference: distances of the others are scaled to its pixels.
 */
import { FRUSTUM_STRIDE, type FrustumPose, writeCube, writeFrustum } from '../spatial/frustum.ts';
import { createLookAround, observeLook } from '../spatial/look-around.ts';
import { observePose } from '../spatial/motion.ts';
import { createMotion, lengthOf } from '../spatial/motion-state.ts';
import { longestHorizon } from '../spatial/prediction-options.ts';
import { addPrefetchShape } from '../spatial/prefetch-shape.ts';
import { pixelsPerTangent } from '../spatial/screen-error.ts';
import { MAX_VIEWPOINTS, type StreamWorld, type Tracked } from '../world.ts';
import { addAnnouncedPoses } from './announced-poses.ts';
import { scaleLods } from './scale-lods.ts';
import { addViewpointPoses, type Lens, setLens } from './viewpoint-poses.ts';

const FAR_METERS = 1e6;
/** Slower than this is at rest, for the scores that ask which way it goes (meters per second). */
const COURSE_MIN_SPEED = 1;
/** A view that turns more slowly than this is at rest (radians per second): two minutes for a round. */
const TURN_MIN_RATE = 0.05;
/** Share of a frame in the filtered frame time. */
const FRAME_SHARE = 0.1;

const lens: Lens = { k: 1, halfWidth: 0, halfHeight: 0, share: 0 };
/** What a weight of 1 comes to; how far the frame's farthest viewpoint went (meters). */
const sums = new Float64Array(2);
const UNIT = 0;
const TRAVELED = 1;
const frustum: Required<FrustumPose> = {
  eye: new Float64Array(3),
  orientation: new Float64Array(4),
  orientationOffset: 0,
  fovYRadians: 1,
  aspect: 1,
  farMeters: FAR_METERS,
};

export function trackViewpoints(world: StreamWorld): void {
  const { dense } = world.queries.viewpoints;
  const count = Math.min(dense.length, MAX_VIEWPOINTS);
  const { Viewpoint } = world.set.components;
  const reference = heaviest(world, count);
  world.cut = count !== world.eyes.count;
  world.viewCut = world.cut;
  world.isTurning = false;
  if (world.tracked.size > count) forgetGone(world);
  if (world.cut) world.selectionVersion++;
  world.eyes.count = count;
  world.score.poses.count = 0;
  world.prefetchSpheres.count = 0;
  measureFrames(world);
  if (count === 0) return;
  world.score.kReference = pixelsPerTangent(
    Viewpoint.heightPixels[reference]!,
    Viewpoint.fovYRadians[reference]!,
  );
  sums[UNIT] = shareOfWeight(world, count);
  sums[TRAVELED] = 0;
  for (let i = 0; i < count; i++) trackOne(world, dense[i]!, i);
  world.odometer += sums[TRAVELED]!;
  writeCourse(world, reference);
  addAnnouncedPoses(world, reference);
  const height = Viewpoint.heightPixels[reference]!;
  world.score.screenPixels = height * height * Viewpoint.aspect[reference]!;
  scaleLods(world);
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

/** What a weight of 1 comes to when all viewpoints share 1; 0 when all weigh nothing. */
function shareOfWeight(world: StreamWorld, count: number): number {
  const { dense } = world.queries.viewpoints;
  const { weight } = world.set.components.Viewpoint;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += weight[dense[i]!]!;
  return sum > 0 ? 1 / sum : 0;
}

function forgetGone(world: StreamWorld): void {
  for (const entity of world.tracked.keys())
    if (!world.queries.viewpoints.has(entity)) world.tracked.delete(entity);
}

/** "8 frames ahead" is as many seconds as 8 frames take now. */
function measureFrames(world: StreamWorld): void {
  const { dtSeconds, prediction } = world;
  if (dtSeconds <= 0 || dtSeconds > 0.5) return;
  const share = world.frameSeconds === 0 ? 1 : FRAME_SHARE;
  world.frameSeconds += (dtSeconds - world.frameSeconds) * share;
  if (prediction.framesAhead > 0)
    prediction.horizonsSeconds[1] = prediction.framesAhead * world.frameSeconds;
}

/** Notes how far the viewpoint moved, or more where that looks farther than it is. */
function trackOne(world: StreamWorld, entity: number, index: number): void {
  const { Viewpoint } = world.set.components;
  const tracked = trackedOf(world, entity);
  const { motion } = tracked;
  const before = motion.odometerMeters;
  observe(world, entity, tracked);
  lens.k = pixelsPerTangent(Viewpoint.heightPixels[entity]!, Viewpoint.fovYRadians[entity]!);
  const factor = world.score.kReference / lens.k;
  world.eyes.values.set(motion.eye, index * 4);
  world.eyes.values[index * 4 + 3] = factor;
  writePlanes(world, entity, index, motion.eye);
  // Viewpoints that all weigh nothing share evenly.
  const unit = sums[UNIT]!;
  lens.share = unit > 0 ? unit * Viewpoint.weight[entity]! : 1 / world.eyes.count;
  const isDirected = Viewpoint.directed[entity] !== 0;
  setLens(lens, Viewpoint.fovYRadians[entity]!, Viewpoint.aspect[entity]!, isDirected);
  addViewpointPoses(world, tracked, lens);
  addPrefetchShape(world.prefetchSpheres, motion, world.options.prefetchRadiusMeters);
  const moved = (motion.odometerMeters - before) * Math.max(1, factor);
  sums[TRAVELED] = Math.max(sums[TRAVELED]!, moved);
}

/** What is kept of a viewpoint, made on first use. */
export function trackedOf(world: StreamWorld, entity: number): Tracked {
  let tracked = world.tracked.get(entity);
  if (!tracked) {
    const { lookAround, horizonsSeconds } = world.prediction;
    const look = lookAround
      ? createLookAround(horizonsSeconds.length, longestHorizon(world.prediction))
      : null;
    tracked = { motion: createMotion(), fed: null, look, isInvalid: false };
    world.tracked.set(entity, tracked);
  }
  return tracked;
}

function observe(world: StreamWorld, entity: number, tracked: Tracked): void {
  const { Viewpoint } = world.set.components;
  const { motion } = tracked;
  const { maxAcceleration } = world.prediction;
  const { eye, orientation } = Viewpoint;
  const isValid = observePose(motion, eye, orientation, entity, world.dtSeconds, maxAcceleration);
  if (motion.cut) world.cut = true;
  if (motion.viewCut) world.viewCut = true;
  if (Math.max(Math.abs(motion.yawRate), Math.abs(motion.pitchRate)) > TURN_MIN_RATE)
    world.isTurning = true;
  if (!isValid && !tracked.isInvalid) {
    const seen = `eye (${eye.subarray(entity * 3, entity * 3 + 3)}), orientation (${orientation.subarray(entity * 4, entity * 4 + 4)})`;
    const message = `Viewpoint: eye and orientation must be finite numbers, got ${seen}; its last pose is kept`;
    world.events.emit('invalidData', { entity, component: 'Viewpoint', message });
  }
  tracked.isInvalid = !isValid;
  const { look } = tracked;
  if (look && observeLook(look, motion, world.dtSeconds, world.prediction.horizonsSeconds))
    world.score.poses.spreadVersion++;
}

function writePlanes(world: StreamWorld, entity: number, index: number, eye: Float64Array): void {
  const { Viewpoint } = world.set.components;
  const at = index * FRUSTUM_STRIDE;
  const farMeters = Math.min(FAR_METERS, world.options.drawDistanceMeters);
  if (Viewpoint.directed[entity] === 0) writeCube(world.planes, at, eye, farMeters);
  else {
    frustum.eye = eye;
    frustum.orientation = Viewpoint.orientation;
    frustum.orientationOffset = entity * 4;
    frustum.fovYRadians = Viewpoint.fovYRadians[entity]!;
    frustum.aspect = Viewpoint.aspect[entity]!;
    frustum.farMeters = farMeters;
    writeFrustum(world.planes, at, frustum);
  }
  // Plane normals are unit vectors: moving a plane out is adding to its distance.
  for (let plane = 0; plane < 6; plane++)
    world.planes[at + plane * 4 + 3]! += world.options.viewMarginMeters;
}

/** Which way the reference viewpoint travels, as a unit vector; zeros at rest. */
function writeCourse(world: StreamWorld, reference: number): void {
  const { velocity } = trackedOf(world, reference).motion;
  const speed = lengthOf(velocity);
  for (let axis = 0; axis < 3; axis++)
    world.score.course[axis] = speed > COURSE_MIN_SPEED ? velocity[axis]! / speed : 0;
}
