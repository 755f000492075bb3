/**
 * Where a viewpoint will be: its motion carried on at constant turn rate.
 *
 *     turn = clamp(courseRate · 1.5 · (1 − e^(−s/1.5)), ±1.6)     eye = chord of the arc that turns so far
 *     yaw += clamp(yawRate · s, ±1.6)      pitch += pitchRate · 0.5 · (1 − e^(−s/0.5))
 *
 * The first two are those of the measured policy `bc2`. A pitch is bounded and soon ends.
 */
import type { Motion } from './motion-state.ts';

const COURSE_DECAY_SECONDS = 1.5;
const PITCH_DECAY_SECONDS = 0.5;
const MAX_TURN_RADIANS = 1.6;
const MAX_PITCH_RADIANS = Math.PI / 2;

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}

/** How far a camera that turns at a rate is expected to have turned about +y in `seconds` (radians). */
export function turnAtRate(yawRate: number, seconds: number): number {
  return clamp(yawRate * seconds, MAX_TURN_RADIANS);
}

/** Writes the eye expected `times[time]` seconds from now into `out[at..at+2]`. */
export function predictEye(
  motion: Motion,
  times: Float64Array,
  time: number,
  out: Float64Array,
  at: number,
): void {
  const { eye, velocity } = motion;
  const seconds = times[time]!;
  const decayed = COURSE_DECAY_SECONDS * (1 - Math.exp(-seconds / COURSE_DECAY_SECONDS));
  const half = clamp(motion.courseRate * decayed, MAX_TURN_RADIANS) / 2;
  // The chord of an arc: shorter than the arc by sin(a/2)/(a/2), turned by half the angle.
  const chord = Math.abs(half) < 1e-3 ? 1 : Math.sin(half) / half;
  const sin = Math.sin(half) * chord;
  const cos = Math.cos(half) * chord;
  const dx = velocity[0]! * seconds;
  const dz = velocity[2]! * seconds;
  out[at] = eye[0]! + dx * cos + dz * sin;
  out[at + 1] = eye[1]! + velocity[1]! * seconds;
  out[at + 2] = eye[2]! + dz * cos - dx * sin;
}

/**
 * Writes the pose expected `times[time]` seconds from now: eye into `out[at..at+2]`, unit view
 * direction into `out[at+3..at+5]`. Allocates nothing.
 */
export function predictPose(
  motion: Motion,
  times: Float64Array,
  time: number,
  out: Float64Array,
  at: number,
): void {
  const seconds = times[time]!;
  predictEye(motion, times, time, out, at);
  const { heading } = motion;
  const yaw = heading.yaw + turnAtRate(motion.yawRate, seconds);
  const decayed = PITCH_DECAY_SECONDS * (1 - Math.exp(-seconds / PITCH_DECAY_SECONDS));
  const pitch = clamp(heading.pitch + motion.pitchRate * decayed, MAX_PITCH_RADIANS);
  const level = Math.cos(pitch);
  out[at + 3] = -Math.sin(yaw) * level;
  out[at + 4] = Math.sin(pitch);
  out[at + 5] = -Math.cos(yaw) * level;
}
