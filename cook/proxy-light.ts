/** Colors as light: the mean of many points, and what a material shows at one. */
import type { MaterialRecord, TextureRef } from '../src/io/content.ts';
import { codeOf, lightOf, type Pixels } from './pixels.ts';

export type Rgb = [number, number, number];

/** The mean of many points. */
export class LightSum {
  #light: Rgb = [0, 0, 0];
  #count = 0;

  /** @param light linear */
  add(light: Rgb): void {
    this.#count++;
    for (let c = 0; c < 3; c++) this.#light[c]! += light[c]!;
  }

  addAll(other: LightSum): void {
    this.#count += other.#count;
    for (let c = 0; c < 3; c++) this.#light[c]! += other.#light[c]!;
  }

  /** sRGB codes, or null where nothing was seen. */
  get color(): Rgb | null {
    if (this.#count === 0) return null;
    return this.#light.map((light) => codeOf(light / this.#count)) as Rgb;
  }
}

/** Whether alpha shows: masked by its cutoff; of what blends, the more opaque half. */
export function isSolid({ alphaMode, alphaCutoff }: MaterialRecord, alpha: number): boolean {
  if (alphaMode === 'opaque') return true;
  return alpha >= (alphaMode === 'mask' ? alphaCutoff : 0.5);
}

/** Linear light of the material at byte `at` of its base color; -1: without a texture. */
export function lightAt({ baseColor }: MaterialRecord, pixels: Pixels | null, at: number): Rgb {
  const texel = (c: number): number => (pixels && at >= 0 ? lightOf(pixels.data[at + c]!) : 1);
  return [baseColor[0] * texel(0), baseColor[1] * texel(1), baseColor[2] * texel(2)];
}

export function alphaAt({ baseColor }: MaterialRecord, pixels: Pixels | null, at: number): number {
  return baseColor[3] * (pixels && at >= 0 ? pixels.data[at + 3]! / 255 : 1);
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
