/** The island, cooked if it is not there yet, with its progress on the terminal. */
import { createProgress } from './progress.ts';
import { type CachedWorld, cachedWorld, worldKey } from './world-cache.ts';
import { buildIsland } from './worlds/island.ts';

export async function islandWorld(): Promise<CachedWorld> {
  const progress = createProgress('Island');
  const world = await cachedWorld('island', worldKey('island'), (folder) =>
    buildIsland({ folder, onProgress: progress.update }),
  );
  progress.stop();
  return world;
}
