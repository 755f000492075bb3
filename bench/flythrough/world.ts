/**
 * The seeded worlds of the flythrough: 3000 spheres on a square of 1.4 km, 60 % of them in 24
 * clusters, each with five LODs that replace one another. Sizes and importances are log-normal, bytes
 * grow fourfold from level to level. The order of draws is part of the definition.
 */
import { LOD_COUNT, OBJECT_COUNT, WORLD_METERS } from './constants.ts';
import { createMulberry, drawNormal } from './random.ts';

/** What a subject may know of a world. Columns are indexed by object; nobody writes them. */
export interface World {
  readonly count: number;
  /** Center of each object on the ground plane (m). */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Bounding radius (m). The error of level `l` is `COARSEST_ERROR_PER_RADIUS · radius / 2^l` m. */
  readonly radius: Float64Array;
  /** Weight of the object in every figure, about 1. */
  readonly importance: Float64Array;
  /** Bytes of asset `object * LOD_COUNT + level`, level 0 coarsest. */
  readonly bytes: Float64Array;
}

const CLUSTERS = 24;
const SMALLEST_ASSET_BYTES = 2048;

/** The world of `seed`, any whole number. */
export function makeWorld(seed: number): World {
  const random = createMulberry(seed * 7919 + 11);
  const count = OBJECT_COUNT;
  const [x, y] = [new Float64Array(count), new Float64Array(count)];
  const [radius, importance] = [new Float64Array(count), new Float64Array(count)];
  const bytes = new Float64Array(count * LOD_COUNT);
  const clusters = Array.from({ length: CLUSTERS }, () => ({
    x: random() * WORLD_METERS,
    y: random() * WORLD_METERS,
    spread: 30 + random() * 90,
  }));
  for (let i = 0; i < count; i++) {
    if (random() < 0.6) {
      const cluster = clusters[(random() * CLUSTERS) | 0]!;
      x[i] = wrapped(cluster.x + drawNormal(random) * cluster.spread);
      y[i] = wrapped(cluster.y + drawNormal(random) * cluster.spread);
    } else {
      x[i] = random() * WORLD_METERS;
      y[i] = random() * WORLD_METERS;
    }
    const size = 4 * Math.exp(0.7 * drawNormal(random));
    radius[i] = Math.min(40, Math.max(0.8, size));
    importance[i] = Math.exp(0.35 * drawNormal(random));
    const full = 1.5e6 * (radius[i]! / 4) * Math.exp(0.7 * drawNormal(random));
    drawLevels(random, Math.min(16e6, Math.max(5e4, full)), bytes, i * LOD_COUNT);
  }
  return { count, x, y, radius, importance, bytes };
}

function drawLevels(
  random: () => number,
  fullBytes: number,
  bytes: Float64Array,
  first: number,
): void {
  const finest = LOD_COUNT - 1;
  for (let level = 0; level <= finest; level++) {
    const scatter = level === finest ? 1 : Math.exp(0.2 * drawNormal(random));
    const drawn = Math.round(fullBytes * 4 ** (level - finest) * scatter);
    bytes[first + level] = Math.max(SMALLEST_ASSET_BYTES, drawn);
  }
}

function wrapped(meters: number): number {
  return ((meters % WORLD_METERS) + WORLD_METERS) % WORLD_METERS;
}
