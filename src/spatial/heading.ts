/** Where a camera looks, as the two angles that players turn it by. */
import { rotate } from './frustum.ts';

/** A direction of view. */
export interface Heading {
  /** Unit vector. */
  forward: Float64Array;
  /** Radians about +y; 0 looks down -z, positive turns left. In (-π, π]. */
  yaw: number;
  /** Radians above the horizon. */
  pitch: number;
}

/** Nearer to straight up or down than this, yaw is read from the camera's up vector (cosine). */
const STEEP = 0.2;

const up = new Float64Array(3);

/**
 * Reads the heading of a quaternion x, y, z, w at `offset`. The yaw stays what it was while the camera
 * pitches through straight up or down, where the forward vector alone has none.
 */
export function headingOf(quaternion: ArrayLike<number>, offset: number, out: Heading): void {
  const { forward } = out;
  rotate(quaternion, offset, 0, 0, -1, forward);
  // A quaternion that is only nearly a unit scales what it turns.
  const fx = forward[0]!;
  const fy = forward[1]!;
  const fz = forward[2]!;
  const length = Math.sqrt(fx * fx + fy * fy + fz * fz);
  for (let axis = 0; axis < 3; axis++) forward[axis] = forward[axis]! / length;
  let x = forward[0]!;
  let z = forward[2]!;
  if (Math.sqrt(x * x + z * z) < STEEP) {
    rotate(quaternion, offset, 0, 1, 0, up);
    const sign = forward[1]! > 0 ? -1 : 1;
    x = sign * up[0]!;
    z = sign * up[2]!;
  }
  out.yaw = Math.atan2(-x, -z);
  out.pitch = Math.asin(Math.max(-1, Math.min(1, forward[1]!)));
}

/** An angle moved into (-π, π]. */
export function wrapRadians(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}
