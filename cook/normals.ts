/**
 * Normals for meshes that come without: faces that meet at less than the crease angle share a
 * smooth normal, sharper edges stay sharp.
 */
import { normalize } from './matrix.ts';

const CREASE_COS: number = Math.cos((40 * Math.PI) / 180);

/** @param positions three corners per triangle, unshared. @returns one unit normal per corner */
export function generateNormals(positions: Float32Array): Float32Array {
  const faceCount = positions.length / 9;
  // Length is twice the area: large faces weigh more.
  const faces = new Float32Array(faceCount * 3);
  for (let face = 0; face < faceCount; face++) faceNormal(positions, face * 9, faces, face * 3);
  const units = faces.slice();
  normalize(units);

  const cornersAt = new Map<string, number[]>();
  const keys: string[] = [];
  for (let corner = 0; corner < faceCount * 3; corner++) {
    const at = corner * 3;
    const key = `${positions[at]},${positions[at + 1]},${positions[at + 2]}`;
    keys.push(key);
    const list = cornersAt.get(key);
    if (list) list.push(corner);
    else cornersAt.set(key, [corner]);
  }
  const normals = new Float32Array(positions.length);
  for (let corner = 0; corner < faceCount * 3; corner++) {
    const own = Math.floor(corner / 3) * 3;
    for (const other of cornersAt.get(keys[corner]!)!) {
      const face = Math.floor(other / 3) * 3;
      const cos =
        units[own]! * units[face]! +
        units[own + 1]! * units[face + 1]! +
        units[own + 2]! * units[face + 2]!;
      if (cos < CREASE_COS) continue;
      for (let c = 0; c < 3; c++)
        normals[corner * 3 + c] = normals[corner * 3 + c]! + faces[face + c]!;
    }
  }
  normalize(normals);
  return normals;
}

function faceNormal(p: Float32Array, a: number, out: Float32Array, at: number): void {
  const [ux, uy, uz] = [p[a + 3]! - p[a]!, p[a + 4]! - p[a + 1]!, p[a + 5]! - p[a + 2]!];
  const [vx, vy, vz] = [p[a + 6]! - p[a]!, p[a + 7]! - p[a + 1]!, p[a + 8]! - p[a + 2]!];
  out[at] = uy * vz - uz * vy;
  out[at + 1] = uz * vx - ux * vz;
  out[at + 2] = ux * vy - uy * vx;
}
