/** Pictures beside a world: the map (ground color, hill shading, sea) and the depth of the sea. */
import sharp from 'sharp';
import { type HeightGrid, heightAt } from '../../../cook/heights.ts';

/** Side of the map, pixels. */
export const MAP_SIDE = 768;
const DEPTH_SIDE = 1024;
const GROUND_SIDE = 2048;

/** Color of what lies outside of the world. */
const NOWHERE = [16, 26, 38];

/** Sun of the map: from the north-west, as maps have it. */
const SUN = [-0.52, 0.64, -0.56] as const;

export interface Relief {
  /** Meters, `side` x `side`, row 0 in the north (z = -size / 2). */
  heights: Float32Array;
  side: number;
  sizeMeters: number;
}

/** Reads a 16-bit grayscale picture as heights, resampled to `side` x `side`. */
export async function readRelief(
  file: string,
  range: { side: number; sizeMeters: number; height: number; heightBase: number },
): Promise<Relief> {
  const { side, sizeMeters, height, heightBase } = range;
  const { data, info } = await sharp(file)
    .resize(side, side, { fit: 'fill', kernel: 'cubic' })
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const values = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  const heights = Float32Array.from(
    { length: side * side },
    (_, i) => (values[i * info.channels]! / 65535) * height + heightBase,
  );
  return { heights, side, sizeMeters };
}

/** @param color picture of the ground, or null for tints by height */
export async function writeMap(
  relief: Relief,
  color: string | null,
  seaLevel: number | null,
  target: string,
): Promise<void> {
  const { side } = relief;
  const ground = color
    ? await sharp(color).resize(side, side, { fit: 'fill' }).removeAlpha().raw().toBuffer()
    : tints(relief);
  const out = Buffer.alloc(side * side * 3);
  for (let i = 0; i < side * side; i++) {
    if (Number.isNaN(relief.heights[i]!)) {
      out.set(NOWHERE, i * 3);
      continue;
    }
    const shade = 0.35 + 0.95 * shading(relief, i % side, Math.floor(i / side));
    const depth = seaLevel === null ? 0 : seaLevel - relief.heights[i]!;
    for (let channel = 0; channel < 3; channel++) {
      const land = ground[i * 3 + channel]! * shade;
      const clear = depth > 0 ? 0.55 * Math.exp(-depth / 5) : 1;
      const sea = [28, 84, 122][channel]! * (0.7 + 0.5 * Math.exp(-depth / 12));
      out[i * 3 + channel] = Math.max(0, Math.min(255, land * clear + sea * (1 - clear)));
    }
  }
  await sharp(out, { raw: { width: side, height: side, channels: 3 } })
    .webp({ quality: 82 })
    .toFile(target);
}

/** Grayscale, 255 = `rangeMeters` or deeper, 0 = shore and land. */
export async function writeDepth(
  file: string,
  range: Omit<Parameters<typeof readRelief>[1], 'side'>,
  rangeMeters: number,
  target: string,
): Promise<void> {
  const { heights, side } = await readRelief(file, { ...range, side: DEPTH_SIDE });
  const out = Buffer.alloc(side * side);
  for (let i = 0; i < out.length; i++)
    out[i] = Math.max(0, Math.min(255, Math.round((-heights[i]! / rangeMeters) * 255)));
  await sharp(out, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toFile(target);
}

/** Lambert's cosine at one sample, 0 to 1. */
function shading({ heights, side, sizeMeters }: Relief, x: number, z: number): number {
  const step = sizeMeters / side;
  const at = (column: number, row: number): number =>
    heights[Math.max(0, Math.min(side - 1, row)) * side + Math.max(0, Math.min(side - 1, column))]!;
  const dx = (at(x + 1, z) - at(x - 1, z)) / (2 * step);
  const dz = (at(x, z + 1) - at(x, z - 1)) / (2 * step);
  const dot = (-dx * SUN[0] + SUN[1] - dz * SUN[2]) / Math.hypot(dx, 1, dz);
  // Beside what is outside there is no slope to tell.
  return Number.isNaN(dot) ? SUN[1] : Math.max(0, dot);
}

/** A picture of ground without one of its own: tints by height, bare rock where it is steep. */
export async function writeGround(grid: HeightGrid, target: string): Promise<void> {
  const side = GROUND_SIDE;
  const step = Math.max(grid.sizeX, grid.sizeZ) / side;
  const heights = new Float32Array(side * side);
  const slopes = new Float32Array(side * side);
  for (let i = 0; i < heights.length; i++) {
    const x = (((i % side) + 0.5) / side - 0.5) * grid.sizeX;
    const z = ((Math.floor(i / side) + 0.5) / side - 0.5) * grid.sizeZ;
    heights[i] = heightAt(grid, x, z);
    const dx = heightAt(grid, x + step, z) - heightAt(grid, x - step, z);
    const dz = heightAt(grid, x, z + step) - heightAt(grid, x, z - step);
    slopes[i] = Math.hypot(dx, dz) / (2 * step);
  }
  const colors = tints({ heights, side, sizeMeters: grid.sizeX });
  for (let i = 0; i < heights.length; i++) {
    const rock = Math.max(0, Math.min(1, (slopes[i]! - 0.45) / 0.35));
    for (let channel = 0; channel < 3; channel++) {
      const color = colors[i * 3 + channel]!;
      colors[i * 3 + channel] = color + ([138, 126, 112][channel]! - color) * rock;
    }
  }
  await sharp(colors, { raw: { width: side, height: side, channels: 3 } })
    .png({ compressionLevel: 3 })
    .toFile(target);
}

/** Colors by height for ground without a picture: scrub, rock, snow. */
function tints({ heights, side }: Relief): Buffer {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const height of heights) {
    if (Number.isNaN(height)) continue;
    low = Math.min(low, height);
    high = Math.max(high, height);
  }
  const stops = [
    [112, 124, 78],
    [146, 136, 96],
    [150, 132, 112],
    [206, 200, 194],
  ] as const;
  const out = Buffer.alloc(side * side * 3);
  for (let i = 0; i < side * side; i++) {
    if (Number.isNaN(heights[i]!)) continue;
    const at = ((heights[i]! - low) / Math.max(1, high - low)) * (stops.length - 1);
    const from = Math.min(stops.length - 2, Math.floor(at));
    for (let channel = 0; channel < 3; channel++) {
      const [a, b] = [stops[from]![channel]!, stops[from + 1]![channel]!];
      out[i * 3 + channel] = a + (b - a) * (at - from);
    }
  }
  return out;
}
