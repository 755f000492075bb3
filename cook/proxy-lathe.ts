/**
 * A turned body for what simplification makes shards of: crowns of leaf cards. A few sides around
 * the axis, as wide at each height as the model is, its colors from bottom to top in one small tile.
 */
import type { MeshPart } from './model.ts';
import type { Frame, Sight } from './proxy-silhouette.ts';

export interface LatheShape {
  sides: number;
  /** Rings between the foot and the top, which are points; 0: one ring at the foot. */
  rings: number;
}

/** From finer to coarser: 24, 12, 8, 6 and, a cone without a bottom, 3 triangles. */
export const LATHES: readonly LatheShape[] = [
  { sides: 4, rings: 3 },
  { sides: 3, rings: 2 },
  { sides: 4, rings: 1 },
  { sides: 3, rings: 1 },
  { sides: 3, rings: 0 },
];

/** @param surface row of the surface whose tile shows the colors by height */
export function latheOf(
  { widths, rise }: Sight,
  { x, z, minY, maxY }: Frame,
  { sides, rings }: LatheShape,
  surface: number,
): MeshPart {
  // Around a body the mean of the normals toward whoever looks is pi / 4.
  const slope = rise * (Math.PI / 4);
  const out = 1 / Math.hypot(1, slope);
  const positions: number[] = [];
  const normals: number[] = [];
  const uvs: number[] = [];
  const addRing = (share: number, width: number): void => {
    // Of a polygon the width, seen from around, is less than twice its radius.
    const radius = width / 2 / ((sides / Math.PI) * Math.sin(Math.PI / sides));
    for (let side = 0; side < sides; side++) {
      const angle = (side / sides) * 2 * Math.PI;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      positions.push(x + c * radius, minY + share * (maxY - minY), z + s * radius);
      normals.push(c * out, out * slope, s * out);
      // From the middle of the lowest texel to that of the highest: beyond them the tile repeats.
      uvs.push(0.5, 0.875 - 0.75 * share);
    }
  };
  const rows = widths.length;
  const mean = widths.reduce((sum, width) => sum + width, 0) / rows;
  // A triangle is half as large as the box around it.
  if (rings === 0) addRing(0, 2 * mean);
  else {
    positions.push(x, minY, z);
    normals.push(0, -1, 0);
    uvs.push(0.5, 0.875);
    for (const row of ringRows(widths, rings)) addRing((row + 0.5) / rows, widths[row]!);
  }
  const top = positions.push(x, maxY, z) / 3 - 1;
  normals.push(0, 1, 0);
  uvs.push(0.5, 0.125);
  const index: number[] = [];
  for (let side = 0; side < sides; side++) {
    const first = rings === 0 ? 0 : 1;
    const [a, b] = [first + side, first + ((side + 1) % sides)];
    if (rings > 0) index.push(0, a, b);
    for (let ring = 1; ring < rings; ring++) {
      const [low, high] = [(ring - 1) * sides, ring * sides];
      index.push(a + low, a + high, b + low, b + low, a + high, b + high);
    }
    const last = Math.max(0, rings - 1) * sides;
    index.push(a + last, top, b + last);
  }
  return {
    material: surface,
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
    // A cone is widest where the model may be a trunk: it has one color.
    uvs: rings === 0 ? null : Float32Array.from(uvs),
    uvs1: null,
    colors: null,
    extras: [],
    index: Uint32Array.from(index),
  };
}

/** Where the rings are: one at the widest place, others so that they part the area evenly. */
function ringRows(widths: Float64Array, rings: number): number[] {
  const total = widths.reduce((sum, width) => sum + width, 0);
  if (rings === 1) return [widths.indexOf(widths.reduce((a, b) => Math.max(a, b), 0))];
  const rows: number[] = [];
  let sum = 0;
  widths.forEach((width, row) => {
    sum += width;
    const share = (rows.length + 0.5) / rings;
    if (rows.length < rings && sum >= share * total) rows.push(row);
  });
  while (rows.length < rings) rows.push(widths.length - 1);
  return rows;
}
