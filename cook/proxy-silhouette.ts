/**
 * What is seen of a model from the sides, as a proxy mostly is: the area that it covers, how wide it
 * is at each height, its colors and how far its surface looks up. Cut-out texels cover nothing, and
 * what is hidden has no color. Simplified leaves shrink and hulls swell; with this a proxy covers
 * what its models cover, so that a wood stays as dense as it is.
 */
import type { MeshPart } from './model.ts';
import { LightSum, type Rgb } from './proxy-light.ts';

export interface Silhouette {
  /** Mean over the directions (square meters). */
  area: number;
  /** Covered width of each row from the lowest to the highest (meters), mean over the directions. */
  widths: Float64Array;
}

/** Where a model is at one height, along one axis (meters). */
export interface Extent {
  middle: number;
  width: number;
}

/** What is seen beside the outline. */
export interface Sight extends Silhouette {
  /** By material of the parts; vertex colors apart. */
  materials: Map<number, LightSum>;
  /** By row, from the lowest up; with vertex colors. */
  rows: LightSum[];
  /** By row, where it is along x and z. */
  alongX: Extent[];
  alongZ: Extent[];
  /** Mean of the normals: up, for one toward whoever looks. */
  rise: number;
}

/** An upright cylinder that holds whatever is compared (meters). */
export interface Frame {
  x: number;
  z: number;
  radius: number;
  minY: number;
  maxY: number;
}

/** What materials do at a point of a texture. */
export interface Look {
  /** Whether it covers what is behind. */
  isSolid(part: MeshPart, u: number, v: number): boolean;
  lightAt(part: MeshPart, u: number, v: number): Rgb;
  /** Turns toward whoever looks. */
  isTwoSided(part: MeshPart): boolean;
}

/** Rows and columns of a picture. */
const SIDE = 64;

/** Views from around; not along the axes, where boxes show one face alone. */
const ANGLES: readonly number[] = [1, 3, 5, 7].map((eighth) => (eighth * Math.PI) / 8);

/** Steepest and flattest surface that a turned body may get. */
const MOST_RISE = 3;

/** Nearest part of each pixel (-1: none), first corner of its triangle there, and where in it. */
interface Picture {
  parts: Int32Array;
  corners: Int32Array;
  depths: Float64Array;
  second: Float64Array;
  third: Float64Array;
}

export function silhouetteOf(parts: readonly MeshPart[], frame: Frame): Silhouette {
  const widths = new Float64Array(SIDE);
  for (const angle of ANGLES) addWidths(picture(parts, frame, angle, null), frame, widths);
  return { widths, area: areaOf(widths, frame) };
}

export function lookAt(parts: readonly MeshPart[], frame: Frame, look: Look): Sight {
  const widths = new Float64Array(SIDE);
  const materials = new Map<number, LightSum>();
  const rows = Array.from({ length: SIDE }, () => new LightSum());
  let [toward, up] = [0, 0];
  for (const angle of ANGLES) {
    const seen = picture(parts, frame, angle, look);
    addWidths(seen, frame, widths);
    const [ahead, side] = [-Math.sin(angle), Math.cos(angle)];
    for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
      const part = parts[seen.parts[pixel]!];
      if (!part) continue;
      const mix = mixer(part, seen, pixel);
      const light = look.lightAt(part, mix(part.uvs, 2, 0, 0), mix(part.uvs, 2, 1, 0));
      const own = materials.get(part.material) ?? new LightSum();
      materials.set(part.material, own);
      own.add(light);
      const tinted = light.map((v, c) => v * mix(part.colors, 4, c, 1)) as Rgb;
      rows[Math.floor(pixel / SIDE)]!.add(tinted);
      const [nx, ny, nz] = [0, 1, 2].map((c) => mix(part.normals, 3, c, 0)) as Rgb;
      const facing = -(nx * ahead + nz * side);
      const sign = facing < 0 && look.isTwoSided(part) ? -1 : 1;
      toward += facing * sign;
      up += ny * sign;
    }
  }
  const rise = toward > 0 ? Math.min(MOST_RISE, Math.max(0, up / toward)) : 1;
  const alongX = extentsOf(picture(parts, frame, 0, look), frame.x, frame);
  const alongZ = extentsOf(picture(parts, frame, Math.PI / 2, look), frame.z, frame);
  return { widths, area: areaOf(widths, frame), materials, rows, alongX, alongZ, rise };
}

/** What each row covers, as one stretch around its middle. */
function extentsOf({ parts }: Picture, center: number, { radius }: Frame): Extent[] {
  const columnMeters = (2 * radius) / SIDE;
  return Array.from({ length: SIDE }, (_, row) => {
    let [count, sum] = [0, 0];
    for (let column = 0; column < SIDE; column++) {
      if (parts[row * SIDE + column]! < 0) continue;
      count++;
      sum += column + 0.5;
    }
    const middle = count > 0 ? sum / count : SIDE / 2;
    return { middle: center - radius + middle * columnMeters, width: count * columnMeters };
  });
}

/** Interpolates values of the part at a pixel. */
function mixer(
  { index }: MeshPart,
  { corners, second, third }: Picture,
  pixel: number,
): (values: Float32Array | null, size: number, c: number, missing: number) => number {
  const at = corners[pixel]!;
  const [a, b, d] = [index[at]!, index[at + 1]!, index[at + 2]!];
  const [wb, wd] = [second[pixel]!, third[pixel]!];
  return (values, size, c, missing) => {
    if (!values) return missing;
    const [x, y, z] = [values[a * size + c]!, values[b * size + c]!, values[d * size + c]!];
    return x * (1 - wb - wd) + y * wb + z * wd;
  };
}

function addWidths({ parts }: Picture, { radius }: Frame, widths: Float64Array): void {
  const columnMeters = Math.max(1e-9, 2 * radius) / SIDE;
  for (let pixel = 0; pixel < SIDE * SIDE; pixel++)
    if (parts[pixel]! >= 0) widths[Math.floor(pixel / SIDE)]! += columnMeters / ANGLES.length;
}

function areaOf(widths: Float64Array, { minY, maxY }: Frame): number {
  return (widths.reduce((sum, width) => sum + width, 0) * Math.max(1e-9, maxY - minY)) / SIDE;
}

/** Looks along (-sin, cos) of x and z. */
function picture(
  parts: readonly MeshPart[],
  frame: Frame,
  angle: number,
  look: Look | null,
): Picture {
  const made: Picture = {
    parts: new Int32Array(SIDE * SIDE).fill(-1),
    corners: new Int32Array(SIDE * SIDE),
    depths: new Float64Array(SIDE * SIDE).fill(Infinity),
    second: new Float64Array(SIDE * SIDE),
    third: new Float64Array(SIDE * SIDE),
  };
  parts.forEach((part, row) => {
    draw(part, row, frame, angle, look, made);
  });
  return made;
}

/** Sets the pixels whose centers a part covers, where nothing nearer does. */
function draw(
  part: MeshPart,
  row: number,
  { x, z, radius, minY, maxY }: Frame,
  angle: number,
  look: Look | null,
  picture: Picture,
): void {
  const { positions: p, uvs, index } = part;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const across = (v: number): number =>
    (((p[v * 3]! - x) * cos + (p[v * 3 + 2]! - z) * sin) / radius + 1) * (SIDE / 2);
  const height = (v: number): number => ((p[v * 3 + 1]! - minY) / (maxY - minY)) * SIDE;
  const depthOf = (v: number): number => p[v * 3 + 2]! * cos - p[v * 3]! * sin;
  for (let i = 0; i < index.length; i += 3) {
    const [a, b, c] = [index[i]!, index[i + 1]!, index[i + 2]!];
    const [ax, bx, cx] = [across(a), across(b), across(c)];
    const [ay, by, cy] = [height(a), height(b), height(c)];
    const twice = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
    if (twice === 0) continue;
    const left = Math.max(0, Math.ceil(Math.min(ax, bx, cx) - 0.5));
    const right = Math.min(SIDE - 1, Math.floor(Math.max(ax, bx, cx) - 0.5));
    const low = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5));
    const high = Math.min(SIDE - 1, Math.floor(Math.max(ay, by, cy) - 0.5));
    if (left > right || low > high) continue;
    const [az, bz, cz] = [depthOf(a), depthOf(b), depthOf(c)];
    for (let line = low; line <= high; line++)
      for (let column = left; column <= right; column++) {
        const [px, py] = [column + 0.5, line + 0.5];
        const wb = ((px - ax) * (cy - ay) - (cx - ax) * (py - ay)) / twice;
        const wc = ((bx - ax) * (py - ay) - (px - ax) * (by - ay)) / twice;
        const wa = 1 - wb - wc;
        if (wa < 0 || wb < 0 || wc < 0) continue;
        const pixel = line * SIDE + column;
        const depth = az * wa + bz * wb + cz * wc;
        if (depth >= picture.depths[pixel]!) continue;
        const uv = (n: 0 | 1): number =>
          uvs ? uvs[a * 2 + n]! * wa + uvs[b * 2 + n]! * wb + uvs[c * 2 + n]! * wc : 0;
        if (look && !look.isSolid(part, uv(0), uv(1))) continue;
        picture.depths[pixel] = depth;
        picture.parts[pixel] = row;
        picture.corners[pixel] = i;
        picture.second[pixel] = wb;
        picture.third[pixel] = wc;
      }
  }
}
