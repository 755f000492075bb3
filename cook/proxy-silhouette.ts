/**
 * What a model covers when it is seen from the side, as a proxy mostly is: its area, and how wide it
 * is at each height. Cut-out texels cover nothing. Simplified leaves shrink and hulls swell; with
 * this a proxy covers what its models cover, so that a wood stays as dense as it is.
 */
import type { MeshPart } from './model.ts';

export interface Silhouette {
  /** Mean over the directions (square meters). */
  area: number;
  /** Covered width of each row from the lowest to the highest (meters), mean over the directions. */
  widths: Float64Array;
}

/** An upright cylinder that holds whatever is compared (meters). */
export interface Frame {
  x: number;
  z: number;
  radius: number;
  minY: number;
  maxY: number;
}

/** Rows and columns of a picture. */
const SIDE = 64;

/** Views from around; not along the axes, where boxes show one face alone. */
const ANGLES: readonly number[] = [1, 3, 5, 7].map((eighth) => (eighth * Math.PI) / 8);

/** Whether a point of a part covers what is behind it. */
export type SolidTest = (part: MeshPart, u: number, v: number) => boolean;

/** @param isSolid null: everything is */
export function silhouetteOf(
  parts: readonly MeshPart[],
  frame: Frame,
  isSolid: SolidTest | null,
): Silhouette {
  const rowMeters = Math.max(1e-9, frame.maxY - frame.minY) / SIDE;
  const columnMeters = Math.max(1e-9, 2 * frame.radius) / SIDE;
  const widths = new Float64Array(SIDE);
  const picture = new Uint8Array(SIDE * SIDE);
  for (const angle of ANGLES) {
    picture.fill(0);
    for (const part of parts) draw(part, frame, angle, isSolid, picture);
    for (let row = 0; row < SIDE; row++) {
      const covered = picture.subarray(row * SIDE, row * SIDE + SIDE).reduce((n, v) => n + v, 0);
      widths[row]! += (covered * columnMeters) / ANGLES.length;
    }
  }
  return { area: widths.reduce((sum, width) => sum + width * rowMeters, 0), widths };
}

/** Sets the pixels whose centers a part covers. */
function draw(
  part: MeshPart,
  { x, z, radius, minY, maxY }: Frame,
  angle: number,
  isSolid: SolidTest | null,
  picture: Uint8Array,
): void {
  const { positions: p, uvs, index } = part;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const across = (v: number): number =>
    (((p[v * 3]! - x) * cos + (p[v * 3 + 2]! - z) * sin) / radius + 1) * (SIDE / 2);
  const up = (v: number): number => ((p[v * 3 + 1]! - minY) / (maxY - minY)) * SIDE;
  for (let i = 0; i < index.length; i += 3) {
    const [a, b, c] = [index[i]!, index[i + 1]!, index[i + 2]!];
    const [ax, bx, cx] = [across(a), across(b), across(c)];
    const [ay, by, cy] = [up(a), up(b), up(c)];
    const twice = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
    if (twice === 0) continue;
    const left = Math.max(0, Math.ceil(Math.min(ax, bx, cx) - 0.5));
    const right = Math.min(SIDE - 1, Math.floor(Math.max(ax, bx, cx) - 0.5));
    const low = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5));
    const high = Math.min(SIDE - 1, Math.floor(Math.max(ay, by, cy) - 0.5));
    for (let row = low; row <= high; row++)
      for (let column = left; column <= right; column++) {
        if (picture[row * SIDE + column]) continue;
        const [px, py] = [column + 0.5, row + 0.5];
        const wb = ((px - ax) * (cy - ay) - (cx - ax) * (py - ay)) / twice;
        const wc = ((bx - ax) * (py - ay) - (px - ax) * (by - ay)) / twice;
        const wa = 1 - wb - wc;
        if (wa < 0 || wb < 0 || wc < 0) continue;
        const uv = (n: 0 | 1): number =>
          uvs ? uvs[a * 2 + n]! * wa + uvs[b * 2 + n]! * wb + uvs[c * 2 + n]! * wc : 0;
        if (!isSolid || isSolid(part, uv(0), uv(1))) picture[row * SIDE + column] = 1;
      }
  }
}
