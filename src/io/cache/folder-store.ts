/** A cache in a folder, for Node. */

import { assert, assertNumber, describe } from '../../base/assert.ts';
import { createSystemClock } from '../../base/clock.ts';
import { reasonOf } from '../../base/errors.ts';
import { randomName } from '../../base/random.ts';
import type { CacheAccess, CacheEnvironment, CachePlace } from './access.ts';
import { DEFAULT_QUOTA_BYTES } from './access.ts';
import { CacheStore, MIN_QUOTA_BYTES } from './cache-store.ts';
import { lockFolder, type NodeProcess, ownerOf } from './folder-lock.ts';
import { createLocalAccess } from './local-access.ts';
import { findNodeFs, openNodeFiles } from './node-files.ts';
import { openShared, withOpened } from './shared-open.ts';
import { createTabClient } from './tab-client.ts';
import { serveTabs } from './tab-owner.ts';

export interface FolderStoreOptions {
  /** Most bytes that the folder's files may have together. Default 512 MiB. */
  quotaBytes?: number;
}

/**
 * A place for `cached` in a folder on a disk of this machine, made if it is not there. One process
 * at a time uses it, its threads together; another one works without a cache, and says so.
 */
export function folderStore(folder: string, options: FolderStoreOptions = {}): CachePlace {
  const { quotaBytes = DEFAULT_QUOTA_BYTES } = options;
  assert(
    typeof folder === 'string' && folder !== '',
    `folder must be a path, got ${describe(folder)}`,
  );
  assertNumber('quotaBytes', quotaBytes, MIN_QUOTA_BYTES);
  const place = placeOf(folder);
  const open = (environment: CacheEnvironment): Promise<CacheAccess | null> =>
    openShared(place, async () => openFolder(folder, quotaBytes, environment));
  return {
    descriptor: { kind: 'folder', folder, quotaBytes },
    open,
    async clear() {
      const done = await withOpened(place, (access) => access.clear());
      if (done !== null) return done;
      const access = await open({ clock: createSystemClock(), onWarning: () => undefined });
      const isCleared = (await access?.clear()) ?? false;
      await access?.close();
      return isCleared;
    },
    async stats() {
      const own = await withOpened(place, (access) => access.stats());
      if (own || !isOurs(folder)) return own;
      const client = createTabClient(place, createSystemClock());
      const stats = await client.stats();
      await client.close();
      return stats;
    },
  };
}

function placeOf(folder: string): string {
  return `folder ${folder}`;
}

/** Whether a thread of this process has the folder: it can be asked. */
function isOurs(folder: string): boolean {
  const fs = findNodeFs();
  return fs !== null && ownerOf(fs, folder) === thisProcess().pid;
}

function thisProcess(): NodeProcess {
  return (globalThis as unknown as { process: NodeProcess }).process;
}

function openFolder(
  folder: string,
  quotaBytes: number,
  environment: CacheEnvironment,
): CacheAccess | null {
  const warn = (reason: string): null => {
    environment.onWarning(`no cache in ${folder}: ${reason}; everything is read from its source`);
    return null;
  };
  const fs = findNodeFs();
  if (!fs) return warn('this is not Node; use opfsStore in a browser');
  const place = placeOf(folder);
  try {
    fs.mkdirSync(folder, { recursive: true });
    const lock = lockFolder(fs, thisProcess(), folder, randomName());
    if (!lock && isOurs(folder)) return createTabClient(place, environment.clock);
    if (!lock) return warn(`another process is using it, see ${folder}/lock`);
    try {
      const store = new CacheStore(openNodeFiles(fs, folder, lock), { quotaBytes });
      const access = createLocalAccess(store, environment);
      const stopServing = serveTabs(place, access);
      return {
        ...access,
        async close() {
          stopServing();
          await access.close();
          lock.release();
        },
      };
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    return warn(reasonOf(error));
  }
}
