/** Drives a motion filter along a path given as a function of time. */
import { observePose } from '../../src/spatial/motion.ts';
import { createMotion, type Motion } from '../../src/spatial/motion-state.ts';

export interface PathPose {
  eye: readonly [number, number, number];
  yaw?: number;
  pitch?: number;
}

/** Yaw about +y, then pitch about the camera's own x. */
export function turned(yaw: number, pitch: number = 0): [number, number, number, number] {
  const [sy, cy] = [Math.sin(yaw / 2), Math.cos(yaw / 2)];
  const [sp, cp] = [Math.sin(pitch / 2), Math.cos(pitch / 2)];
  return [cy * sp, sy * cp, -sy * sp, cy * cp];
}

export function forwardOf(yaw: number, pitch: number = 0): [number, number, number] {
  const level = Math.cos(pitch);
  return [-Math.sin(yaw) * level, Math.sin(pitch), -Math.cos(yaw) * level];
}

export function see(
  motion: Motion,
  pose: PathPose,
  dtSeconds: number,
  maxAcceleration: number = 200,
): boolean {
  const orientation = turned(pose.yaw ?? 0, pose.pitch ?? 0);
  return observePose(motion, pose.eye, orientation, 0, dtSeconds, maxAcceleration);
}

/** Flies `seconds` of a path in steps; `dt` may be a function of the frame. Returns the end time. */
export function fly(
  motion: Motion,
  path: (seconds: number) => PathPose,
  seconds: number,
  dt: number | ((frame: number) => number),
): number {
  let time = 0;
  see(motion, path(0), 0);
  for (let frame = 0; time < seconds - 1e-9; frame++) {
    const step = typeof dt === 'number' ? dt : dt(frame);
    time += step;
    see(motion, path(time), step);
  }
  return time;
}

export function flown(...args: [(seconds: number) => PathPose, number, number]): Motion {
  const motion = createMotion();
  fly(motion, ...args);
  return motion;
}
