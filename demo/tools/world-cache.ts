/**
 * Keeps cooked worlds in `.farfield/`, each beside a key of everything it was made from. A world is
 * built in a folder of its own and moved into place when it is whole: a cook that was interrupted
 * leaves nothing that could be mistaken for a world.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { repositoryRoot } from '../../test/support/page-server.ts';

const KEY_FILE = 'key.txt';

/** Compiled code that decides what a cooked world holds, from `dist`. */
const MAKERS = ['cook', 'demo/world', 'demo/tools/worlds', 'src/base', 'src/io/bundle'];
const dist = fileURLToPath(new URL('../..', import.meta.url));

/** Where the worlds of the demo are. */
export const worldsFolder: string = join(repositoryRoot, '.farfield');

/** A hash over the code that makes worlds, the versions it uses, and `inputs`. */
export function worldKey(...inputs: (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const folder of MAKERS) {
    const root = join(dist, folder);
    const names = existsSync(root) ? readdirSync(root, { recursive: true, encoding: 'utf8' }) : [];
    for (const name of names.filter((file) => file.endsWith('.js')).sort())
      hash.update(`${folder}/${name}\0`).update(readFileSync(join(root, name)));
  }
  hash.update(readFileSync(join(repositoryRoot, 'package-lock.json')));
  for (const input of inputs) hash.update(input).update('\0');
  return hash.digest('hex');
}

export interface CachedWorld {
  folder: string;
  /** False where it was there already. */
  isNew: boolean;
  /** Time that `build` took. */
  seconds: number;
}

/** The world `name` for `key`; calls `build` with an empty folder when it is missing or stale. */
export async function cachedWorld(
  name: string,
  key: string,
  build: (folder: string) => Promise<unknown>,
): Promise<CachedWorld> {
  const folder = join(worldsFolder, name);
  const keyFile = join(folder, KEY_FILE);
  if (existsSync(keyFile) && readFileSync(keyFile, 'utf8') === key)
    return { folder, isNew: false, seconds: 0 };
  const started = Date.now();
  const fresh = `${folder}.${process.pid}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  try {
    await build(fresh);
    await writeFile(join(fresh, KEY_FILE), key);
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
  return { folder, isNew: true, seconds: (Date.now() - started) / 1000 };
}
