/** Boxes around streaming volumes, for the tree that finds them, and whether their columns are sound. */
import { type Outlines, type ShapeColumns, VolumeShape } from './volume-shape.ts';

/**
 * Writes center and half extents (meters) of the box around the volume and `reach` meters more on all
 * sides into `out`. The tree keeps 32 bits of each number: the box is wider by more than that rounds.
 */
export function boundVolume(
  columns: ShapeColumns,
  outlines: Outlines,
  entity: number,
  reach: number,
  out: Float64Array,
): void {
  const { shape, center, size, radius } = columns;
  for (let axis = 0; axis < 3; axis++) {
    out[axis] = center[entity * 3 + axis]!;
    out[3 + axis] =
      shape[entity] === VolumeShape.Box ? size[entity * 3 + axis]! / 2 : radius[entity]!;
  }
  if (shape[entity] === VolumeShape.OrientedBox) boundOriented(columns, entity, out);
  else if (shape[entity] === VolumeShape.Capsule) boundCapsule(columns, entity, out);
  else if (shape[entity] === VolumeShape.Prism) boundPrism(columns, outlines, entity, out);
  for (let axis = 0; axis < 3; axis++) {
    const extent = out[3 + axis]! + reach;
    out[3 + axis] = extent + 1e-3 + 1e-6 * (Math.abs(out[axis]!) + extent);
  }
}

/** The axes of the shape as rows: `axes[i * 3 + k]` is coordinate k of local axis i. */
const axes = new Float64Array(9);

function writeAxes(quaternion: Float32Array, at: number): void {
  const x = quaternion[at]!;
  const y = quaternion[at + 1]!;
  const z = quaternion[at + 2]!;
  const w = quaternion[at + 3]!;
  const s = 2 / (x * x + y * y + z * z + w * w);
  axes[0] = 1 - s * (y * y + z * z);
  axes[1] = s * (x * y + w * z);
  axes[2] = s * (x * z - w * y);
  axes[3] = s * (x * y - w * z);
  axes[4] = 1 - s * (x * x + z * z);
  axes[5] = s * (y * z + w * x);
  axes[6] = s * (x * z + w * y);
  axes[7] = s * (y * z - w * x);
  axes[8] = 1 - s * (x * x + y * y);
}

/** Ericson, section 4.2.6: the box around a turned box is that of its absolute axes. */
function boundOriented({ quaternion, size }: ShapeColumns, entity: number, out: Float64Array) {
  writeAxes(quaternion, entity * 4);
  for (let k = 0; k < 3; k++) {
    let extent = 0;
    for (let i = 0; i < 3; i++) extent += (Math.abs(axes[i * 3 + k]!) * size[entity * 3 + i]!) / 2;
    out[3 + k] = extent;
  }
}

function boundCapsule(
  { quaternion, radius, height }: ShapeColumns,
  entity: number,
  out: Float64Array,
) {
  writeAxes(quaternion, entity * 4);
  for (let k = 0; k < 3; k++)
    out[3 + k] = (Math.abs(axes[3 + k]!) * height[entity]!) / 2 + radius[entity]!;
}

function boundPrism(
  { minHeight, maxHeight, outline }: ShapeColumns,
  outlines: Outlines,
  entity: number,
  out: Float64Array,
): void {
  const [minX, minZ, maxX, maxZ] = outlines.get(outline[entity]!)!.bounds;
  out[0]! += (minX + maxX) / 2;
  out[1]! += (minHeight[entity]! + maxHeight[entity]!) / 2;
  out[2]! += (minZ + maxZ) / 2;
  out[3] = (maxX - minX) / 2;
  out[4] = (maxHeight[entity]! - minHeight[entity]!) / 2;
  out[5] = (maxZ - minZ) / 2;
}

/** Whether center and measures of the volume's shape are finite and make a body. */
export function isSoundShape(columns: ShapeColumns, outlines: Outlines, entity: number): boolean {
  const { center, quaternion, size, radius, height, minHeight, maxHeight } = columns;
  const at = entity * 3;
  if (!Number.isFinite(center[at]! + center[at + 1]! + center[at + 2]!)) return false;
  const isRound = radius[entity]! > 0 && radius[entity]! < Number.POSITIVE_INFINITY;
  const hasSize = size[at]! > 0 && size[at + 1]! > 0 && size[at + 2]! > 0;
  const isBox = hasSize && Number.isFinite(size[at]! + size[at + 1]! + size[at + 2]!);
  switch (columns.shape[entity]) {
    case VolumeShape.Sphere:
      return isRound;
    case VolumeShape.Box:
      return isBox;
    case VolumeShape.OrientedBox:
      return isBox && isTurn(quaternion, entity * 4);
    case VolumeShape.Capsule:
      return (
        isRound && height[entity]! >= 0 && height[entity]! < 1e9 && isTurn(quaternion, entity * 4)
      );
    case VolumeShape.Prism:
      return (
        Number.isFinite(maxHeight[entity]! - minHeight[entity]!) &&
        maxHeight[entity]! > minHeight[entity]! &&
        outlines.has(columns.outline[entity]!)
      );
    default:
      return false;
  }
}

/** Whether a quaternion is about as long as 1: anything else is a mistake of whoever wrote it. */
function isTurn(quaternion: Float32Array, at: number): boolean {
  let squared = 0;
  for (let i = 0; i < 4; i++) squared += quaternion[at + i]! * quaternion[at + i]!;
  return Math.abs(Math.sqrt(squared) - 1) < 1e-2;
}
