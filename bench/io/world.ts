/** The world that the io benchmark loads from: the demo's island, or any cooked folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createProgress } from '../../demo/tools/progress.ts';
import { cachedWorld, worldKey } from '../../demo/tools/world-cache.ts';
import { buildIsland } from '../../demo/tools/worlds/island.ts';

/** Resolves with the folder; cooks the island where it is not there. */
export async function findWorld(given: string | undefined): Promise<string> {
  if (given !== undefined) {
    if (existsSync(join(given, 'world.json'))) return given;
    throw new Error(`--world ${given}: there is no world.json in it; cook a world there first`);
  }
  const progress = createProgress('Island');
  const world = await cachedWorld('island', worldKey('island'), (folder) =>
    buildIsland({ folder, onProgress: progress.update }),
  );
  progress.stop();
  return world.folder;
}
