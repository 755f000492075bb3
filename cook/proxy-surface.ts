/**
 * What is left of a material at a distance: the color that is seen of it and, where its texture is
 * larger than the tolerated error, a few texels of it. All means are of light, not of sRGB codes.
 */
import type { MaterialRecord } from '../src/io/content.ts';
import type { MeshPart } from './model.ts';
import type { Pixels } from './pixels.ts';
import { alphaAt, isSolid, LightSum, lightAt, type Rgb } from './proxy-light.ts';

/** Plain data, so that it can be sent to a worker. */
export interface ProxySurface {
  /** Mean color of what is seen (sRGB codes). */
  color: Rgb;
  /** One repeat of the texture in a few texels, a power of two a side; null where one color does. */
  tile: Pixels | null;
  metallic: number;
  roughness: number;
  doubleSided: boolean;
}

/** More texels would show what nobody sees from where a proxy is seen. */
export const MAX_TILE_SIDE = 16;

/** Square meters. */
export function surfaceArea({ index, positions: p }: MeshPart): number {
  let area = 0;
  for (let i = 0; i < index.length; i += 3) {
    const [a, b, c] = [index[i]! * 3, index[i + 1]! * 3, index[i + 2]! * 3];
    const [ux, uy, uz] = [p[b]! - p[a]!, p[b + 1]! - p[a + 1]!, p[b + 2]! - p[a + 2]!];
    const [vx, vy, vz] = [p[c]! - p[a]!, p[c + 1]! - p[a + 1]!, p[c + 2]! - p[a + 2]!];
    area += Math.hypot(uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx) / 2;
  }
  return area;
}

/**
 * One repeat of the texture in texels no larger than the tolerated error; null where that is one.
 *
 * @param repeatMeters side of one repeat on the surface (meters)
 * @param texelMeters tolerated error (meters)
 * @param hole color of texels that are cut out altogether
 */
export function tileOf(
  material: MaterialRecord,
  pixels: Pixels,
  { repeatMeters, texelMeters, hole }: { repeatMeters: number; texelMeters: number; hole: Rgb },
): Pixels | null {
  const wanted = 2 ** Math.ceil(Math.log2(repeatMeters / texelMeters));
  const most = 2 ** Math.floor(Math.log2(Math.max(pixels.width, pixels.height)));
  const side = Math.min(MAX_TILE_SIDE, wanted, most);
  return side >= 2 ? reduce(material, pixels, side, hole) : null;
}

/** The color of a whole texture. */
export function meanOf(material: MaterialRecord, pixels: Pixels | null, hole: Rgb): Rgb {
  const one = pixels ?? { width: 1, height: 1, data: new Uint8Array(4).fill(255) };
  return [...reduce(material, one, 1, hole).data.subarray(0, 3)] as Rgb;
}

function reduce(material: MaterialRecord, pixels: Pixels, side: number, hole: Rgb): Pixels {
  const data = new Uint8Array(side * side * 4).fill(255);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const sum = new LightSum();
      eachPixel(pixels, side, x, y, (at) => {
        if (isSolid(material, alphaAt(material, pixels, at)))
          sum.add(lightAt(material, pixels, at));
      });
      data.set(sum.color ?? hole, (y * side + x) * 4);
    }
  return { width: side, height: side, data };
}

/** Pixels a side that are looked at of each texel: more change its color by less than a code. */
const MOST_PIXELS = 8;

/** Calls with the byte of pixels that lie in texel x, y of `side` a side, evenly; at least one. */
function eachPixel(
  { width, height }: Pixels,
  side: number,
  x: number,
  y: number,
  visit: (at: number) => void,
): void {
  const [left, right, across] = pixelRange(width, side, x);
  const [top, bottom, down] = pixelRange(height, side, y);
  for (let row = top; row < bottom; row += down)
    for (let column = left; column < right; column += across) visit((row * width + column) * 4);
}

/** First, end and step. */
function pixelRange(size: number, side: number, i: number): [number, number, number] {
  const from = Math.min(size - 1, Math.floor((i * size) / side));
  const to = Math.max(from + 1, Math.floor(((i + 1) * size) / side));
  return [from, to, Math.ceil((to - from) / MOST_PIXELS)];
}
