/** Distances to the shapes of streaming volumes: negative or 0 inside, meters outside. */

/** Shapes a `StreamingVolume` may have. */
export const VolumeShape = { Sphere: 0, Box: 1 } as const;
export type VolumeShape = (typeof VolumeShape)[keyof typeof VolumeShape];

/** Meters from a point to a sphere's surface; negative inside. */
export function distanceToSphere(dx: number, dy: number, dz: number, radius: number): number {
  return Math.sqrt(dx * dx + dy * dy + dz * dz) - radius;
}

/** Meters from a point to an axis-aligned box with the given full edge lengths; 0 inside. */
export function distanceToAxisBox(
  dx: number,
  dy: number,
  dz: number,
  sizeX: number,
  sizeY: number,
  sizeZ: number,
): number {
  const x = Math.max(0, Math.abs(dx) - sizeX / 2);
  const y = Math.max(0, Math.abs(dy) - sizeY / 2);
  const z = Math.max(0, Math.abs(dz) - sizeZ / 2);
  return Math.sqrt(x * x + y * y + z * z);
}
