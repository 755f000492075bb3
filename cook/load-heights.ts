/**
 * Height fields as floats in meters, from whatever file holds them. Kept apart from their sampling:
 * geotiff takes any worker thread for one of its own and must not be loaded there.
 */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fromFile } from 'geotiff';
import sharp from 'sharp';
import { reasonOf } from '../src/base/errors.ts';
import { CookError } from './errors.ts';
import type { HeightGrid } from './heights.ts';

/** A raster as the file holds it. Row 0 is the northern edge (z = -size / 2). */
interface Raster {
  width: number;
  height: number;
  values: ArrayLike<number>;
  /** Value that stands for full height, or null when the values are meters. */
  full: number | null;
}

export interface HeightOptions {
  /** World size of the longer side (meters). */
  size: number;
  /** Height of the full range (meters); null takes the file's own meters. */
  height: number | null;
  /** Added to every height (meters). */
  base: number;
  /** Cells a side of one tile. */
  tileCells: number;
}

/** Throws `CookError` naming the file, what was seen and what was expected. */
export async function loadHeights(file: string, options: HeightOptions): Promise<HeightGrid> {
  const raster = await readRaster(file);
  const { width, height, values } = raster;
  if (width < 2 || height < 2)
    throw new CookError(`${file} is ${width} x ${height} samples, expected at least 2 x 2`);
  const { offset, factor } = scaling(file, raster, options);
  let cells = options.tileCells;
  while (cells < Math.max(width, height) - 1) cells *= 2;
  const side = cells + 1;
  const heights = new Float32Array(new SharedArrayBuffer(side * side * 4));
  const sample = (x: number, y: number): number => values[y * width + x]!;
  for (let row = 0; row < side; row++) {
    const v = (row / cells) * (height - 1);
    const y = Math.min(height - 2, Math.floor(v));
    const fy = v - y;
    for (let column = 0; column < side; column++) {
      const u = (column / cells) * (width - 1);
      const x = Math.min(width - 2, Math.floor(u));
      const fx = u - x;
      const top = sample(x, y) * (1 - fx) + sample(x + 1, y) * fx;
      const bottom = sample(x, y + 1) * (1 - fx) + sample(x + 1, y + 1) * fx;
      heights[row * side + column] =
        (top * (1 - fy) + bottom * fy - offset) * factor + options.base;
    }
  }
  const longest = Math.max(width, height) - 1;
  return {
    cells,
    sizeX: (options.size * (width - 1)) / longest,
    sizeZ: (options.size * (height - 1)) / longest,
    heights,
  };
}

function scaling(file: string, raster: Raster, options: HeightOptions) {
  if (raster.full !== null) {
    if (options.height === null)
      throw new CookError(
        `${file} holds fractions of a height, not meters: say how high its largest value is with --height METERS`,
      );
    return { offset: 0, factor: options.height / raster.full };
  }
  if (options.height === null) return { offset: 0, factor: 1 };
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < raster.values.length; i++) {
    low = Math.min(low, raster.values[i]!);
    high = Math.max(high, raster.values[i]!);
  }
  return { offset: low, factor: high > low ? options.height / (high - low) : 0 };
}

async function readRaster(file: string): Promise<Raster> {
  try {
    switch (extname(file).toLowerCase()) {
      case '.tif':
      case '.tiff':
        return await readGeoTiff(file);
      case '.bin':
      case '.raw':
      case '.r16':
        return await readSquare(file, 2);
      case '.r32f':
      case '.r32':
        return await readSquare(file, 4);
      default:
        return await readImage(file);
    }
  } catch (error) {
    if (error instanceof CookError) throw error;
    throw new CookError(
      `heightmap ${file} cannot be read: ${reasonOf(error)}; expected a 16-bit PNG, a GeoTIFF, ` +
        'or square little-endian .bin (16-bit) or .r32f (float meters)',
    );
  }
}

async function readImage(file: string): Promise<Raster> {
  const { depth } = await sharp(file).metadata();
  if (depth === 'uchar') {
    const { data, info } = await sharp(file)
      .toColourspace('b-w')
      .extractChannel(0)
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, values: data, full: 255 };
  }
  // Without the grey16 color space sharp returns three channels of other values.
  const { data, info } = await sharp(file)
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const all = new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.length));
  // A 16-bit image with alpha keeps its second channel.
  const channels = info.channels;
  const values = channels === 1 ? all : all.filter((_, i) => i % channels === 0);
  return { width: info.width, height: info.height, values, full: 65535 };
}

/** sharp reads GeoTIFF wrongly (three channels, other values): only geotiff is used for it. */
async function readGeoTiff(file: string): Promise<Raster> {
  const tiff = await fromFile(file);
  try {
    const image = await tiff.getImage();
    const rasters = await image.readRasters({ interleave: true, samples: [0] });
    const values = Float32Array.from(rasters as ArrayLike<number>);
    const noData = image.getGDALNoData();
    fillMissing(values, noData);
    return { width: image.getWidth(), height: image.getHeight(), values, full: null };
  } finally {
    await tiff.close();
  }
}

/** Samples without data take the lowest height of the others. */
function fillMissing(values: Float32Array, noData: number | null): void {
  const isMissing = (value: number): boolean => value === noData || !Number.isFinite(value);
  let low = Infinity;
  for (const value of values) if (!isMissing(value)) low = Math.min(low, value);
  if (low === Infinity) throw new Error('no sample holds data');
  for (let i = 0; i < values.length; i++) if (isMissing(values[i]!)) values[i] = low;
}

async function readSquare(file: string, sampleBytes: 2 | 4): Promise<Raster> {
  const bytes = await readFile(file);
  const side = Math.sqrt(bytes.length / sampleBytes);
  if (!Number.isInteger(side))
    throw new CookError(
      `heightmap ${file} has ${bytes.length} bytes, expected a square of ${sampleBytes}-byte samples`,
    );
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  if (sampleBytes === 2)
    return { width: side, height: side, values: new Uint16Array(buffer), full: 65535 };
  const values = new Float32Array(buffer);
  fillMissing(values, null);
  return { width: side, height: side, values, full: null };
}
