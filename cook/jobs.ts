/** The two kinds of work that can leave the main thread. */
import sharp from 'sharp';
import { type CookedModel, cookModel, type ModelJob } from './cook-model.ts';
import { type CookedTile, cookTiles, type TerrainJob } from './terrain-tile.ts';

export type CookJob = ModelJob | TerrainJob;
export type CookResult = CookedModel | CookedTile[];

// Jobs run side by side already: a second level of threads only makes them wait for each other.
sharp.concurrency(1);
sharp.cache(false);

export function runJob(job: CookJob): Promise<CookResult> {
  return job.kind === 'model' ? cookModel(job) : cookTiles(job);
}

/** Buffers that a result may give away instead of copying. */
export function transferables(result: CookResult): ArrayBuffer[] {
  const payloads = Array.isArray(result)
    ? result.map((tile) => tile.payload)
    : result.lods.map((lod) => lod.payload);
  return payloads.map(({ bytes }) => bytes.buffer);
}
