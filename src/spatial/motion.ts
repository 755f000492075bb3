/**
 * Where a viewpoint will be: velocity, turn rate of its course and yaw rate, filtered from observed
 * poses, extrapolated at constant turn rate. Jumps (cuts, teleports) reset the filters.
 *
 * The constants are those of the measured policy `bc2`: 10 Hz observations, EWMA weight 1/2, a
 * course turn that decays with 1.5 s, both turns clamped to ±1.6 rad.
 */
import { rotate } from './frustum.ts';

/** Prediction horizons (seconds) and how much each pose counts. The first is "now". */
export const HORIZONS_SECONDS: readonly number[] = [0, 0.4, 0.9, 1.6];
export const HORIZON_WEIGHTS: readonly number[] = [0.35, 0.3, 0.22, 0.13];

const OBSERVE_SECONDS = 0.1;
const TURN_DECAY_SECONDS = 1.5;
const MAX_TURN_RADIANS = 1.6;
/** Slower than this has no course to turn. */
const COURSE_MIN_SPEED = 1;
/** A step beyond this speed is a cut, not motion (meters per second): four times the speed of sound. */
const TELEPORT_SPEED = 1400;
const TELEPORT_MIN_METERS = 50;

/** Filter state of one viewpoint. */
export interface Motion {
  hasPose: boolean;
  /** Set for the frame in which the viewpoint jumped. */
  cut: boolean;
  eye: Float64Array;
  forward: Float64Array;
  velocity: Float64Array;
  /** Radians per second about +y: of the direction of travel, and of the camera. */
  courseRate: number;
  yawRate: number;
  /** Meters traveled since the start, cuts included. */
  odometerMeters: number;
  sinceObservation: number;
  observedEye: Float64Array;
  observedYaw: number;
  observedCourse: number;
}

export function createMotion(): Motion {
  return {
    hasPose: false,
    cut: false,
    eye: new Float64Array(3),
    forward: new Float64Array([0, 0, -1]),
    velocity: new Float64Array(3),
    courseRate: 0,
    yawRate: 0,
    odometerMeters: 0,
    sinceObservation: 0,
    observedEye: new Float64Array(3),
    observedYaw: 0,
    observedCourse: Number.NaN,
  };
}

/** Takes in the pose of this frame. Quaternion x, y, z, w at `at * 4`, eye at `at * 3`. */
export function observePose(
  motion: Motion,
  eyes: ArrayLike<number>,
  orientations: ArrayLike<number>,
  at: number,
  dtSeconds: number,
): void {
  const x = eyes[at * 3]!;
  const y = eyes[at * 3 + 1]!;
  const z = eyes[at * 3 + 2]!;
  const moved = motion.hasPose
    ? Math.hypot(x - motion.eye[0]!, y - motion.eye[1]!, z - motion.eye[2]!)
    : 0;
  rotate(orientations, at * 4, 0, 0, -1, motion.forward);
  motion.eye[0] = x;
  motion.eye[1] = y;
  motion.eye[2] = z;
  motion.odometerMeters += moved;
  motion.cut = !motion.hasPose || moved > Math.max(TELEPORT_MIN_METERS, TELEPORT_SPEED * dtSeconds);
  motion.hasPose = true;
  if (motion.cut) resetFilters(motion);
  else {
    motion.sinceObservation += dtSeconds;
    if (motion.sinceObservation >= OBSERVE_SECONDS) updateFilters(motion);
  }
}

function yawOf(forward: Float64Array): number {
  return Math.atan2(-forward[0]!, -forward[2]!);
}

function resetFilters(motion: Motion): void {
  motion.velocity.fill(0);
  motion.courseRate = 0;
  motion.yawRate = 0;
  motion.sinceObservation = 0;
  motion.observedEye.set(motion.eye);
  motion.observedYaw = yawOf(motion.forward);
  motion.observedCourse = Number.NaN;
}

function updateFilters(motion: Motion): void {
  const seconds = motion.sinceObservation;
  const { velocity, eye, observedEye } = motion;
  for (let axis = 0; axis < 3; axis++) {
    const measured = (eye[axis]! - observedEye[axis]!) / seconds;
    velocity[axis] = velocity[axis]! + 0.5 * (measured - velocity[axis]!);
  }
  const yaw = yawOf(motion.forward);
  motion.yawRate += 0.5 * (wrapRadians(yaw - motion.observedYaw) / seconds - motion.yawRate);
  motion.observedYaw = yaw;
  if (Math.hypot(velocity[0]!, velocity[2]!) > COURSE_MIN_SPEED) {
    const course = Math.atan2(-velocity[0]!, -velocity[2]!);
    if (!Number.isNaN(motion.observedCourse)) {
      const measured = wrapRadians(course - motion.observedCourse) / seconds;
      motion.courseRate += 0.5 * (measured - motion.courseRate);
    }
    motion.observedCourse = course;
  } else {
    motion.courseRate = 0;
    motion.observedCourse = Number.NaN;
  }
  observedEye.set(eye);
  motion.sinceObservation = 0;
}

/** An angle moved into (-π, π]. */
export function wrapRadians(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}

function clampTurn(angle: number): number {
  return Math.max(-MAX_TURN_RADIANS, Math.min(MAX_TURN_RADIANS, angle));
}

/**
 * Writes the pose expected `seconds` from now: eye into `out[at..at+2]`, view direction into
 * `out[at+3..at+5]`.
 */
export function predictPose(motion: Motion, seconds: number, out: Float64Array, at: number): void {
  const { eye, velocity, forward } = motion;
  const decayed = TURN_DECAY_SECONDS * (1 - Math.exp(-seconds / TURN_DECAY_SECONDS));
  const half = clampTurn(motion.courseRate * decayed) / 2;
  // The chord of an arc: shorter than the arc by sin(a/2)/(a/2), turned by half the angle.
  const chord = Math.abs(half) < 1e-3 ? 1 : Math.sin(half) / half;
  const sin = Math.sin(half) * chord;
  const cos = Math.cos(half) * chord;
  const dx = velocity[0]! * seconds;
  const dz = velocity[2]! * seconds;
  out[at] = eye[0]! + dx * cos + dz * sin;
  out[at + 1] = eye[1]! + velocity[1]! * seconds;
  out[at + 2] = eye[2]! + dz * cos - dx * sin;
  const yaw = clampTurn(motion.yawRate * seconds);
  const yawSin = Math.sin(yaw);
  const yawCos = Math.cos(yaw);
  out[at + 3] = forward[0]! * yawCos + forward[2]! * yawSin;
  out[at + 4] = forward[1]!;
  out[at + 5] = forward[2]! * yawCos - forward[0]! * yawSin;
}
