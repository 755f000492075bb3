/**
 * A growing triangle mesh: positions, normals, uvs, colors (vertex shade), indices. Every shape of
 * the demo world is pushed into one of these and written as one primitive.
 */
import type { Vector3 } from '../types.ts';

export interface Mesh {
  positions: number[];
  normals: number[];
  uvs: number[];
  /** Linear r, g, b in [0, 1] that multiply the texture. */
  colors: number[];
  indices: number[];
}

/** A rectangle of a texture: u0, v0, u1, v1. */
export type Region = readonly [number, number, number, number];

export function createMesh(): Mesh {
  return { positions: [], normals: [], uvs: [], colors: [], indices: [] };
}

export function vertexCount(mesh: Mesh): number {
  return mesh.positions.length / 3;
}

/** Appends a vertex and returns its index. */
export function vertex(
  mesh: Mesh,
  p: Vector3,
  n: Vector3,
  u: number,
  v: number,
  shade: number | Vector3 = 1,
): number {
  const index = mesh.positions.length / 3;
  mesh.positions.push(p[0], p[1], p[2]);
  mesh.normals.push(n[0], n[1], n[2]);
  mesh.uvs.push(u, v);
  if (typeof shade === 'number') mesh.colors.push(shade, shade, shade);
  else mesh.colors.push(shade[0], shade[1], shade[2]);
  return index;
}

export function triangle(mesh: Mesh, a: number, b: number, c: number): void {
  mesh.indices.push(a, b, c);
}

/** A flat quad a, b, c, d counterclockwise, its corners on the region's corners from lower left. */
export function quad(
  mesh: Mesh,
  corners: readonly [Vector3, Vector3, Vector3, Vector3],
  region: Region,
  shade: number | Vector3 | readonly [number, number, number, number] = 1,
): void {
  const [a, b, c, d] = corners;
  const n = normalize(cross(subtract(b, a), subtract(d, a)));
  const [u0, v0, u1, v1] = region;
  const tone = (corner: number): number | Vector3 =>
    typeof shade !== 'number' && shade.length === 4 ? shade[corner]! : (shade as number | Vector3);
  const i = vertex(mesh, a, n, u0, v1, tone(0));
  vertex(mesh, b, n, u1, v1, tone(1));
  vertex(mesh, c, n, u1, v0, tone(2));
  vertex(mesh, d, n, u0, v0, tone(3));
  triangle(mesh, i, i + 1, i + 2);
  triangle(mesh, i, i + 2, i + 3);
}

export function add(a: Vector3, b: Vector3): Vector3 {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

export function subtract(a: Vector3, b: Vector3): Vector3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

export function times(a: Vector3, factor: number): Vector3 {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

export function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function normalize(a: Vector3): Vector3 {
  const length = Math.hypot(a[0], a[1], a[2]) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
}

export function blend(a: Vector3, b: Vector3, t: number): Vector3 {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

/** Two unit vectors across `axis`. */
export function frame(axis: Vector3): [Vector3, Vector3] {
  const other: Vector3 = Math.abs(axis[1]) < 0.95 ? [0, 1, 0] : [1, 0, 0];
  const side = normalize(cross(other, axis));
  return [side, cross(axis, side)];
}
