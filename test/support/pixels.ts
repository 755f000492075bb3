/** Images from pages: what a canvas shows, and how two images differ. */
import pixelmatch from 'pixelmatch';
import type { Page } from 'playwright-core';
import sharp from 'sharp';

/** An image: `data` is RGBA, four bytes a pixel, rows from the top. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
}

/** What the first element that matches shows, as the browser composes it. */
export async function readPixels(page: Page, selector: string = 'canvas'): Promise<Pixels> {
  return decodePixels(await page.locator(selector).first().screenshot({ animations: 'disabled' }));
}

/** Decodes any image that sharp knows. */
export async function decodePixels(file: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(file)
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** Writes a PNG. */
export async function writePixels({ width, height, data }: Pixels, path: string): Promise<void> {
  await sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toFile(path);
}

export interface PixelDifference {
  /** Pixels that differ by more than the threshold. */
  count: number;
  /** The same as a share of all pixels. */
  fraction: number;
  /** Where they are, as an image. */
  image: Pixels;
}

/**
 * Compares two images of one size. `threshold` is pixelmatch's, 0 (any difference counts) to 1.
 * Anti-aliased edges count too.
 */
export function comparePixels(a: Pixels, b: Pixels, threshold: number = 0): PixelDifference {
  const { width, height } = a;
  if (b.width !== width || b.height !== height)
    throw new Error(
      `images differ in size: ${width} x ${height} against ${b.width} x ${b.height}; expected one size`,
    );
  const data = new Uint8Array(width * height * 4);
  const count = pixelmatch(a.data, b.data, data, width, height, { threshold, includeAA: true });
  return { count, fraction: count / (width * height), image: { width, height, data } };
}

/** How many distinct colors an image holds: 1 means that nothing was drawn. */
export function countColors({ data }: Pixels): number {
  const colors = new Set<number>();
  for (let i = 0; i < data.length; i += 4)
    colors.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
  return colors.size;
}
