/**
 * Where people settled: level ground by the water, in a valley, on a hill, under the peaks. The
 * ground of each village is evened out.
 */
import { lerp, smoothstep } from '../noise.ts';
import type { Vector3, Village } from '../types.ts';
import { heightAt, normalAt, sampleGrid } from './height-field.ts';
import type { Relief } from './shape.ts';

interface Wish {
  name: string;
  title: string;
  radius: number;
  /** Lower is better; Infinity where it cannot be. */
  cost: (x: number, z: number, relief: Relief) => number;
}

const WISHES: readonly Wish[] = [
  {
    name: 'harbor',
    title: 'Saltmere Harbor',
    radius: 150,
    cost: (x, z, relief) => {
      const distance = sampleGrid(relief.field, relief.coast, x, z);
      if (distance < 55 || distance > 85) return Infinity;
      if (sampleGrid(relief.field, relief.cliffs, x, z) > 0.1) return Infinity;
      // The gulf in the south is sheltered.
      return roughness(relief, x, z, 110) * 0.6 + Math.hypot(x - 250, z - 1150) * 0.012;
    },
  },
  {
    name: 'valley',
    title: 'Millbrook',
    radius: 150,
    cost: (x, z, relief) => inland(relief, x, z, { low: 14, high: 80, inland: 380 }),
  },
  {
    name: 'hilltop',
    title: 'Highwatch',
    radius: 130,
    cost: (x, z, relief) => {
      const flat = inland(relief, x, z, { low: 95, high: 210, inland: 250 });
      return flat - 0.12 * (ring(relief, x, z, 40) - ring(relief, x, z, 260));
    },
  },
  {
    name: 'mountain',
    title: 'Steinhof',
    radius: 100,
    cost: (x, z, relief) => inland(relief, x, z, { low: 215, high: 320, inland: 300 }),
  },
];

/** Mean height on a circle. */
function ring(relief: Relief, x: number, z: number, radius: number): number {
  let sum = 0;
  for (let k = 0; k < 8; k++) {
    const angle = (k / 8) * Math.PI * 2;
    sum += heightAt(relief.field, x + Math.cos(angle) * radius, z + Math.sin(angle) * radius);
  }
  return sum / 8;
}

/** How far the ground within `radius` departs from its mean, meters. */
function roughness(relief: Relief, x: number, z: number, radius: number): number {
  const center = heightAt(relief.field, x, z);
  let sum = 0;
  for (let k = 0; k < 16; k++) {
    const angle = (k / 16) * Math.PI * 2;
    const reach = radius * (k % 2 === 0 ? 1 : 0.55);
    const height = heightAt(relief.field, x + Math.cos(angle) * reach, z + Math.sin(angle) * reach);
    sum += Math.abs(Math.max(height, 0) - center);
  }
  return sum / 16;
}

function inland(
  relief: Relief,
  x: number,
  z: number,
  range: { low: number; high: number; inland: number },
): number {
  const height = heightAt(relief.field, x, z);
  if (height < range.low || height > range.high) return Infinity;
  if (sampleGrid(relief.field, relief.coast, x, z) < range.inland) return Infinity;
  return roughness(relief, x, z, 120);
}

/** Chooses the villages and evens out their ground. Positions scale with the world. */
export function settle(relief: Relief): Village[] {
  const villages: Village[] = [];
  const half = relief.field.sizeMeters / 2;
  for (const wish of WISHES) {
    let best = Infinity;
    let bestX = 0;
    let bestZ = 0;
    for (let z = -half + 300; z <= half - 300; z += 24) {
      for (let x = -half + 300; x <= half - 300; x += 24) {
        const crowded = villages.some((v) => Math.hypot(v.center[0] - x, v.center[2] - z) < 800);
        const cost = crowded ? Infinity : wish.cost(x, z, relief);
        if (cost >= best) continue;
        best = cost;
        bestX = x;
        bestZ = z;
      }
    }
    if (best === Infinity) continue;
    const { name, title, radius } = wish;
    const heading = streetHeading(relief, bestX, bestZ, name === 'harbor');
    villages.push({ name, title, center: [bestX, 0, bestZ], radius, heading });
  }
  for (const village of villages) level(relief, village);
  for (const village of villages) {
    village.center[1] = heightAt(relief.field, village.center[0], village.center[2]);
  }
  return villages;
}

/** Main streets follow the contour; the harbor's follows the shore. */
function streetHeading(relief: Relief, x: number, z: number, shore: boolean): number {
  const reach = shore ? 40 : 80;
  const grid = shore ? relief.coast : relief.field.heights;
  const dx =
    sampleGrid(relief.field, grid, x + reach, z) - sampleGrid(relief.field, grid, x - reach, z);
  const dz =
    sampleGrid(relief.field, grid, x, z + reach) - sampleGrid(relief.field, grid, x, z - reach);
  return Math.atan2(dx, -dz);
}

function level(relief: Relief, village: Village): void {
  const { field, coast } = relief;
  const [cx, , cz] = village.center;
  const harbor = village.name === 'harbor';
  const mean = ring(relief, cx, cz, village.radius * 0.35);
  const middle = harbor ? Math.min(5.5, Math.max(3.2, mean)) : mean;
  const tilt = normalAt(field, cx, cz, village.radius * 0.6);
  const slopeX = harbor ? 0 : clampSlope((-tilt[0] / tilt[1]) * 0.35);
  const slopeZ = harbor ? 0 : clampSlope((-tilt[2] / tilt[1]) * 0.35);
  const n = field.samples;
  const spacing = field.sizeMeters / (n - 1);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      const dx = column * spacing - field.sizeMeters / 2 - cx;
      const dz = row * spacing - field.sizeMeters / 2 - cz;
      const distance = Math.hypot(dx, dz);
      if (distance > village.radius * 1.6) continue;
      const at = row * n + column;
      const shore = smoothstep(4, harbor ? 28 : 60, coast[at]!);
      const inner = 1 - smoothstep(village.radius * 0.75, village.radius * 1.55, distance);
      const target = middle + dx * slopeX + dz * slopeZ;
      field.heights[at] = lerp(field.heights[at]!, target, inner * shore);
    }
  }
}

/** Houses stand on at most this slope. */
function clampSlope(slope: number): number {
  return Math.min(0.07, Math.max(-0.07, slope));
}

/** A cape: land at the shore with the most sea around it. */
export function findCape(relief: Relief, villages: readonly Village[]): Vector3 {
  const { field, coast } = relief;
  const half = field.sizeMeters / 2;
  let best = -Infinity;
  let cape: Vector3 = [0, 0, 0];
  for (let z = -half + 200; z < half - 200; z += 12) {
    for (let x = -half + 200; x < half - 200; x += 12) {
      const distance = sampleGrid(field, coast, x, z);
      if (distance < 16 || distance > 40) continue;
      let sea = 0;
      for (let k = 0; k < 24; k++) {
        const angle = (k / 24) * Math.PI * 2;
        const reach = 60 + (k % 3) * 90;
        const height = heightAt(field, x + Math.cos(angle) * reach, z + Math.sin(angle) * reach);
        sea += height < 0 ? 1 : 0;
      }
      const harbor = villages[0]?.center ?? [0, 0, 0];
      const near = Math.hypot(x - harbor[0], z - harbor[2]);
      const score = sea + Math.min(30, heightAt(field, x, z)) * 0.3 - Math.abs(near - 700) * 0.004;
      if (score <= best || near < 320) continue;
      best = score;
      cape = [x, heightAt(field, x, z), z];
    }
  }
  return cape;
}

/** The highest sample. */
export function findSummit(relief: Relief): Vector3 {
  const { field } = relief;
  let top = 0;
  for (let i = 0; i < field.heights.length; i++) {
    if (field.heights[i]! > field.heights[top]!) top = i;
  }
  const spacing = field.sizeMeters / (field.samples - 1);
  const x = (top % field.samples) * spacing - field.sizeMeters / 2;
  const z = Math.floor(top / field.samples) * spacing - field.sizeMeters / 2;
  return [x, field.heights[top]!, z];
}
