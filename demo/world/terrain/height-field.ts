/**
 * Heights on a square grid of `samples`² points that spans the world from edge to edge. Column 0
 * is x = -size / 2, row 0 is z = -size / 2; the last column and row lie on the far edges.
 */
import sharp from 'sharp';
import type { Vector3 } from '../types.ts';

export interface HeightField {
  samples: number;
  sizeMeters: number;
  /** Meters, row-major. */
  heights: Float32Array;
}

export function createHeightField(samples: number, sizeMeters: number): HeightField {
  return { samples, sizeMeters, heights: new Float32Array(samples * samples) };
}

/** Bilinear value of any grid of the field's layout at a world position. Clamps at the edges. */
export function sampleGrid(field: HeightField, grid: Float32Array, x: number, z: number): number {
  const last = field.samples - 1;
  const scale = last / field.sizeMeters;
  const fx = Math.min(last - 1e-4, Math.max(0, (x + field.sizeMeters / 2) * scale));
  const fz = Math.min(last - 1e-4, Math.max(0, (z + field.sizeMeters / 2) * scale));
  const x0 = Math.floor(fx);
  const z0 = Math.floor(fz);
  const tx = fx - x0;
  const tz = fz - z0;
  const at = z0 * field.samples + x0;
  const near = grid[at]! * (1 - tx) + grid[at + 1]! * tx;
  const far = grid[at + field.samples]! * (1 - tx) + grid[at + field.samples + 1]! * tx;
  return near + (far - near) * tz;
}

export function heightAt(field: HeightField, x: number, z: number): number {
  return sampleGrid(field, field.heights, x, z);
}

/** Unit normal of the ground, from heights `reach` meters around the point. */
export function normalAt(field: HeightField, x: number, z: number, reach = 4): Vector3 {
  const dx = (heightAt(field, x - reach, z) - heightAt(field, x + reach, z)) / (2 * reach);
  const dz = (heightAt(field, x, z - reach) - heightAt(field, x, z + reach)) / (2 * reach);
  const length = Math.hypot(dx, 1, dz);
  return [dx / length, 1 / length, dz / length];
}

/** Catmull-Rom resampling to a finer grid of the same world. */
export function resample(source: HeightField, samples: number): HeightField {
  const out = createHeightField(samples, source.sizeMeters);
  const n = source.samples;
  const ratio = (n - 1) / (samples - 1);
  const wide = new Float32Array(n * samples);
  for (let x = 0; x < samples; x++) {
    const w = weights(x * ratio, n);
    for (let z = 0; z < n; z++) {
      const row = z * n;
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += source.heights[row + w.at[k]!]! * w.weight[k]!;
      wide[z * samples + x] = sum;
    }
  }
  for (let z = 0; z < samples; z++) {
    const w = weights(z * ratio, n);
    for (let x = 0; x < samples; x++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += wide[w.at[k]! * samples + x]! * w.weight[k]!;
      out.heights[z * samples + x] = sum;
    }
  }
  return out;
}

function weights(position: number, count: number): { at: number[]; weight: number[] } {
  const base = Math.min(count - 2, Math.floor(position));
  const t = position - base;
  const clampIndex = (i: number): number => Math.min(count - 1, Math.max(0, i));
  return {
    at: [-1, 0, 1, 2].map((k) => clampIndex(base + k)),
    weight: [
      0.5 * (-t + 2 * t * t - t * t * t),
      0.5 * (2 - 5 * t * t + 3 * t * t * t),
      0.5 * (t + 4 * t * t - 3 * t * t * t),
      0.5 * (-t * t + t * t * t),
    ],
  };
}

/** Rounds the heights to what the 16-bit file can say, so that placements stand on what is cooked. */
export function quantizeHeights(field: HeightField, height: number, base: number): Uint16Array {
  const values = new Uint16Array(field.heights.length);
  for (let i = 0; i < values.length; i++) {
    const value = Math.round(((field.heights[i]! - base) / height) * 65535);
    values[i] = Math.min(65535, Math.max(0, value));
    field.heights[i] = (values[i]! / 65535) * height + base;
  }
  return values;
}

/** Writes the values as 16-bit grayscale PNG. */
export async function writeHeightmap(
  path: string,
  values: Uint16Array,
  samples: number,
): Promise<void> {
  await sharp(values, { raw: { width: samples, height: samples, channels: 1 } })
    .toColourspace('grey16')
    .png({ compressionLevel: 6 })
    .toFile(path);
}
