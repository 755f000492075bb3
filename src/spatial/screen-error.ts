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

/**
 * The coarsest LOD whose error is at most one threshold at `distance` (both already divided by the
 * placement's scale), with hysteresis: going finer needs `thresholds` passed, going coarser needs
 * them passed by the factor `slack`.
 *
 * @param thresholds per LOD, the distance within which that LOD is too coarse; falling with detail
 * @param offset where the asset's five thresholds begin
 * @param current the LOD selected before, or -1
 */
export function selectLod(
  thresholds: Float64Array,
  offset: number,
  lodCount: number,
  distance: number,
  current: number,
  slack: number,
): number {
  let lod = lodCount - 1;
  while (lod > 0) {
    const threshold = thresholds[offset + lod]!;
    // A LOD coarser than the current one must clear the threshold with room to spare.
    const needed = current >= 0 && lod > current ? threshold * slack : threshold;
    if (distance >= needed) break;
    lod--;
  }
  return lod;
}
