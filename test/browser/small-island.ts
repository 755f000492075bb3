/** The reduced island, cooked and served, for tests of the demo in a browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoServer, serveDemo } from '../../demo/tools/serve.ts';
import { buildIsland } from '../../demo/tools/worlds/island.ts';

export interface SmallIsland {
  /** Of the cooked world. */
  folder: string;
  /** `http://127.0.0.1:PORT`, without a slash at the end; the world is `?world=small`. */
  origin: string;
  /** Ends the server and takes the world away. */
  close(): Promise<void>;
}

/** Cooks it into a folder of its own and serves it with the demo. The caller closes it. */
export async function serveSmallIsland(): Promise<SmallIsland> {
  const parent = await mkdtemp(join(tmpdir(), 'farfield-island-'));
  const folder = join(parent, 'small');
  const remove = (): Promise<void> => rm(parent, { recursive: true, force: true });
  let server: DemoServer;
  try {
    await buildIsland({ folder, size: 'small' });
    const cacheName = `.vite-demo-${process.env['VITEST_POOL_ID'] ?? 0}`;
    server = await serveDemo({ worlds: { small: folder }, port: 0, cacheName, isWatching: false });
  } catch (error) {
    await remove();
    throw error;
  }
  const close = async (): Promise<void> => {
    await server.close();
    await remove();
  };
  return { folder, origin: server.origin, close };
}
