/**
 * The island as a map: where land is, where it rises, where the coast is cliff or beach; then the
 * mountains by rivers, and the fine relief by rain.
 */
import { fbm2, lerp, noise2, seedOf, smoothstep } from '../noise.ts';
import { coastDistance } from './coast.ts';
import { erodeByDrops, slide } from './erosion.ts';
import { erodeByRivers } from './fluvial.ts';
import { createHeightField, type HeightField, resample } from './height-field.ts';

/** Height of the summit before its slopes settle, meters. */
const SUMMIT = 600;
/** Depth of the sea floor, meters. */
export const SEA_FLOOR = -70;

export interface Relief {
  field: HeightField;
  /** Meters to the coast, positive on land. */
  coast: Float32Array;
  /** 1 where the coast is cliff, 0 where it is beach. */
  cliffs: Float32Array;
}

/** The ridge line of the mountain range, in units of half the world. */
const RIDGE: readonly [number, number][] = [
  [-0.55, -0.3],
  [-0.28, -0.42],
  [0.02, -0.3],
  [0.28, -0.12],
  [0.42, 0.18],
];

/** Shapes the terrain. `samples` is 2^k + 1. */
export function shapeIsland(seed: number, samples: number, sizeMeters: number): Relief {
  const coarse = Math.min(samples, 129);
  let relief = createHeightField(coarse, sizeMeters);
  const steps = [60, 30, 10];
  for (let round = 0; round < steps.length; round++) {
    if (round > 0) {
      const next = (relief.samples - 1) * 2 + 1;
      if (next > samples) break;
      relief = resample(relief, next);
    }
    growMountains(relief, seed, steps[round]!, round === 0);
  }
  const field = relief.samples === samples ? relief : resample(relief, samples);
  return weather(field, seed);
}

/** Signed map of land: above zero is land. p and q run over [-1, 1]. */
function landMap(seed: number): (p: number, q: number) => number {
  const warp = noise2(seed, 'warp');
  const coast = noise2(seed, 'coast');
  const islets = noise2(seed, 'islets');
  return (p0, q0) => {
    const p = p0 + 0.1 * warp(p0 * 1.7, q0 * 1.7);
    const q = q0 + 0.1 * warp(p0 * 1.7 + 9, q0 * 1.7 - 4);
    const radius = Math.hypot(p / 0.84, q / 0.78);
    let land = 1 - radius + 0.42 * fbm2(coast, p * 1.9, q * 1.9, 5);
    // A gulf in the south that the harbor lies in, and a strait in the east.
    land -= 0.85 * Math.exp(-((p - 0.1) ** 2 / 0.03 + (q - 0.78) ** 2 / 0.06));
    land -= 0.4 * Math.exp(-((p - 0.82) ** 2 / 0.02 + (q + 0.3) ** 2 / 0.05));
    const ring = smoothstep(0.8, 0.95, radius) * (1 - smoothstep(1.1, 1.25, radius));
    land += ring * 0.55 * smoothstep(0.45, 0.85, islets(p0 * 5.2, q0 * 5.2));
    const edge = Math.max(Math.abs(p0), Math.abs(q0));
    return land - 1.2 * smoothstep(0.86, 0.98, edge);
  };
}

function ridgeDistance(p: number, q: number): number {
  let nearest = 9;
  for (let i = 0; i + 1 < RIDGE.length; i++) {
    const [ax, ay] = RIDGE[i]!;
    const [bx, by] = RIDGE[i + 1]!;
    const t = Math.min(
      1,
      Math.max(
        0,
        ((p - ax) * (bx - ax) + (q - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2),
      ),
    );
    nearest = Math.min(nearest, Math.hypot(p - ax - (bx - ax) * t, q - ay - (by - ay) * t));
  }
  return nearest;
}

function growMountains(relief: HeightField, seed: number, steps: number, fresh: boolean): void {
  const n = relief.samples;
  const land = new Uint8Array(n * n);
  const uplift = new Float32Array(n * n);
  const map = landMap(seed);
  const rough = noise2(seed, 'uplift');
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      const p = (column / (n - 1)) * 2 - 1;
      const q = (row / (n - 1)) * 2 - 1;
      const at = row * n + column;
      const shore = map(p, q);
      land[at] = shore > 0 ? 1 : 0;
      const variation = fbm2(rough, p * 3.1, q * 3.1, 4);
      const distance = ridgeDistance(p + 0.06 * variation, q + 0.06 * variation);
      const range = Math.exp(-((distance / 0.21) ** 2));
      const hills = smoothstep(-0.1, 0.5, variation);
      const rise = 0.1 + 1.25 * range + 0.42 * hills;
      uplift[at] = rise * smoothstep(0, 0.22, shore) * 9;
      if (fresh) relief.heights[at] = 40 * (1 + fbm2(rough, p * 23, q * 23, 4)) * uplift[at]!;
    }
  }
  const spacing = relief.sizeMeters / (n - 1);
  const river = { samples: n, spacing, uplift, land, steps, erosion: 0.1, creep: 0.13 };
  erodeByRivers(relief.heights, river);
}

function weather(field: HeightField, seed: number): Relief {
  const n = field.samples;
  const spacing = field.sizeMeters / (n - 1);
  const h = field.heights;
  let top = 0;
  for (let i = 0; i < h.length; i++) top = Math.max(top, h[i]!);
  for (let i = 0; i < h.length; i++) h[i] = SUMMIT * Math.max(0, h[i]! / top) ** 1.22;
  settleSlopes(field);
  const cliffs = new Float32Array(h.length);
  const land = new Float32Array(h.length);
  addRelief(field, seed, land, cliffs);
  for (let i = 0; i < h.length; i++) h[i] = h[i]! / spacing;
  slide(h, n, { limit: 0.66, passes: 10, hard: cliffs });
  const drops = Math.round(h.length * 0.16);
  erodeByDrops(h, n, { drops, seed: seedOf(seed, 'drops'), lowest: 0.5 });
  slide(h, n, { limit: 0.74, passes: 4, hard: cliffs });
  for (let i = 0; i < h.length; i++) h[i] = h[i]! * spacing;
  const coast = coastDistance(land, n, spacing);
  shapeCoast(field, seed, coast, cliffs);
  return { field, coast, cliffs };
}

/** Steepest rise per meter that whole mountain sides keep. */
const REPOSE = 0.58;

/** Lets whole mountain sides settle, on a grid of 16 m, and keeps the finer relief that they carry. */
function settleSlopes(field: HeightField): void {
  const stride = Math.max(1, (field.samples - 1) / 256);
  const coarse = createHeightField((field.samples - 1) / stride + 1, field.sizeMeters);
  const n = coarse.samples;
  for (let i = 0; i < coarse.heights.length; i++) {
    const row = Math.floor(i / n) * stride;
    coarse.heights[i] = field.heights[row * field.samples + (i % n) * stride]!;
  }
  const before = coarse.heights.slice();
  const limit = (REPOSE * field.sizeMeters) / (n - 1);
  slide(coarse.heights, n, { limit, passes: 160, hard: new Float32Array(before.length) });
  for (let i = 0; i < before.length; i++) coarse.heights[i] = coarse.heights[i]! - before[i]!;
  const change = stride === 1 ? coarse : resample(coarse, field.samples);
  for (let i = 0; i < field.heights.length; i++) {
    field.heights[i] = Math.max(0, field.heights[i]! + change.heights[i]!);
  }
}

/** Ridged detail on the mountains, soft hills below; fills the maps of land and cliffs. */
function addRelief(
  field: HeightField,
  seed: number,
  land: Float32Array,
  cliffs: Float32Array,
): void {
  const n = field.samples;
  const map = landMap(seed);
  const detail = noise2(seed, 'detail');
  const cliff = noise2(seed, 'cliff');
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      const p = (column / (n - 1)) * 2 - 1;
      const q = (row / (n - 1)) * 2 - 1;
      const at = row * n + column;
      land[at] = map(p, q);
      cliffs[at] = smoothstep(0.08, 0.36, fbm2(cliff, p * 2.6 + 5, q * 2.6, 3));
      if (land[at]! <= 0) continue;
      const high = smoothstep(60, 320, field.heights[at]!);
      const ridged = 0.5 - Math.abs(fbm2(detail, p * 14, q * 14, 5));
      const soft = fbm2(detail, p * 7 + 31, q * 7, 4);
      const inland = smoothstep(0, 0.14, land[at]!);
      field.heights[at] = field.heights[at]! + (ridged * 40 * high + soft * 11) * inland;
    }
  }
}

/** Bends the profile at the shore: beaches slope gently into the sea, cliffs break off. */
function shapeCoast(
  field: HeightField,
  seed: number,
  coast: Float32Array,
  cliffs: Float32Array,
): void {
  const n = field.samples;
  const h = field.heights;
  const floor = noise2(seed, 'sea-floor');
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      const at = row * n + column;
      const distance = coast[at]!;
      const cliff = cliffs[at]!;
      if (distance > 0) {
        const beach = 0.4 + Math.min(distance, 110) * 0.055 + (Math.min(distance, 110) / 60) ** 2;
        const inland = smoothstep(25, 110, distance);
        const gentle = lerp(beach, Math.max(h[at]!, 3), inland);
        const bluff = Math.max(h[at]!, 2) + 26 * smoothstep(4, 20, distance) * (1 - 0.5 * inland);
        h[at] = lerp(gentle, bluff, cliff * (1 - smoothstep(250, 420, distance)));
        continue;
      }
      const out = -distance;
      const shelf = -0.3 - out * lerp(0.055, 0.25, cliff);
      const deep = SEA_FLOOR + 6 + 10 * fbm2(floor, column / (n / 12), row / (n / 12), 3);
      h[at] = Math.max(SEA_FLOOR + 0.5, lerp(shelf, deep, smoothstep(40, 520, out)));
    }
  }
}
