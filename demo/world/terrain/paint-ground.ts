/**
 * The color of the ground, one texel at a time: grass and forest floor by moisture, rock where it
 * is steep, sand at the shore, snow on the heights, roads, squares and fields. Shade is baked only
 * lightly, because the scene is lit when it is drawn.
 */
import sharp from 'sharp';
import { clamp, noiseTile, smoothstep, tileSmooth } from '../noise.ts';
import type { Village } from '../types.ts';
import { type Biomes, fieldAt } from './biomes.ts';
import type { Roads } from './roads.ts';
import type { Relief } from './shape.ts';
import { SQUARE_RADIUS } from './streets.ts';

export interface GroundInput {
  relief: Relief;
  biomes: Biomes;
  roads: Roads;
  villages: readonly Village[];
}

/** Values interleaved per grid point, so that one texel reads one place in memory. */
const LANES = 7;

type Color = [number, number, number];

const GRASS_LUSH: Color = [78, 102, 42];
const GRASS_DRY: Color = [136, 133, 66];
const ALPINE: Color = [116, 116, 74];
const FOREST_FLOOR: Color = [52, 66, 32];
const ROCK: Color = [124, 116, 106];
const ROCK_WARM: Color = [139, 121, 98];
const SCREE: Color = [140, 134, 124];
const SAND: Color = [214, 197, 152];
const WET_SAND: Color = [166, 146, 106];
const SEABED: Color = [96, 108, 88];
const SNOW: Color = [240, 244, 250];
const ROAD: Color = [148, 124, 90];
const COBBLE: Color = [138, 130, 118];
const FIELDS: readonly Color[] = [
  [186, 160, 78],
  [110, 128, 48],
  [124, 96, 62],
  [152, 152, 70],
  [92, 122, 46],
];

/** Paints `pixels`² texels over the whole world. Returns RGB, row 0 at z = -size / 2. */
export function paintGround(input: GroundInput, pixels: number): Uint8Array {
  const { field } = input.relief;
  const grid = interleave(input);
  const n = field.samples;
  const out = new Uint8Array(pixels * pixels * 3);
  const value = new Float32Array(LANES);
  const color: Color = [0, 0, 0];
  const metersPerPixel = field.sizeMeters / pixels;
  for (let row = 0; row < pixels; row++) {
    const gz = Math.min(n - 1.001, ((row + 0.5) / pixels) * (n - 1));
    const z0 = Math.floor(gz);
    const tz = gz - z0;
    const z = (row + 0.5) * metersPerPixel - field.sizeMeters / 2;
    for (let column = 0; column < pixels; column++) {
      const gx = Math.min(n - 1.001, ((column + 0.5) / pixels) * (n - 1));
      const x0 = Math.floor(gx);
      const tx = gx - x0;
      const at = (z0 * n + x0) * LANES;
      const below = at + n * LANES;
      for (let lane = 0; lane < LANES; lane++) {
        const near = grid[at + lane]! * (1 - tx) + grid[at + lane + LANES]! * tx;
        const far = grid[below + lane]! * (1 - tx) + grid[below + lane + LANES]! * tx;
        value[lane] = near + (far - near) * tz;
      }
      const x = (column + 0.5) * metersPerPixel - field.sizeMeters / 2;
      colorAt(color, value, x, z, input.villages);
      const pixel = (row * pixels + column) * 3;
      out[pixel] = clamp(color[0], 0, 255);
      out[pixel + 1] = clamp(color[1], 0, 255);
      out[pixel + 2] = clamp(color[2], 0, 255);
    }
  }
  return out;
}

function interleave({ relief, biomes, roads }: GroundInput): Float32Array {
  const { heights } = relief.field;
  const grid = new Float32Array(heights.length * LANES);
  for (let i = 0; i < heights.length; i++) {
    const at = i * LANES;
    grid[at] = heights[i]!;
    grid[at + 1] = biomes.slope[i]!;
    grid[at + 2] = biomes.moisture[i]!;
    grid[at + 3] = biomes.openness[i]!;
    grid[at + 4] = biomes.forest[i]!;
    grid[at + 5] = roads.distance[i]!;
    grid[at + 6] = relief.coast[i]!;
  }
  return grid;
}

const fine = noiseTile(64);
const middle = noiseTile(16);
const broad = noiseTile(4);

function colorAt(
  out: Color,
  value: Float32Array,
  x: number,
  z: number,
  villages: readonly Village[],
): void {
  const height = value[0]!;
  const slope = value[1]!;
  const grain = tileSmooth(fine, x * 2.1, z * 2.1);
  const patch = tileSmooth(middle, x * 0.71, z * 0.71);
  const region = tileSmooth(broad, x * 0.23, z * 0.23);
  if (height < -0.6) {
    paintSeabed(out, height, grain, patch);
    return;
  }
  const moisture = clamp(value[2]! + (patch - 0.5) * 0.5, 0, 1);
  set(out, GRASS_DRY);
  mix(out, GRASS_LUSH, smoothstep(0.2, 0.62, moisture + (region - 0.5) * 0.25));
  mix(out, ALPINE, smoothstep(210, 340, height + (region - 0.5) * 120) * 0.85);
  paintFields(out, x, z, slope, villages);
  mix(out, FOREST_FLOOR, smoothstep(0.1, 0.75, value[4]! + (patch - 0.5) * 0.5) * 0.9);
  paintRock(out, height, slope, grain, patch, region);
  paintShore(out, height, value[6]!, slope, patch);
  const cold = height + (patch - 0.5) * 70 + (region - 0.5) * 50 - Math.max(0, slope - 1.1) * 140;
  mix(out, SNOW, smoothstep(352, 402, cold));
  paintPaving(out, x, z, value[5]! + (patch - 0.5) * 2.2, grain, villages);
  const light = 0.8 + 0.3 * grain + 0.16 * (value[3]! - 0.5);
  const shade = light * (0.9 + 0.2 * patch);
  out[0] *= shade;
  out[1] *= shade;
  out[2] *= shade;
}

function paintSeabed(out: Color, height: number, grain: number, patch: number): void {
  set(out, WET_SAND);
  mix(out, SEABED, smoothstep(1, 14, -height + (patch - 0.5) * 8));
  const shade = (0.82 + 0.3 * grain) * (1 - 0.55 * smoothstep(4, 60, -height));
  for (let k = 0; k < 3; k++) out[k] = out[k]! * shade;
}

function paintRock(
  out: Color,
  height: number,
  slope: number,
  grain: number,
  patch: number,
  region: number,
): void {
  const steep = slope + (grain - 0.5) * 0.35 + (patch - 0.5) * 0.35;
  mix(out, SCREE, smoothstep(0.5, 0.8, steep) * smoothstep(190, 330, height) * 0.8);
  const bare = smoothstep(0.76, 1.06, steep);
  if (bare <= 0) return;
  const strata = Math.sin(height * 0.42 + patch * 9 + region * 22);
  const band = 0.86 + 0.1 * strata + 0.26 * (grain - 0.5);
  const warm = region * 0.9;
  const rock: Color = [
    (ROCK[0] + (ROCK_WARM[0] - ROCK[0]) * warm) * band,
    (ROCK[1] + (ROCK_WARM[1] - ROCK[1]) * warm) * band,
    (ROCK[2] + (ROCK_WARM[2] - ROCK[2]) * warm) * band,
  ];
  mix(out, rock, bare);
}

function paintShore(out: Color, height: number, coast: number, slope: number, patch: number): void {
  const low = 1 - smoothstep(2.2, 4.6, height + (patch - 0.5) * 2.4);
  const near = 1 - smoothstep(34, 80, coast);
  const flat = 1 - smoothstep(0.3, 0.55, slope);
  mix(out, SAND, low * near * flat);
  mix(out, WET_SAND, (1 - smoothstep(0.25, 0.9, height)) * near * flat);
}

/** Furrows across each field, a dark hedge line around it. */
function paintFields(
  out: Color,
  x: number,
  z: number,
  slope: number,
  villages: readonly Village[],
): void {
  for (const village of villages) {
    const field = fieldAt(village, x, z);
    if (field === 0) continue;
    const kind = Math.floor(field) - 1;
    const hedge = (field - 1 - kind) * 24;
    const strength = smoothstep(1.2, 2.4, hedge) * (1 - smoothstep(0.24, 0.34, slope));
    if (strength <= 0) continue;
    const cos = Math.cos(village.heading);
    const sin = Math.sin(village.heading);
    const furrow = 0.93 + 0.09 * Math.sin((z * cos - x * sin) * (kind === 2 ? 3.1 : 1.9));
    const crop = FIELDS[kind]!;
    mix(out, [crop[0] * furrow, crop[1] * furrow, crop[2] * furrow], strength * 0.92);
  }
}

function paintPaving(
  out: Color,
  x: number,
  z: number,
  road: number,
  grain: number,
  villages: readonly Village[],
): void {
  const dirt = 1 - smoothstep(1.7, 3.6, road);
  if (dirt > 0) {
    const rut = 0.92 + 0.1 * Math.cos(road * 2.6) + 0.1 * (grain - 0.5);
    mix(out, [ROAD[0] * rut, ROAD[1] * rut, ROAD[2] * rut], dirt * 0.95);
  }
  for (const village of villages) {
    const distance = Math.hypot(x - village.center[0], z - village.center[2]);
    if (distance > village.radius * 1.1) continue;
    const yard = (1 - smoothstep(village.radius * 0.35, village.radius * 0.8, distance)) * 0.3;
    mix(out, ROAD, yard * smoothstep(0.35, 0.65, grain));
    const stone = 0.86 + 0.3 * grain;
    const paved = 1 - smoothstep(SQUARE_RADIUS - 1, SQUARE_RADIUS + 1.5, distance);
    mix(out, [COBBLE[0] * stone, COBBLE[1] * stone, COBBLE[2] * stone], paved);
  }
}

function set(out: Color, color: Color): void {
  out[0] = color[0];
  out[1] = color[1];
  out[2] = color[2];
}

function mix(out: Color, color: Color, amount: number): void {
  if (amount <= 0) return;
  out[0] += (color[0] - out[0]) * amount;
  out[1] += (color[1] - out[1]) * amount;
  out[2] += (color[2] - out[2]) * amount;
}

/** Writes the painted ground as JPEG, which is what a photograph-like image of this size wants. */
export async function writeGround(path: string, rgb: Uint8Array, pixels: number): Promise<void> {
  await sharp(rgb, { raw: { width: pixels, height: pixels, channels: 3 } })
    .jpeg({ quality: 92, chromaSubsampling: '4:4:4' })
    .toFile(path);
}
