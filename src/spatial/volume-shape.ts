/**
 * Signed distances to the shapes of streaming volumes: meters to the surface, negative inside, exact
 * everywhere. That they are exact is what lets a volume be left alone until a viewpoint has traveled as
 * far as its border is away: a distance never changes by more than the point moves.
 *
 * Based on: Inigo Quilez. Distance functions (sdSphere, sdBox, sdCapsule, opExtrusion) and 2D distance
 * functions (sdPolygon). iquilezles.org. Rotation of a point: Ericson. Real-Time Collision Detection.
 * 2005, section 4.4 (into the frame of an oriented box).
 */

/** Shapes a `StreamingVolume` may have. */
export const VolumeShape = { Sphere: 0, Box: 1, OrientedBox: 2, Capsule: 3, Prism: 4 } as const;
export type VolumeShape = (typeof VolumeShape)[keyof typeof VolumeShape];

/** Columns that say where a volume is and how large; rows are entity ids. Lengths in meters. */
export interface ShapeColumns {
  shape: Uint8Array;
  center: Float32Array;
  quaternion: Float32Array;
  radius: Float32Array;
  size: Float32Array;
  height: Float32Array;
  minHeight: Float32Array;
  maxHeight: Float32Array;
  outline: Uint32Array;
}

/** A polygon on the ground plane: x, z of each corner (meters, from the center of the volume). */
export interface Outline {
  points: Float64Array;
  /** Min x, z, max x, z. */
  bounds: readonly [number, number, number, number];
}

export type Outlines = ReadonlyMap<number, Outline>;

/** The point of which the distance is asked, from the center and then in the frame of the shape. */
const local = new Float64Array(3);

/**
 * Writes the distance of the point at `points[at]` (x, y, z) to the volume into `out[0]`. Infinity for a
 * prism whose outline is not defined. Allocates nothing.
 */
export function measureVolume(
  columns: ShapeColumns,
  outlines: Outlines,
  entity: number,
  points: Float64Array,
  at: number,
  out: Float64Array,
): void {
  for (let axis = 0; axis < 3; axis++)
    local[axis] = points[at + axis]! - columns.center[entity * 3 + axis]!;
  switch (columns.shape[entity]) {
    case VolumeShape.Sphere:
      out[0] = lengthOf(local[0]!, local[1]!, local[2]!) - columns.radius[entity]!;
      return;
    case VolumeShape.Box:
      measureBox(columns.size, entity, out);
      return;
    case VolumeShape.OrientedBox:
      intoFrame(columns.quaternion, entity * 4);
      measureBox(columns.size, entity, out);
      return;
    case VolumeShape.Capsule:
      intoFrame(columns.quaternion, entity * 4);
      measureCapsule(columns.radius[entity]!, columns.height[entity]! / 2, out);
      return;
    default:
      measurePrism(columns, outlines.get(columns.outline[entity]!), entity, out);
  }
}

function lengthOf(x: number, y: number, z: number): number {
  return Math.sqrt(x * x + y * y + z * z);
}

/** Turns `local` by the inverse of a quaternion of any length but 0. */
function intoFrame(quaternion: Float32Array, at: number): void {
  const qx = -quaternion[at]!;
  const qy = -quaternion[at + 1]!;
  const qz = -quaternion[at + 2]!;
  const qw = quaternion[at + 3]!;
  const scale = 2 / (qx * qx + qy * qy + qz * qz + qw * qw);
  const x = local[0]!;
  const y = local[1]!;
  const z = local[2]!;
  const tx = (qy * z - qz * y) * scale;
  const ty = (qz * x - qx * z) * scale;
  const tz = (qx * y - qy * x) * scale;
  local[0] = x + qw * tx + qy * tz - qz * ty;
  local[1] = y + qw * ty + qz * tx - qx * tz;
  local[2] = z + qw * tz + qx * ty - qy * tx;
}

function measureBox(size: Float32Array, entity: number, out: Float64Array): void {
  const x = Math.abs(local[0]!) - size[entity * 3]! / 2;
  const y = Math.abs(local[1]!) - size[entity * 3 + 1]! / 2;
  const z = Math.abs(local[2]!) - size[entity * 3 + 2]! / 2;
  const outside = lengthOf(Math.max(x, 0), Math.max(y, 0), Math.max(z, 0));
  out[0] = outside + Math.min(Math.max(x, y, z), 0);
}

/** Around the segment of the y axis from -`half` to `half`. */
function measureCapsule(radius: number, half: number, out: Float64Array): void {
  const y = local[1]! - Math.max(-half, Math.min(half, local[1]!));
  out[0] = lengthOf(local[0]!, y, local[2]!) - radius;
}

function measurePrism(
  { minHeight, maxHeight }: ShapeColumns,
  outline: Outline | undefined,
  entity: number,
  out: Float64Array,
): void {
  if (!outline) {
    out[0] = Number.POSITIVE_INFINITY;
    return;
  }
  measureOutline(outline.points, out);
  const side = out[0]!;
  const end = Math.max(minHeight[entity]! - local[1]!, local[1]! - maxHeight[entity]!);
  const outside = lengthOf(Math.max(side, 0), Math.max(end, 0), 0);
  out[0] = outside + Math.min(Math.max(side, end), 0);
}

/** Distance of x and z of `local` to the polygon: the nearest edge, inside by the parity of crossings. */
function measureOutline(points: Float64Array, out: Float64Array): void {
  const x = local[0]!;
  const z = local[2]!;
  let nearest = Number.POSITIVE_INFINITY;
  let isInside = false;
  for (let i = 0, j = points.length - 2; i < points.length; j = i, i += 2) {
    const ex = points[j]! - points[i]!;
    const ez = points[j + 1]! - points[i + 1]!;
    const wx = x - points[i]!;
    const wz = z - points[i + 1]!;
    const share = Math.max(0, Math.min(1, (wx * ex + wz * ez) / (ex * ex + ez * ez)));
    const bx = wx - ex * share;
    const bz = wz - ez * share;
    nearest = Math.min(nearest, bx * bx + bz * bz);
    if (points[i + 1]! > z !== points[j + 1]! > z && wx < (ex * wz) / ez) isInside = !isInside;
  }
  out[0] = isInside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
}
