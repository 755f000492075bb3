/**
 * The rate filters of a viewpoint's motion. Every tenth of a second the differences to a mark, set
 * 1/15 s earlier, are blended into what was known.
 */
import { wrapRadians } from './heading.ts';
import type { Motion } from './motion-state.ts';

const OBSERVE_SECONDS = 0.1;
/** Rates are measured over the last part of it: what is older has passed. */
const WINDOW_SECONDS = 1 / 15;
/** Frame times are no exact fractions: a millisecond short is soon enough. */
const TOLERANCE_SECONDS = 1e-3;
/** Slower than this has no course to turn (meters per second). */
const COURSE_MIN_SPEED = 1;

/** Forgets velocity and turns, after a jump. */
export function restartRates(motion: Motion): void {
  motion.velocity.fill(0);
  motion.measured.fill(0);
  motion.courseRate = 0;
  motion.observedCourse = Number.NaN;
  motion.moves = 0;
  motion.sinceObservation = 0;
  motion.markSeconds = 0;
  motion.markEye.set(motion.eye);
  restartTurns(motion);
}

/** Forgets the turning of the camera, after a cut of the view. */
export function restartTurns(motion: Motion): void {
  motion.yawRate = 0;
  motion.pitchRate = 0;
  motion.turns = 0;
  motion.markYaw = motion.heading.yaw;
  motion.markPitch = motion.heading.pitch;
}

/** Moves the marks along with a pose that was put elsewhere. */
export function shiftMarks(motion: Motion, step: Float64Array, yaw: number, pitch: number): void {
  for (let axis = 0; axis < 3; axis++) motion.markEye[axis] = motion.markEye[axis]! + step[axis]!;
  motion.markYaw += yaw;
  motion.markPitch += pitch;
}

/** Lets a frame pass; observes when a tenth of a second has. */
export function updateRates(motion: Motion, dtSeconds: number, maxAcceleration: number): void {
  motion.sinceObservation += dtSeconds;
  const since = motion.sinceObservation + TOLERANCE_SECONDS;
  if (since >= OBSERVE_SECONDS) observe(motion, maxAcceleration);
  else if (motion.markSeconds === 0 && since >= OBSERVE_SECONDS - WINDOW_SECONDS) setMark(motion);
}

function setMark(motion: Motion): void {
  motion.markSeconds = motion.sinceObservation;
  motion.markEye.set(motion.eye);
  motion.markYaw = motion.heading.yaw;
  motion.markPitch = motion.heading.pitch;
}

function observe(motion: Motion, maxAcceleration: number): void {
  const elapsed = motion.sinceObservation;
  const window = elapsed - motion.markSeconds;
  // Half of what was known goes every tenth of a second; nothing was known after a jump.
  const share = 1 - 0.5 ** (elapsed / OBSERVE_SECONDS);
  blendVelocity(motion, window, motion.moves === 0 ? 1 : share, maxAcceleration * elapsed);
  blendTurns(motion, window, motion.turns === 0 ? 1 : share);
  blendCourse(motion, elapsed, share);
  motion.moves++;
  motion.turns++;
  motion.observed = true;
  motion.observedSeconds = elapsed;
  setMark(motion);
  motion.sinceObservation = 0;
  motion.markSeconds = 0;
}

/**
 * A measurement that differs from the last by more than the acceleration explains changes the
 * velocity by no more than that: a nudge of the position is not a speed. Two that agree are believed.
 */
function blendVelocity(motion: Motion, window: number, share: number, limit: number): void {
  const { velocity, measured, eye, markEye } = motion;
  let apart = 0;
  let change = 0;
  for (let axis = 0; axis < 3; axis++) {
    const speed = (eye[axis]! - markEye[axis]!) / window;
    apart += (speed - measured[axis]!) ** 2;
    measured[axis] = speed;
    change += (share * (speed - velocity[axis]!)) ** 2;
  }
  change = Math.sqrt(change);
  const isOdd = motion.moves > 0 && Math.sqrt(apart) > limit && change > limit;
  const factor = isOdd ? (share * limit) / change : share;
  for (let axis = 0; axis < 3; axis++)
    velocity[axis] = velocity[axis]! + factor * (measured[axis]! - velocity[axis]!);
}

function blendTurns(motion: Motion, window: number, share: number): void {
  const { heading, markYaw, markPitch } = motion;
  motion.yawRate += share * (wrapRadians(heading.yaw - markYaw) / window - motion.yawRate);
  motion.pitchRate += share * ((heading.pitch - markPitch) / window - motion.pitchRate);
}

/** How fast the direction of the filtered velocity turns. */
function blendCourse(motion: Motion, elapsed: number, share: number): void {
  const { velocity } = motion;
  const x = velocity[0]!;
  const z = velocity[2]!;
  if (Math.sqrt(x * x + z * z) <= COURSE_MIN_SPEED) {
    motion.courseRate = 0;
    motion.observedCourse = Number.NaN;
    return;
  }
  const course = Math.atan2(-velocity[0]!, -velocity[2]!);
  if (!Number.isNaN(motion.observedCourse)) {
    const rate = wrapRadians(course - motion.observedCourse) / elapsed;
    motion.courseRate += share * (rate - motion.courseRate);
  }
  motion.observedCourse = course;
}
