/**
 * What grows where: maps of slope, moisture, shade and forest on the height grid, and the fields
 * around the villages. Painting and planting read the same maps.
 */
import { fbm2, noise2, smoothstep } from '../noise.ts';
import type { Village } from '../types.ts';
import type { HeightField } from './height-field.ts';
import type { Roads } from './roads.ts';
import type { Relief } from './shape.ts';

export interface Biomes {
  /** Rise per meter. */
  slope: Float32Array;
  /** 0 dry to 1 wet. */
  moisture: Float32Array;
  /** 0 deep in a valley to 1 open to the sky. */
  openness: Float32Array;
  /** 0 meadow to 1 dense forest. */
  forest: Float32Array;
}

export function mapBiomes(
  relief: Relief,
  seed: number,
  villages: readonly Village[],
  roads: Roads,
): Biomes {
  const { field } = relief;
  const slope = slopeMap(field);
  const openness = opennessMap(field);
  const moisture = new Float32Array(slope.length);
  const forest = new Float32Array(slope.length);
  const wet = noise2(seed, 'moisture');
  const wood = noise2(seed, 'forest');
  const n = field.samples;
  const spacing = field.sizeMeters / (n - 1);
  for (let row = 0; row < n; row++) {
    const z = row * spacing - field.sizeMeters / 2;
    for (let column = 0; column < n; column++) {
      const x = column * spacing - field.sizeMeters / 2;
      const at = row * n + column;
      const height = field.heights[at]!;
      const damp = 0.5 + 0.75 * fbm2(wet, x / 900, z / 900, 3) + (0.5 - openness[at]!) * 0.8;
      moisture[at] = Math.min(1, Math.max(0, damp - height / 1400));
      const groves = fbm2(wood, x / 420, z / 420, 4) * 1.5 + (moisture[at]! - 0.42) * 1.1;
      let density = smoothstep(-0.12, 0.3, groves);
      density *= smoothstep(14, 45, relief.coast[at]!) * smoothstep(2.5, 7, height);
      density *= 1 - smoothstep(285, 365, height + 40 * fbm2(wood, x / 150, z / 150, 2));
      density *= 1 - smoothstep(0.75, 1.15, slope[at]!);
      density *= smoothstep(5, 10, roads.distance[at]!);
      for (const village of villages) {
        const distance = Math.hypot(x - village.center[0], z - village.center[2]);
        const field = fieldAt(village, x, z) > 0 && slope[at]! < 0.3 ? 0 : 1;
        density *= smoothstep(village.radius * 0.95, village.radius * 1.25, distance) * field;
      }
      forest[at] = density;
    }
  }
  return { slope, moisture, openness, forest };
}

function slopeMap(field: HeightField): Float32Array {
  const n = field.samples;
  const h = field.heights;
  const spacing = field.sizeMeters / (n - 1);
  const slope = new Float32Array(h.length);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      const west = h[row * n + Math.max(0, column - 1)]!;
      const east = h[row * n + Math.min(n - 1, column + 1)]!;
      const north = h[Math.max(0, row - 1) * n + column]!;
      const south = h[Math.min(n - 1, row + 1) * n + column]!;
      slope[row * n + column] = Math.hypot(east - west, south - north) / (2 * spacing);
    }
  }
  return slope;
}

/** Height against the blurred surroundings at two reaches: a cheap stand-in for sky visibility. */
function opennessMap(field: HeightField): Float32Array {
  const n = field.samples;
  const scale = (n - 1) / 1024;
  const near = blur(field.heights, n, Math.max(1, Math.round(5 * scale)));
  const wide = blur(field.heights, n, Math.max(2, Math.round(22 * scale)));
  const out = new Float32Array(near.length);
  for (let i = 0; i < out.length; i++) {
    const h = field.heights[i]!;
    out[i] = Math.min(1, Math.max(0, 0.5 + (h - near[i]!) / 22 + (h - wide[i]!) / 90));
  }
  return out;
}

/** Box blur, twice, with edges clamped. */
function blur(source: Float32Array, n: number, radius: number): Float32Array {
  let from = source;
  for (let pass = 0; pass < 2; pass++) {
    from = blurLines(blurLines(from, n, radius, 1, n), n, radius, n, 1);
  }
  return from;
}

function blurLines(
  source: Float32Array,
  n: number,
  radius: number,
  step: number,
  line: number,
): Float32Array {
  const out = new Float32Array(source.length);
  for (let i = 0; i < n; i++) {
    const base = i * line;
    const at = (k: number): number => source[base + Math.min(n - 1, Math.max(0, k)) * step]!;
    let sum = 0;
    for (let k = -radius; k <= radius; k++) sum += at(k);
    for (let k = 0; k < n; k++) {
      out[base + k * step] = sum / (radius * 2 + 1);
      sum += at(k + radius + 1) - at(k - radius);
    }
  }
  return out;
}

/**
 * Which field of the village holds the point: 0 none, else 1 + a kind in [0, 5) + the distance to
 * its hedge as a fraction below 0.5.
 */
export function fieldAt(village: Village, x: number, z: number): number {
  if (village.name === 'mountain') return 0;
  const dx = x - village.center[0];
  const dz = z - village.center[2];
  const distance = Math.hypot(dx, dz);
  if (distance < village.radius * 0.92 || distance > village.radius + 190) return 0;
  const cos = Math.cos(village.heading);
  const sin = Math.sin(village.heading);
  const along = (dx * cos + dz * sin) / 74;
  const row = Math.floor(along);
  const across = (dz * cos - dx * sin) / 46 + hash(row, 3) * 0.9;
  const column = Math.floor(across);
  const lot = hash(row * 57 + column, Math.round(village.center[0]));
  if (lot < 0.34) return 0;
  const edgeX = Math.min(along - row, 1 - along + row) * 74;
  const edgeZ = Math.min(across - column, 1 - across + column) * 46;
  const hedge = Math.min(0.49, Math.min(edgeX, edgeZ) / 24);
  return 1 + Math.floor(((lot - 0.34) / 0.66) * 5) + hedge;
}

function hash(a: number, b: number): number {
  let h = Math.imul(a, 0x27d4eb2d) ^ Math.imul(b + 0x165667b1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return ((h ^ (h >>> 13)) >>> 0) / 4294967296;
}
