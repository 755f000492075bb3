/**
 * Squared distance from a point to a triangle.
 *
 * Based on: Ericson. Real-Time Collision Detection. 2005. Section 5.1.5.
 */

/** @param triangles nine numbers per triangle: three corners. Allocates nothing. */
export function squaredDistanceToTriangle(
  triangles: Float32Array,
  at: number,
  px: number,
  py: number,
  pz: number,
): number {
  const ax = triangles[at]!;
  const ay = triangles[at + 1]!;
  const az = triangles[at + 2]!;
  const abx = triangles[at + 3]! - ax;
  const aby = triangles[at + 4]! - ay;
  const abz = triangles[at + 5]! - az;
  const acx = triangles[at + 6]! - ax;
  const acy = triangles[at + 7]! - ay;
  const acz = triangles[at + 8]! - az;
  const apx = px - ax;
  const apy = py - ay;
  const apz = pz - az;
  const d1 = abx * apx + aby * apy + abz * apz;
  const d2 = acx * apx + acy * apy + acz * apz;
  if (d1 <= 0 && d2 <= 0) return apx * apx + apy * apy + apz * apz;
  const bpx = apx - abx;
  const bpy = apy - aby;
  const bpz = apz - abz;
  const d3 = abx * bpx + aby * bpy + abz * bpz;
  const d4 = acx * bpx + acy * bpy + acz * bpz;
  if (d3 >= 0 && d4 <= d3) return bpx * bpx + bpy * bpy + bpz * bpz;
  const cpx = apx - acx;
  const cpy = apy - acy;
  const cpz = apz - acz;
  const d5 = abx * cpx + aby * cpy + abz * cpz;
  const d6 = acx * cpx + acy * cpy + acz * cpz;
  if (d6 >= 0 && d5 <= d6) return cpx * cpx + cpy * cpy + cpz * cpz;
  const vc = d1 * d4 - d3 * d2;
  const vb = d5 * d2 - d1 * d6;
  const va = d3 * d6 - d5 * d4;
  let v: number;
  let w: number;
  if (vc <= 0 && d1 >= 0 && d3 <= 0) {
    v = d1 / (d1 - d3);
    w = 0;
  } else if (vb <= 0 && d2 >= 0 && d6 <= 0) {
    v = 0;
    w = d2 / (d2 - d6);
  } else if (va <= 0 && d4 - d3 >= 0 && d5 - d6 >= 0) {
    w = (d4 - d3) / (d4 - d3 + (d5 - d6));
    v = 1 - w;
  } else {
    const scale = 1 / (va + vb + vc);
    v = vb * scale;
    w = vc * scale;
  }
  const x = apx - abx * v - acx * w;
  const y = apy - aby * v - acy * w;
  const z = apz - abz * v - acz * w;
  const squared = x * x + y * y + z * z;
  if (squared >= 0) return squared;
  // A triangle without area divides by zero: its corners are then close enough to all of it.
  const a = apx * apx + apy * apy + apz * apz;
  return Math.min(a, bpx * bpx + bpy * bpy + bpz * bpz, cpx * cpx + cpy * cpy + cpz * cpz);
}
