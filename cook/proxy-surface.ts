/**
 * What is left of a material at a distance: the color of its surface and, where its texture is
 * larger than the tolerated error, a few texels of it. Colors are averaged as light, over the area
 * of the triangles and not over the image: what no triangle shows has no say.
 */
import type { MaterialRecord, TextureRef } from '../src/io/content.ts';
import type { MeshPart } from './model.ts';
import { codeOf, lightOf, type Pixels } from './pixels.ts';

export type Rgb = [number, number, number];

/** Plain data, so that it can be sent to a worker. */
export interface ProxySurface {
  /** Mean color of what is not cut out (sRGB codes). */
  color: Rgb;
  /** One repeat of the texture in a few texels, a power of two a side; null where one color does. */
  tile: Pixels | null;
  metallic: number;
  roughness: number;
  doubleSided: boolean;
}

/** A point of a surface. */
export interface SurfaceSample {
  /** Square meters that it stands for. */
  area: number;
  /** Linear, with the material's color and texture; vertex colors apart. */
  light: Rgb;
  vertexLight: Rgb;
  /** Height (meters). */
  y: number;
  /** False where the texture cuts it out. */
  isSolid: boolean;
}

/** Points over all parts together. */
const SAMPLES = 8192;

/** More texels would show what nobody sees from where a proxy is seen. */
const MAX_TILE_SIDE = 16;

/** Based on: Roberts. The unreasonable effectiveness of quasirandom sequences. 2018. */
const STEP_U = 0.7548776662466927;
const STEP_V = 0.5698402909980532;

/**
 * Points of `parts` (all of one material), evenly by area. `visit` must not keep what it is given.
 *
 * @param totalArea of the whole model (square meters), so that each material gets its share
 */
export function samplePoints(
  parts: readonly MeshPart[],
  { material, pixels, totalArea }: SamplingInput,
  visit: (sample: SurfaceSample) => void,
): void {
  const sample: SurfaceSample = {
    area: 0,
    light: [1, 1, 1],
    vertexLight: [1, 1, 1],
    y: 0,
    isSolid: true,
  };
  let step = 0;
  for (const part of parts) {
    const { index, positions: p, uvs, colors } = part;
    for (let i = 0; i < index.length; i += 3) {
      const corners = [index[i]!, index[i + 1]!, index[i + 2]!] as const;
      const area = triangleArea(p, corners);
      if (area === 0) continue;
      const count = Math.max(1, Math.round((area / totalArea) * SAMPLES));
      sample.area = area / count;
      for (let k = 0; k < count; k++) {
        step++;
        const weights = barycentric((0.5 + step * STEP_U) % 1, (0.5 + step * STEP_V) % 1);
        const mix = (values: Float32Array, size: number, c: number): number =>
          corners.reduce((sum, v, n) => sum + values[v * size + c]! * weights[n]!, 0);
        sample.y = mix(p, 3, 1);
        for (let c = 0; c < 3; c++) sample.vertexLight[c] = colors ? mix(colors, 4, c) : 1;
        const alpha = shade(
          material,
          pixels,
          uvs ? [mix(uvs, 2, 0), mix(uvs, 2, 1)] : null,
          sample,
        );
        sample.isSolid = isSolid(material, alpha);
        visit(sample);
      }
    }
  }
}

export interface SamplingInput {
  material: MaterialRecord;
  /** Base color, null without a texture. */
  pixels: Pixels | null;
  totalArea: number;
}

/** Whether alpha shows: masked by its cutoff; of what blends, the more opaque half. */
export function isSolid({ alphaMode, alphaCutoff }: MaterialRecord, alpha: number): boolean {
  if (alphaMode === 'opaque') return true;
  return alpha >= (alphaMode === 'mask' ? alphaCutoff : 0.5);
}

/** Writes the light of the material at `uv` and returns its alpha. */
function shade(
  { baseColor, textures }: MaterialRecord,
  pixels: Pixels | null,
  uv: readonly [number, number] | null,
  { light }: SurfaceSample,
): number {
  const at = pixels && uv ? texelAt(pixels, textures.baseColor!, uv[0], uv[1]) : -1;
  for (let c = 0; c < 3; c++)
    light[c] = baseColor[c]! * (at < 0 ? 1 : lightOf(pixels!.data[at + c]!));
  return baseColor[3]! * (at < 0 ? 1 : pixels!.data[at + 3]! / 255);
}

/** Byte of the texel nearest to uv. */
export function texelAt({ width, height }: Pixels, ref: TextureRef, u: number, v: number): number {
  const x = Math.min(width - 1, Math.floor(wrap(u, ref.wrapS) * width));
  const y = Math.min(height - 1, Math.floor(wrap(v, ref.wrapT) * height));
  return (y * width + x) * 4;
}

function wrap(value: number, mode: TextureRef['wrapS']): number {
  if (mode === 'clamp') return Math.min(1, Math.max(0, value));
  const folded = mode === 'mirror' ? Math.abs(value - 2 * Math.round(value / 2)) : value;
  return folded - Math.floor(folded);
}

function barycentric(u: number, v: number): readonly [number, number, number] {
  return u + v > 1 ? [u + v - 1, 1 - u, 1 - v] : [1 - u - v, u, v];
}

/** Square meters. */
export function surfaceArea({ index, positions }: MeshPart): number {
  let area = 0;
  for (let i = 0; i < index.length; i += 3)
    area += triangleArea(positions, [index[i]!, index[i + 1]!, index[i + 2]!]);
  return area;
}

function triangleArea(p: Float32Array, [a, b, c]: readonly [number, number, number]): number {
  const [ux, uy, uz] = [0, 1, 2].map((k) => p[b * 3 + k]! - p[a * 3 + k]!) as Rgb;
  const [vx, vy, vz] = [0, 1, 2].map((k) => p[c * 3 + k]! - p[a * 3 + k]!) as Rgb;
  return Math.hypot(uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx) / 2;
}

/** Light by area: the mean of many points. */
export class LightSum {
  #light: Rgb = [0, 0, 0];
  #solid = 0;

  add({ area, light, isSolid: isThere }: Omit<SurfaceSample, 'vertexLight' | 'y'>): void {
    if (!isThere) return;
    this.#solid += area;
    for (let c = 0; c < 3; c++) this.#light[c]! += light[c]! * area;
  }

  /** sRGB codes, or null where nothing was seen. */
  get color(): Rgb | null {
    if (this.#solid === 0) return null;
    return this.#light.map((light) => codeOf(light / this.#solid)) as Rgb;
  }
}

/**
 * One repeat of the texture in texels no larger than the tolerated error; null where that is one.
 *
 * @param repeatMeters side of one repeat on the surface (meters)
 * @param texelMeters tolerated error (meters)
 * @param hole color of texels that are cut out altogether
 */
export function tileOf(
  { baseColor, ...material }: MaterialRecord,
  pixels: Pixels,
  { repeatMeters, texelMeters, hole }: { repeatMeters: number; texelMeters: number; hole: Rgb },
): Pixels | null {
  const wanted = 2 ** Math.ceil(Math.log2(repeatMeters / texelMeters));
  const side = Math.min(MAX_TILE_SIDE, wanted, Math.max(pixels.width, pixels.height));
  if (!(side >= 2)) return null;
  const data = new Uint8Array(side * side * 4).fill(255);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const sum = new LightSum();
      eachPixel(pixels, side, x, y, (at) => {
        const light = baseColor.map((v, c) => v * lightOf(pixels.data[at + c]!)).slice(0, 3) as Rgb;
        const alpha = (baseColor[3] * pixels.data[at + 3]!) / 255;
        sum.add({ area: 1, light, isSolid: isSolid({ baseColor, ...material }, alpha) });
      });
      data.set(sum.color ?? hole, (y * side + x) * 4);
    }
  return { width: side, height: side, data };
}

/** Calls with the byte of each pixel that lies in texel x, y of `side` a side; at least one. */
function eachPixel(
  { width, height }: Pixels,
  side: number,
  x: number,
  y: number,
  visit: (at: number) => void,
): void {
  const range = (size: number, i: number): [number, number] => {
    const from = Math.min(size - 1, Math.floor((i * size) / side));
    return [from, Math.max(from + 1, Math.floor(((i + 1) * size) / side))];
  };
  const [left, right] = range(width, x);
  const [top, bottom] = range(height, y);
  for (let row = top; row < bottom; row++)
    for (let column = left; column < right; column++) visit((row * width + column) * 4);
}
