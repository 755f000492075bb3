/**
 * View frusta as plane columns: 6 planes × (nx, ny, nz, d), normals pointing inward, so that a
 * point is inside where `n·p + d >= 0` for all six.
 *
 * Based on: Gribb, Hartmann. Fast extraction of viewing frustum planes. 2001 (the sign convention);
 * Assarsson, Möller. Optimized view frustum culling algorithms. 2000 (the box test).
 */

/** Numbers per frustum. */
export const FRUSTUM_STRIDE = 24;

/** Where a box lies. */
export const Side = { Outside: 0, Intersects: 1, Inside: 2 } as const;
export type Side = (typeof Side)[keyof typeof Side];

/** What a frustum is built from. The camera looks along its own -z; +y is up. */
export interface FrustumPose {
  /** Eye x, y, z (meters). */
  eye: ArrayLike<number>;
  /** Unit quaternion x, y, z, w. */
  orientation: ArrayLike<number>;
  /** Where it begins; 0 if left out. */
  orientationOffset?: number;
  fovYRadians: number;
  /** Width ÷ height. */
  aspect: number;
  farMeters: number;
}

/** Rotates (x, y, z) by the quaternion `q` at `offset` into `out` (3 numbers). */
export function rotate(
  q: ArrayLike<number>,
  offset: number,
  x: number,
  y: number,
  z: number,
  out: Float64Array,
): void {
  const qx = q[offset]!;
  const qy = q[offset + 1]!;
  const qz = q[offset + 2]!;
  const qw = q[offset + 3]!;
  const tx = 2 * (qy * z - qz * y);
  const ty = 2 * (qz * x - qx * z);
  const tz = 2 * (qx * y - qy * x);
  out[0] = x + qw * tx + qy * tz - qz * ty;
  out[1] = y + qw * ty + qz * tx - qx * tz;
  out[2] = z + qw * tz + qx * ty - qy * tx;
}

const right = new Float64Array(3);
const up = new Float64Array(3);
const back = new Float64Array(3);

/**
 * Writes the six planes of a pose at `offset` of `planes`. The near plane passes the eye. Allocates
 * nothing.
 */
export function writeFrustum(planes: Float64Array, offset: number, pose: FrustumPose): void {
  const { eye, orientation } = pose;
  const first = pose.orientationOffset ?? 0;
  rotate(orientation, first, 1, 0, 0, right);
  rotate(orientation, first, 0, 1, 0, up);
  rotate(orientation, first, 0, 0, 1, back);
  const tanY = Math.tan(pose.fovYRadians / 2);
  const tanX = tanY * pose.aspect;
  const lengthX = Math.sqrt(1 + tanX * tanX);
  const lengthY = Math.sqrt(1 + tanY * tanY);
  for (let axis = 0; axis < 3; axis++) {
    const at = offset + axis;
    const aside = right[axis]! / lengthX;
    const above = up[axis]! / lengthY;
    const behindX = (back[axis]! * tanX) / lengthX;
    const behindY = (back[axis]! * tanY) / lengthY;
    planes[at] = aside - behindX;
    planes[at + 4] = -aside - behindX;
    planes[at + 8] = above - behindY;
    planes[at + 12] = -above - behindY;
    planes[at + 16] = -back[axis]!;
    planes[at + 20] = back[axis]!;
  }
  for (let at = offset; at < offset + FRUSTUM_STRIDE; at += 4)
    planes[at + 3] = -(
      planes[at]! * eye[0]! +
      planes[at + 1]! * eye[1]! +
      planes[at + 2]! * eye[2]!
    );
  planes[offset + 23] = planes[offset + 23]! + pose.farMeters;
}

/** Writes the six planes of a cube about an eye, for a viewpoint that looks everywhere. */
export function writeCube(
  planes: Float64Array,
  offset: number,
  eye: ArrayLike<number>,
  halfMeters: number,
): void {
  for (let i = 0; i < 6; i++) {
    const axis = i >> 1;
    const sign = i % 2 === 0 ? 1 : -1;
    const at = offset + i * 4;
    planes.fill(0, at, at + 3);
    planes[at + axis] = sign;
    planes[at + 3] = halfMeters - sign * eye[axis]!;
  }
}

/**
 * Classifies a box given by center and half extents against the frustum at `offset`. Never says
 * Outside of a box that is visible; may say Intersects of one just outside an edge.
 */
export function classifyBox(
  planes: Float64Array,
  offset: number,
  cx: number,
  cy: number,
  cz: number,
  hx: number,
  hy: number,
  hz: number,
): Side {
  let side: Side = Side.Inside;
  for (let at = offset; at < offset + FRUSTUM_STRIDE; at += 4) {
    const nx = planes[at]!;
    const ny = planes[at + 1]!;
    const nz = planes[at + 2]!;
    const distance = nx * cx + ny * cy + nz * cz + planes[at + 3]!;
    const reach = Math.abs(nx) * hx + Math.abs(ny) * hy + Math.abs(nz) * hz;
    if (distance < -reach) return Side.Outside;
    if (distance < reach) side = Side.Intersects;
  }
  return side;
}
