/** The color image of a terrain: its mip pyramid, and the piece of it that a tile shows. */
import sharp from 'sharp';
import { reasonOf } from '../src/base/errors.ts';
import { CookError } from './errors.ts';
import { halve, type Pixels } from './pixels.ts';

/** Finest first, each half the side of the one before; shared between threads. */
export type ColorPyramid = Pixels[];

/** Longest side of a tile's own texture (pixels). */
const MAX_TILE_SIDE = 256;
const MIN_TILE_SIDE = 4;

/** Throws `CookError` naming the file. */
export async function loadColor(file: string): Promise<ColorPyramid> {
  let first: Pixels;
  try {
    const { data, info } = await sharp(file, { ignoreIcc: true, limitInputPixels: false })
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    first = { width: info.width, height: info.height, data: new Uint8Array(data) };
  } catch (error) {
    throw new CookError(`terrain color ${file} cannot be read: ${reasonOf(error)}`);
  }
  const pyramid = [share(first)];
  for (let last = first; Math.max(last.width, last.height) > 1; ) {
    last = halve(last, { isSrgb: true, isAlphaWeighted: false });
    pyramid.push(share(last));
  }
  return pyramid;
}

function share({ width, height, data }: Pixels): Pixels {
  const shared = new Uint8Array(new SharedArrayBuffer(data.length));
  shared.set(data);
  return { width, height, data: shared };
}

/**
 * The square texture of a tile that covers 1/`tiles` of each side. Its outermost texels lie exactly
 * on the tile's edges, so that neighbors hold equal colors there and no seam shows.
 */
export function cutColor(
  pyramid: ColorPyramid,
  tiles: number,
  column: number,
  row: number,
): { side: number; rgb: Uint8Array } {
  const native = Math.max(pyramid[0]!.width, pyramid[0]!.height) / tiles;
  const side = Math.min(MAX_TILE_SIDE, Math.max(MIN_TILE_SIDE, 2 ** Math.round(Math.log2(native))));
  const wanted = Math.round(Math.log2(Math.max(1, native / side)));
  const level = pyramid[Math.min(pyramid.length - 1, wanted)]!;
  const rgb = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    const v = ((row + y / (side - 1)) / tiles) * level.height - 0.5;
    for (let x = 0; x < side; x++) {
      const u = ((column + x / (side - 1)) / tiles) * level.width - 0.5;
      sampleBilinear(level, u, v, rgb, (y * side + x) * 3);
    }
  }
  return { side, rgb };
}

function sampleBilinear(image: Pixels, u: number, v: number, out: Uint8Array, to: number): void {
  const x = Math.min(image.width - 1, Math.max(0, u));
  const y = Math.min(image.height - 1, Math.max(0, v));
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = x - x0;
  const fy = y - y0;
  const right = x0 + 1 < image.width ? 4 : 0;
  const below = y0 + 1 < image.height ? image.width * 4 : 0;
  const at = (y0 * image.width + x0) * 4;
  const { data } = image;
  for (let c = at; c < at + 3; c++) {
    const top = data[c]! + fx * (data[c + right]! - data[c]!);
    const bottom = data[c + below]! + fx * (data[c + below + right]! - data[c + below]!);
    out[to + c - at] = Math.round(top + fy * (bottom - top));
  }
}
