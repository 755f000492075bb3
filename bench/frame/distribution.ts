/**
 * Where the placements of a world stand: evenly, in clusters, or as the towns of the earth do. All
 * have the same density on average, so that a world of more placements is larger, not fuller.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readTowns } from '../../demo/tools/worlds/towns.ts';
import type { Random } from '../../src/base/random.ts';
import { repositoryRoot } from '../../test/support/page-server.ts';
import type { Scatter } from '../../test/support/synthetic-rows.ts';

export const DISTRIBUTIONS = ['uniform', 'clustered', 'geonames'] as const;
export type Distribution = (typeof DISTRIBUTIONS)[number];

/** Density of the world: at 4,000 a square kilometer a million placements are 16 km across. */
const PLACEMENTS_PER_SQUARE_KILOMETER = 4000;

/** A cluster of the clustered world: some thousand placements, most within 200 m of its middle. */
const PLACEMENTS_PER_CLUSTER = 2000;
const CLUSTER_METERS = 200;

/** Edge of the square world (meters). */
export function extentOf(placements: number): number {
  return Math.sqrt(placements / PLACEMENTS_PER_SQUARE_KILOMETER) * 1000;
}

/** How to scatter `placements`; undefined is evenly, null where the data is not there. */
export function scatterOf(
  distribution: Distribution,
  placements: number,
): Scatter | undefined | null {
  if (distribution === 'uniform') return undefined;
  if (distribution === 'clustered') return clusters(extentOf(placements));
  return townFile() ? towns(placements) : null;
}

/** Path of the list of towns. */
export const TOWN_FILE: string = join(
  repositoryRoot,
  '../shared/data/places/geonames-cities1000.pbf.gz',
);

function townFile(): boolean {
  return existsSync(TOWN_FILE);
}

/** Sum of three uniform numbers, near enough to a normal one of deviation 1/2. */
function bell(random: Random): number {
  return random() + random() + random() - 1.5;
}

/** Half of all things in clusters, the other half anywhere. One cluster is in the middle. */
function clusters(extentMeters: number): Scatter {
  return (random, xs, zs) => {
    const count = Math.max(1, Math.round(xs.length / 2 / PLACEMENTS_PER_CLUSTER));
    const centers = new Float64Array(count * 2);
    for (let i = 2; i < centers.length; i++) centers[i] = (random() - 0.5) * extentMeters;
    for (let i = 0; i < xs.length; i++) {
      if (random() < 0.5) {
        xs[i] = (random() - 0.5) * extentMeters;
        zs[i] = (random() - 0.5) * extentMeters;
        continue;
      }
      const cluster = Math.floor(random() * count) * 2;
      xs[i] = centers[cluster]! + bell(random) * 2 * CLUSTER_METERS;
      zs[i] = centers[cluster + 1]! + bell(random) * 2 * CLUSTER_METERS;
    }
  };
}

/** Meters of a world of a million for a degree; the middle of the world is in central Europe. */
const METERS_PER_DEGREE = 300;
const MIDDLE_DEGREES = { east: 9, north: 49 };
/** Beyond this the octrees' root ends. */
const FARTHEST_METERS = 60_000;
/** A town is this far across, by the root of its people (meters). */
const TOWN_METERS_PER_ROOT_PERSON = 0.15;

/** A town gets placements by the root of its people, a bell about its middle. */
function towns(placements: number): Scatter {
  const metersPerDegree = METERS_PER_DEGREE * Math.sqrt(placements / 1e6);
  const all = readTowns(gunzipSync(readFileSync(TOWN_FILE)))
    .map(({ longitude, latitude, population }) => ({
      x: (longitude - MIDDLE_DEGREES.east) * metersPerDegree,
      z: (MIDDLE_DEGREES.north - latitude) * metersPerDegree,
      root: Math.sqrt(population + 1),
    }))
    .filter(({ x, z }) => Math.max(Math.abs(x), Math.abs(z)) < FARTHEST_METERS);
  const ends = new Float64Array(all.length);
  let total = 0;
  for (const [i, { root }] of all.entries()) ends[i] = total += root;
  return (random, xs, zs) => {
    for (let i = 0; i < xs.length; i++) {
      const town = all[firstAtLeast(ends, random() * total)]!;
      const spread = Math.max(20, town.root * TOWN_METERS_PER_ROOT_PERSON) * 2;
      xs[i] = town.x + bell(random) * spread;
      zs[i] = town.z + bell(random) * spread;
    }
  };
}

function firstAtLeast(ends: Float64Array, value: number): number {
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! >= value) high = middle;
    else low = middle + 1;
  }
  return low;
}
