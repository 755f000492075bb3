/**
 * How large an error in meters looks in pixels, and the distances that follow from it.
 *
 *     errorPx = errorMeters · pixelsPerTangent / distance,   pixelsPerTangent = H / (2 tan(fovY / 2))
 *
 * Based on: Luebke et al. Level of Detail for 3D Graphics. 2003, section 3.2.
 */

/** Pixels that one meter covers at one meter's distance, at the center of the picture. */
export function pixelsPerTangent(heightPixels: number, fovYRadians: number): number {
  return heightPixels / (2 * Math.tan(fovYRadians / 2));
}

/** Distance from an eye to a box, 0 inside it. Box: min x, y, z, max x, y, z at `offset`. */
export function distanceToBox(
  boxes: Float32Array,
  offset: number,
  x: number,
  y: number,
  z: number,
): number {
  const dx = Math.max(boxes[offset]! - x, 0, x - boxes[offset + 3]!);
  const dy = Math.max(boxes[offset + 1]! - y, 0, y - boxes[offset + 4]!);
  const dz = Math.max(boxes[offset + 2]! - z, 0, z - boxes[offset + 5]!);
  return Math.sqrt(dx * dx + dy * dy + dz * dz);
}

/** Distance from an eye to the farthest corner of a box. */
export function distanceToFarCorner(
  boxes: Float32Array,
  offset: number,
  x: number,
  y: number,
  z: number,
): number {
  const dx = Math.max(Math.abs(x - boxes[offset]!), Math.abs(x - boxes[offset + 3]!));
  const dy = Math.max(Math.abs(y - boxes[offset + 1]!), Math.abs(y - boxes[offset + 4]!));
  const dz = Math.max(Math.abs(z - boxes[offset + 2]!), Math.abs(z - boxes[offset + 5]!));
  return Math.sqrt(dx * dx + dy * dy + dz * dz);
}
