/**
 * The second world: real models at real towns over real terrain. The mountains are those of Big
 * Tujunga at their true size; the towns of the country around them are moved together onto it, so
 * that a flight of minutes passes dozens. Models are scaled up to be seen from the air.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type HeightGrid, heightAt } from '../../../cook/heights.ts';
import { type CookReport, cook } from '../../../cook/index.ts';
import { loadHeights } from '../../../cook/load-heights.ts';
import type { DemoVillage, DemoWorld, Triple } from '../../app/world-file.ts';
import { findModelSizes } from './model-sizes.ts';
import { MAP_SIDE, type Relief, writeGround, writeMap } from './pictures.ts';
import { type PlacedTown, placeTowns } from './town-placements.ts';
import { readTowns, toUtm } from './towns.ts';

const TERRAIN = 'terrain/bigtujunga.tif';
const TOWNS = 'places/geonames-cities1000.pbf.gz';

/** 1197 samples, 30 m apart. */
const SIZE_METERS = 1196 * 30;
/** The lowest valley becomes y = 0. */
const LOWEST_METERS = 315;
/** Middle of the height field in UTM zone 11. */
const CENTER = { east: 394_268.66, north: 3_798_272.83 };
const UTM_ZONE = 11;
/** Kilometers around shrink to the terrain: one of five is left. */
const SHRINK = 5;
/** The towns whose models load and unload as one. */
const LEVELS = 12;
const CLEARANCE_METERS = 190;
const CREDITS = [
  'FlightHelmet: Khronos, CC0',
  '2 Cylinder Engine: Okino, CC BY 4.0',
  'Milk Truck and Balloon: Cesium, CC BY 4.0 and Apache-2.0',
  'Pirate: meshoptimizer, MIT',
  'Egyptian Cat: Ankledot, CC BY 4.0',
  'Garage and Space: Jarlan Perez and others, CC BY 3.0',
  'Towns: GeoNames, CC BY 4.0',
  'Terrain: SRTM',
];

export interface DataBuild {
  /** Holds gltf/, places/ and terrain/. */
  data: string;
  folder: string;
  onProgress?: (fraction: number, what: string) => void;
}

/** What the world is made from, for the cache. Throws where something is missing. */
export async function dataKey(data: string): Promise<string[]> {
  for (const part of [TERRAIN, TOWNS, 'gltf'])
    if (!existsSync(join(data, part)))
      throw new Error(
        `--data ${data}: ${part} is not there; expected gltf/, ${TOWNS} and ${TERRAIN}`,
      );
  const models = await readdir(join(data, 'gltf'), { recursive: true, withFileTypes: true });
  const files = models
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .concat(join(data, TERRAIN), join(data, TOWNS))
    .sort();
  const digests: string[] = ['data'];
  for (const file of files)
    digests.push(
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    );
  return digests;
}

export async function buildDataWorld(options: DataBuild): Promise<CookReport> {
  const { data, folder, onProgress = () => undefined } = options;
  const heightmap = join(data, TERRAIN);
  const range = { size: SIZE_METERS, height: null, base: -LOWEST_METERS, tileCells: 64 };
  onProgress(0, 'reading towns and terrain');
  const grid = await loadHeights(heightmap, range);
  const models = await findModelSizes(join(data, 'gltf'));
  const towns = await locateTowns(join(data, TOWNS), grid);
  const placements = placeTowns(towns, models, grid);
  const levels = towns.slice(0, LEVELS).map((town) => ({
    name: levelName(town),
    center: town.center,
    radius: town.radius,
  }));
  const relief = reliefOf(grid);
  const ground = `${folder}.ground.png`;
  await writeGround(grid, ground);
  const report = await cook({
    inputs: [join(data, 'gltf')],
    out: folder,
    placements,
    heightmap,
    heightmapColor: ground,
    size: SIZE_METERS,
    heightBase: -LOWEST_METERS,
    levels,
    name: 'data',
    onProgress: (done, total, what) => onProgress(done / total, `cooking ${what}`),
  });
  await writeMap(relief, null, null, join(folder, 'map.webp'));
  await rm(ground, { force: true });
  const file = describe(towns, grid, report);
  await writeFile(join(folder, 'demo.json'), `${JSON.stringify(file, null, 2)}\n`);
  return report;
}

/** Towns on the terrain, largest first. */
async function locateTowns(file: string, grid: HeightGrid): Promise<PlacedTown[]> {
  const all = readTowns(gunzipSync(await readFile(file)));
  const placed: PlacedTown[] = [];
  for (const { name, population, longitude, latitude } of all) {
    // Far from the zone's meridian the projection is of no use.
    if (Math.abs(longitude + 117) > 4 || Math.abs(latitude - 34) > 3) continue;
    const { east, north } = toUtm(longitude, latitude, UTM_ZONE);
    const x = (east - CENTER.east) / SHRINK;
    const z = -(north - CENTER.north) / SHRINK;
    if (Math.abs(x) > grid.sizeX * 0.48 || Math.abs(z) > grid.sizeZ * 0.47) continue;
    const radius = 90 + Math.sqrt(population) * 0.55;
    placed.push({ name, population, center: [x, heightAt(grid, x, z), z], radius });
  }
  return placed.sort((a, b) => b.population - a.population || (a.name < b.name ? -1 : 1));
}

function levelName({ name }: PlacedTown): string {
  return name.toLowerCase().replaceAll(/[^a-z]+/g, '-');
}

/** The height field in the middle of a square; what lies outside is not a number. */
function reliefOf(grid: HeightGrid): Relief {
  const heights = new Float32Array(MAP_SIDE * MAP_SIDE).fill(Number.NaN);
  for (let row = 0; row < MAP_SIDE; row++)
    for (let column = 0; column < MAP_SIDE; column++) {
      const x = ((column + 0.5) / MAP_SIDE - 0.5) * SIZE_METERS;
      const z = ((row + 0.5) / MAP_SIDE - 0.5) * SIZE_METERS;
      if (Math.abs(z) < grid.sizeZ / 2) heights[row * MAP_SIDE + column] = heightAt(grid, x, z);
    }
  return { heights, side: MAP_SIDE, sizeMeters: SIZE_METERS };
}

function describe(towns: readonly PlacedTown[], grid: HeightGrid, report: CookReport): DemoWorld {
  const villages = towns.slice(0, LEVELS).map(
    (town): DemoVillage => ({
      level: levelName(town),
      title: town.name,
      center: town.center,
      radius: town.radius,
    }),
  );
  const points = roundTrip(villages, grid);
  const targets = points.map((_, i): Triple => {
    const [x, y, z] = points[(i + 3) % points.length]!;
    return [x, Math.min(y, points[i]![1]) - 110, z];
  });
  return {
    title: 'Real data',
    head: 'world.json',
    sizeMeters: SIZE_METERS,
    seaLevelMeters: null,
    budgetBytes: Math.floor(report.residentBytes / 8),
    villages,
    landmarks: [],
    interiors: [],
    vessels: [],
    spawn: { position: points[0]!, target: targets[0]! },
    autopilot: { points, targets, metersPerSecond: 150 },
    map: 'map.webp',
    depth: null,
    depthRangeMeters: 1,
    credits: CREDITS,
  };
}

/** Always to the nearest town not yet seen, and back; a point every 400 m, clear of the ground. */
function roundTrip(villages: readonly DemoVillage[], grid: HeightGrid): Triple[] {
  const left = villages.map(({ center }) => center);
  const stops = left.splice(0, 1);
  while (left.length > 0) {
    const [x, , z] = stops.at(-1)!;
    left.sort((a, b) => Math.hypot(a[0] - x, a[2] - z) - Math.hypot(b[0] - x, b[2] - z));
    stops.push(left.shift()!);
  }
  const points: Triple[] = [];
  for (const [i, from] of stops.entries()) {
    const to = stops[(i + 1) % stops.length]!;
    const steps = Math.max(1, Math.round(Math.hypot(to[0] - from[0], to[2] - from[2]) / 400));
    for (let step = 0; step < steps; step++) {
      const x = from[0] + ((to[0] - from[0]) * step) / steps;
      const z = from[2] + ((to[2] - from[2]) * step) / steps;
      points.push([x, highestNear(grid, x, z) + CLEARANCE_METERS, z]);
    }
  }
  return points;
}

function highestNear(grid: HeightGrid, x: number, z: number): number {
  let highest = heightAt(grid, x, z);
  for (let turn = 0; turn < 12; turn++) {
    const angle = (turn / 12) * Math.PI * 2;
    for (const reach of [150, 300])
      highest = Math.max(
        highest,
        heightAt(grid, x + Math.cos(angle) * reach, z + Math.sin(angle) * reach),
      );
  }
  return highest;
}
