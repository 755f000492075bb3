/**
 * Seeded noise in the two forms that the island needs: simplex functions for shapes, and small
 * periodic tiles that are looked up per texel when a million texels are painted.
 */
import {
  createNoise2D,
  createNoise3D,
  type NoiseFunction2D,
  type NoiseFunction3D,
} from 'simplex-noise';
import { createRandom, type Random } from '../../src/base/random.ts';

export type Noise2 = NoiseFunction2D;
export type Noise3 = NoiseFunction3D;

/** A 32-bit seed from a seed and a name, so that things are independent of each other's order. */
export function seedOf(seed: number, name: string): number {
  let hash = (seed ^ 0x811c9dc5) | 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) | 0;
}

/** Generator for one named thing. */
export function randomOf(seed: number, name: string): Random {
  return createRandom(seedOf(seed, name));
}

export function noise2(seed: number, name: string): Noise2 {
  return createNoise2D(randomOf(seed, name));
}

export function noise3(seed: number, name: string): Noise3 {
  return createNoise3D(randomOf(seed, name));
}

/** Sum of octaves, roughly in [-1, 1]. */
export function fbm2(noise: Noise2, x: number, y: number, octaves: number): number {
  let sum = 0;
  let amplitude = 0.5;
  for (let octave = 0; octave < octaves; octave++) {
    sum += noise(x, y) * amplitude;
    x = x * 2.03 + 17.1;
    y = y * 2.03 - 9.7;
    amplitude *= 0.5;
  }
  return sum;
}

/** Sum of octaves in space, roughly in [-1, 1]. */
export function fbm3(noise: Noise3, x: number, y: number, z: number, octaves: number): number {
  let sum = 0;
  let amplitude = 0.5;
  for (let octave = 0; octave < octaves; octave++) {
    sum += noise(x, y, z) * amplitude;
    x = x * 2.03 + 3.1;
    y = y * 2.03 - 5.7;
    z = z * 2.03 + 1.3;
    amplitude *= 0.5;
  }
  return sum;
}

/** Side of a noise tile, texels. */
const TILE = 512;
const TILE_MASK = TILE - 1;

/** Periodic fractal value noise in [0, 1], `TILE`² samples. */
export type NoiseTile = Float32Array;

const tiles = new Map<number, NoiseTile>();

/** A cached tile. `cells` is the number of features of the coarsest octave along a side. */
export function noiseTile(cells: number): NoiseTile {
  const known = tiles.get(cells);
  if (known !== undefined) return known;
  const tile = new Float32Array(TILE * TILE);
  let amplitude = 0.5;
  let total = 0;
  for (let count = cells; count <= TILE / 2; count *= 2) {
    addOctave(tile, count, amplitude, createRandom(cells * 7919 + count));
    total += amplitude;
    amplitude *= 0.5;
  }
  for (let i = 0; i < tile.length; i++) tile[i] = tile[i]! / total;
  // Value noise huddles around one half; stretch it so that thresholds have something to cut.
  for (let i = 0; i < tile.length; i++) {
    tile[i] = Math.min(1, Math.max(0, (tile[i]! - 0.5) * 1.6 + 0.5));
  }
  tiles.set(cells, tile);
  return tile;
}

function addOctave(tile: NoiseTile, count: number, amplitude: number, random: Random): void {
  const lattice = new Float32Array(count * count);
  for (let i = 0; i < lattice.length; i++) lattice[i] = random();
  const step = count / TILE;
  for (let y = 0; y < TILE; y++) {
    const fy = y * step;
    const y0 = Math.floor(fy);
    const ty = smooth(fy - y0);
    const row0 = y0 * count;
    const row1 = ((y0 + 1) % count) * count;
    for (let x = 0; x < TILE; x++) {
      const fx = x * step;
      const x0 = Math.floor(fx);
      const x1 = (x0 + 1) % count;
      const tx = smooth(fx - x0);
      const top = lattice[row0 + x0]! + (lattice[row0 + x1]! - lattice[row0 + x0]!) * tx;
      const low = lattice[row1 + x0]! + (lattice[row1 + x1]! - lattice[row1 + x0]!) * tx;
      const at = y * TILE + x;
      tile[at] = tile[at]! + (top + (low - top) * ty) * amplitude;
    }
  }
}

/** Nearest sample of a tile at texel coordinates of any size. */
export function tileAt(tile: NoiseTile, x: number, y: number): number {
  return tile[((y & TILE_MASK) << 9) | (x & TILE_MASK)]!;
}

/** Bilinear sample of a tile at texel coordinates of any size. */
export function tileSmooth(tile: NoiseTile, x: number, y: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const tx = x - x0;
  const ty = y - y0;
  const row0 = (y0 & TILE_MASK) << 9;
  const row1 = ((y0 + 1) & TILE_MASK) << 9;
  const left = x0 & TILE_MASK;
  const right = (x0 + 1) & TILE_MASK;
  const top = tile[row0 | left]! * (1 - tx) + tile[row0 | right]! * tx;
  const low = tile[row1 | left]! * (1 - tx) + tile[row1 | right]! * tx;
  return top + (low - top) * ty;
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}

export function smoothstep(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

export function lerp(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}

export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
