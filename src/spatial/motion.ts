/**
 * How a viewpoint moves and turns: velocity, turn rate of its course, yaw and pitch rates, filtered
 * from the poses seen. Jumps of the eye and of the view are told apart from motion and reset what
 * they make worthless.
 *
 * The filters are those of the measured policy `bc2`: observed ten times a second, differences over
 * the last 1/15 s, half of what was known replaced each time; by elapsed time, so that they settle
 * alike at any frame rate.
 */
import { headingOf } from './heading.ts';
import { restartRates, restartTurns, shiftMarks, updateRates } from './motion-rates.ts';
import { lengthOf, type Motion } from './motion-state.ts';

/** A step this far beyond what the speed explains is a jump (meters). */
const JUMP_MIN_METERS = 50;
/** A frame longer than this is a stall: what was accelerated in it explains no more (seconds). */
const STALL_SECONDS = 0.25;
/** A turn within one frame this far beyond what the turn rate explains is a cut of the view. */
const VIEW_CUT_RADIANS = Math.PI / 3;

const before = new Float64Array(3);
const step = new Float64Array(3);

/**
 * Takes in the pose of this frame: eye at `at * 3`, quaternion x, y, z, w at `at * 4`. A pose that is
 * not made of finite numbers is passed over (returns false) and the last one stays. Allocates nothing.
 *
 * @param maxAcceleration what one odd measurement may change (meters per second squared)
 */
export function observePose(
  motion: Motion,
  eyes: ArrayLike<number>,
  orientations: ArrayLike<number>,
  at: number,
  dtSeconds: number,
  maxAcceleration: number,
): boolean {
  motion.cut = false;
  motion.viewCut = false;
  motion.observed = false;
  if (!isFinitePose(eyes, orientations, at)) return false;
  for (let axis = 0; axis < 3; axis++) {
    step[axis] = motion.hasPose ? eyes[at * 3 + axis]! - motion.eye[axis]! : 0;
    motion.eye[axis] = eyes[at * 3 + axis]!;
  }
  const { heading } = motion;
  before.set(heading.forward);
  const { yaw, pitch } = heading;
  headingOf(orientations, at * 4, heading);
  motion.odometerMeters += lengthOf(step);
  if (!motion.hasPose || isJump(motion, dtSeconds, maxAcceleration)) {
    motion.hasPose = true;
    motion.cut = true;
    motion.viewCut = true;
    restartRates(motion);
    return true;
  }
  // By the turn rate known so far: an observation in this frame would explain its own cut.
  motion.viewCut = isViewCut(motion, dtSeconds);
  // What moves in no time is put elsewhere, not in motion.
  if (dtSeconds === 0) shiftMarks(motion, step, heading.yaw - yaw, heading.pitch - pitch);
  else updateRates(motion, dtSeconds, maxAcceleration);
  if (motion.viewCut) restartTurns(motion);
  return true;
}

function isFinitePose(
  eyes: ArrayLike<number>,
  orientations: ArrayLike<number>,
  at: number,
): boolean {
  let sum = 0;
  for (let axis = 0; axis < 3; axis++) sum += eyes[at * 3 + axis]! * 0;
  for (let part = 0; part < 4; part++) sum += orientations[at * 4 + part]! * 0;
  return sum === 0;
}

/**
 * Whether this frame's step is a jump: farther than twice the speed, the acceleration and a margin
 * explain. A second step at about the same velocity is not: something really is that fast.
 */
function isJump(motion: Motion, dtSeconds: number, maxAcceleration: number): boolean {
  const { velocity, jump } = motion;
  const seconds = Math.min(dtSeconds, STALL_SECONDS);
  const reach =
    JUMP_MIN_METERS +
    2 * lengthOf(velocity) * dtSeconds +
    0.5 * maxAcceleration * seconds * seconds;
  const moved = lengthOf(step);
  if (moved <= reach) {
    jump.fill(0);
    return false;
  }
  if (dtSeconds === 0) return true;
  let apart = 0;
  for (let axis = 0; axis < 3; axis++) {
    const speed = step[axis]! / dtSeconds;
    apart += (speed - jump[axis]!) ** 2;
    jump[axis] = speed;
  }
  if (Math.sqrt(apart) > (0.5 * moved) / dtSeconds) return true;
  velocity.set(jump);
  return false;
}

/** Never twice in a row: the second of two large turns is a fast spin, and is measured. */
function isViewCut(motion: Motion, dtSeconds: number): boolean {
  const { forward } = motion.heading;
  const cosine = forward[0]! * before[0]! + forward[1]! * before[1]! + forward[2]! * before[2]!;
  const { yawRate, pitchRate } = motion;
  const rate = Math.sqrt(yawRate * yawRate + pitchRate * pitchRate);
  const limit = VIEW_CUT_RADIANS + 2 * rate * dtSeconds;
  const isLarge = limit < Math.PI && cosine < Math.cos(limit);
  const isCut = isLarge && !motion.spinning;
  motion.spinning = isLarge;
  return isCut;
}
