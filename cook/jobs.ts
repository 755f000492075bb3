/** The kinds of work that can leave the main thread. */
import sharp from 'sharp';
import { type CookedModel, cookModel, type ModelJob } from './cook-model.ts';
import { type CookedProxy, cookProxy, type ProxyJob } from './cook-proxy.ts';
import { type CookedTile, cookTiles, type TerrainJob } from './terrain-tile.ts';

export type CookJob = ModelJob | TerrainJob | ProxyJob;
export type CookResult = CookedModel | CookedTile[] | CookedProxy;

// Jobs run side by side already: a second level of threads only makes them wait for each other.
sharp.concurrency(1);
sharp.cache(false);

export function runJob(job: CookJob): Promise<CookResult> {
  if (job.kind === 'proxy') return cookProxy(job);
  return job.kind === 'model' ? cookModel(job) : cookTiles(job);
}

/** Buffers that a result may give away instead of copying. */
export function transferables(result: CookResult): ArrayBuffer[] {
  if (Array.isArray(result)) return result.map(({ payload }) => payload.bytes.buffer);
  const model = 'lods' in result ? result : result.model;
  return model ? model.lods.map(({ payload }) => payload.bytes.buffer) : [];
}
