/**
 * The built-in world: a seeded island made from nothing, written as the sources that any world is
 * cooked from (GLBs, a heightmap with its color, placements, levels), so that the demo takes the
 * same way as a user's own data.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { planFlight, spawnOf } from './autopilot.ts';
import { buildModels } from './models/build-models.ts';
import { modelsOf } from './models/catalog.ts';
import { createTaken } from './place/footprints.ts';
import type { Land } from './place/land.ts';
import { scatter } from './place/scatter.ts';
import { LAYERS } from './place/season.ts';
import { createCollector, finish } from './place/table.ts';
import { buildVillages } from './place/villages.ts';
import { mapBiomes } from './terrain/biomes.ts';
import { quantizeHeights, writeHeightmap } from './terrain/height-field.ts';
import { paintGround, writeGround } from './terrain/paint-ground.ts';
import { buildRoads } from './terrain/roads.ts';
import { SEA_FLOOR, shapeIsland } from './terrain/shape.ts';
import { findCape, findSummit, settle } from './terrain/sites.ts';
import type { IslandMetadata, IslandOptions, IslandSources, PlacementTable } from './types.ts';

export type { IslandOptions, IslandSources } from './types.ts';

/** Side of the world, and height range of the heightmap, meters. */
const SIZE_METERS = 4096;
const HEIGHT_BASE = SEA_FLOOR;
const HEIGHT_METERS = 640;

interface Scale {
  samples: number;
  groundPixels: number;
  texels: number;
  /** Share of the full world's planting. */
  share: number;
}

const SCALES: Record<'full' | 'small', Scale> = {
  full: { samples: 1025, groundPixels: 4096, texels: 1024, share: 1 },
  small: { samples: 257, groundPixels: 512, texels: 128, share: 0.028 },
};

/** The seed that the demo ships with: its bays, villages and views were looked at. */
export const ISLAND_SEED = 7;

/**
 * Makes the island in `options.folder` and says what was made. Same seed and size, same bytes.
 * Throws when the folder cannot be written.
 */
export async function generateIsland(options: IslandOptions): Promise<IslandSources> {
  const { seed = ISLAND_SEED, size = 'full', onProgress } = options;
  const scale = SCALES[size];
  const folder = resolve(options.folder);
  const modelFolder = join(folder, 'models');
  await mkdir(modelFolder, { recursive: true });
  const names = modelsOf(size).map((model) => model.name);
  let built = 0;
  const models = buildModels(
    names,
    { folder: modelFolder, seed, texels: scale.texels },
    (model) => {
      built++;
      onProgress?.(built / (names.length + 1), model.name);
    },
  );
  // Both run at once; whichever fails first ends the whole.
  const [land] = await Promise.all([shapeLand(folder, seed, scale, names), models]);
  onProgress?.(1, 'island');
  const { placements, metadata } = land;
  const { villages, tavern } = metadata;
  const named = tavern ? [...villages, tavern] : villages;
  const levels = named.map(({ name, center, radius }) => ({ name, center, radius }));
  const levelsFile = join(folder, 'levels.json');
  const metadataFile = join(folder, 'island.json');
  await writeFile(levelsFile, `${JSON.stringify(levels, null, 2)}\n`);
  await writeFile(metadataFile, `${JSON.stringify(metadata, null, 2)}\n`);
  return {
    folder,
    inputs: names.map((name) => join(modelFolder, `${name}.glb`)),
    heightmap: join(folder, 'heights.png'),
    heightmapColor: join(folder, 'ground.jpg'),
    size: SIZE_METERS,
    height: HEIGHT_METERS,
    heightBase: HEIGHT_BASE,
    levels,
    levelsFile,
    placements,
    metadata,
    metadataFile,
  };
}

/** Terrain, roads, villages, planting; writes the heightmap and the ground color. */
async function shapeLand(
  folder: string,
  seed: number,
  scale: Scale,
  names: readonly string[],
): Promise<{ placements: PlacementTable; metadata: IslandMetadata }> {
  const relief = shapeIsland(seed, scale.samples, SIZE_METERS);
  const villages = settle(relief);
  const cape = findCape(relief, villages);
  const roads = buildRoads(relief.field, villages, [cape]);
  const values = quantizeHeights(relief.field, HEIGHT_METERS, HEIGHT_BASE);
  const heightsWritten = writeHeightmap(join(folder, 'heights.png'), values, scale.samples);
  const biomes = mapBiomes(relief, seed, villages, roads);
  const ground = paintGround({ relief, biomes, roads, villages }, scale.groundPixels);
  const groundWritten = writeGround(join(folder, 'ground.jpg'), ground, scale.groundPixels);
  const out = createCollector(names);
  const taken = createTaken();
  const land: Land = { seed, relief, roads, biomes, villages, cape, taken, out, tavern: null };
  buildVillages(land);
  scatter(land, scale.share);
  const placements = finish(out, LAYERS);
  await Promise.all([heightsWritten, groundWritten]);
  const summit = findSummit(relief);
  const autopilot = planFlight(relief.field, villages, { lighthouse: cape, summit });
  const metadata: IslandMetadata = {
    seed,
    sizeMeters: SIZE_METERS,
    heightMeters: HEIGHT_METERS,
    heightBase: HEIGHT_BASE,
    villages,
    tavern: land.tavern,
    spawn: spawnOf(autopilot),
    autopilot,
    lighthouse: cape,
    summit,
    assetCount: names.length,
    placementCount: placements.assets.length,
  };
  return { placements, metadata };
}
