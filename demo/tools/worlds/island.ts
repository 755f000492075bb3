/**
 * The built-in world: generates the island, cooks it, and writes what the demo needs beside it.
 * The lighthouse is taken out of the placements: it is an entity of the game's own.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CookReport, cook } from '../../../cook/index.ts';
import type {
  DemoInterior,
  DemoLandmark,
  DemoVessel,
  DemoWorld,
  Triple,
} from '../../app/world-file.ts';
import { generateIsland, type IslandOptions, type IslandSources } from '../../world/index.ts';
import type { Tavern } from '../../world/types.ts';
import { MAP_SIDE, type Relief, readRelief, writeDepth, writeMap } from './pictures.ts';
import { takeOut } from './placement-rows.ts';

/** Everything resident at once would need more than eight times this. */
const BUDGET_BYTES = 144 * 1024 * 1024;

/** The sea's color does not change below this (meters). */
const DEPTH_RANGE_METERS = 24;

/** From where villages are seen as one mesh: they load at this distance (meters). */
const VILLAGE_METERS = 450;

/** Woods and fields come in squares; farther away, one mesh stands for each (meters). */
const GRIDS = [{ name: 'land', edge: 512, range: 900 }];
const PROXY_TRIANGLES = 8192;

/** Generating takes about this share of the whole. */
const GENERATING_SHARE = 0.4;

export interface IslandBuild {
  /** Receives the cooked world, `demo.json` and the pictures. */
  folder: string;
  size?: IslandOptions['size'];
  /** @param fraction 0 to 1 */
  onProgress?: (fraction: number, what: string) => void;
}

/**
 * Generates and cooks. `<folder>.sources` holds the generated sources meanwhile; they are removed
 * unless `use` (called when all is written) keeps what it needs of them.
 */
export async function buildIsland(
  options: IslandBuild,
  use: (sources: IslandSources) => Promise<void> = async () => undefined,
): Promise<CookReport> {
  const { folder, size = 'full', onProgress = () => undefined } = options;
  const sourceFolder = `${folder}.sources`;
  try {
    const sources = await generateIsland({
      folder: sourceFolder,
      size,
      onProgress: (fraction, what) => onProgress(fraction * GENERATING_SHARE, `making ${what}`),
    });
    const cooking = (done: number, total: number, what: string): void =>
      onProgress(GENERATING_SHARE + (1 - GENERATING_SHARE) * (done / total), `cooking ${what}`);
    const report = await cookIsland(sources, folder, cooking);
    await use(sources);
    return report;
  } finally {
    await rm(sourceFolder, { recursive: true, force: true });
  }
}

async function cookIsland(
  sources: IslandSources,
  folder: string,
  onProgress: (done: number, total: number, what: string) => void,
): Promise<CookReport> {
  const { table, rows } = takeOut(sources.placements, 'lighthouse');
  const { inputs, heightmap, heightmapColor, size, height, heightBase, levels } = sources;
  const isVillage = (name: string): boolean =>
    sources.metadata.villages.some((village) => village.name === name);
  const terrain = { heightmap, heightmapColor, size, height, heightBase };
  const report = await cook({
    inputs,
    out: folder,
    placements: table,
    ...terrain,
    levels: levels.map((level) =>
      isVillage(level.name) ? { ...level, proxy: VILLAGE_METERS } : level,
    ),
    grids: GRIDS,
    proxyTriangles: PROXY_TRIANGLES,
    name: 'island',
    onProgress,
  });
  const relief = await writePictures(sources, folder);
  const landmarks = rows.map(({ position, yawRadians, scale }) => ({
    asset: 'lighthouse',
    position,
    headingRadians: yawRadians,
    scale,
    pinnedLod: 2,
  }));
  const file = describeIsland(sources, relief, landmarks);
  await writeFile(join(folder, 'demo.json'), `${JSON.stringify(file, null, 2)}\n`);
  return report;
}

async function writePictures(sources: IslandSources, folder: string): Promise<Relief> {
  const { size: sizeMeters, height, heightBase } = sources;
  const range = { sizeMeters, height, heightBase };
  const relief = await readRelief(sources.heightmap, { ...range, side: MAP_SIDE });
  await writeMap(relief, sources.heightmapColor, 0, join(folder, 'map.webp'));
  await writeDepth(sources.heightmap, range, DEPTH_RANGE_METERS, join(folder, 'depth.png'));
  return relief;
}

function describeIsland(
  { metadata, placements }: IslandSources,
  relief: Relief,
  landmarks: DemoLandmark[],
): DemoWorld {
  const boat = placements.assetNames.includes('fishing-boat') ? 'fishing-boat' : 'fence';
  return {
    title: 'The island',
    head: 'world.json',
    sizeMeters: metadata.sizeMeters,
    seaLevelMeters: 0,
    budgetBytes: BUDGET_BYTES,
    villages: metadata.villages.map(({ name, title, center, radius }) => ({
      level: name,
      title,
      center,
      radius,
    })),
    interiors: metadata.tavern ? [describeTavern(metadata.tavern)] : [],
    landmarks,
    vessels: findCourses(relief, metadata.autopilot.points[0]!, boat),
    spawn: metadata.spawn,
    autopilot: {
      points: metadata.autopilot.points,
      targets: metadata.autopilot.targets,
      metersPerSecond: 42,
    },
    map: 'map.webp',
    depth: 'depth.png',
    depthRangeMeters: DEPTH_RANGE_METERS,
    credits: ['Every tree, house and hill is generated: nothing is downloaded'],
  };
}

function describeTavern({ name, center, size, turn, outside, inside }: Tavern): DemoInterior {
  return { level: name, title: 'The tavern', center, size, yawRadians: turn, outside, inside };
}

/** Rounds over open water near where the flight begins, for two boats. */
function findCourses(relief: Relief, near: Triple, asset: string): DemoVessel[] {
  const courses: DemoVessel[] = [];
  for (let reach = 0; reach < 900 && courses.length < 2; reach += 30) {
    for (let turn = 0; turn < 12 && courses.length < 2; turn++) {
      const angle = (turn / 12) * Math.PI * 2;
      const center: Triple = [
        near[0] + Math.cos(angle) * reach,
        0,
        near[2] + Math.sin(angle) * reach,
      ];
      const isTaken = courses.some(({ points }) => distance(points[0]!, center) < 320);
      const points = ring(center, 62, 40);
      if (isTaken || !points.every((point) => depthAt(relief, point) > 2)) continue;
      courses.push({ asset, points, metersPerSecond: 4, scale: 1.15, floats: true });
    }
  }
  return courses;
}

function ring([x, y, z]: Triple, along: number, across: number): Triple[] {
  return Array.from({ length: 16 }, (_, i): Triple => {
    const angle = (i / 16) * Math.PI * 2;
    return [x + Math.cos(angle) * along, y + 0.25, z + Math.sin(angle) * across];
  });
}

function distance(a: Triple, b: Triple): number {
  return Math.hypot(a[0] - b[0], a[2] - b[2]);
}

/** Meters of water, negative on land and outside. */
function depthAt({ heights, side, sizeMeters }: Relief, [x, , z]: Triple): number {
  const column = Math.floor((x / sizeMeters + 0.5) * side);
  const row = Math.floor((z / sizeMeters + 0.5) * side);
  if (column < 0 || row < 0 || column >= side || row >= side) return -1;
  return -heights[row * side + column]!;
}
