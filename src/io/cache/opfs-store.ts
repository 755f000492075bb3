/** A cache in a browser's private file system (OPFS). */
import { assert, assertNumber, describe } from '../../base/assert.ts';
import { createSystemClock } from '../../base/clock.ts';
import type { CacheAccess, CachePlace } from './access.ts';
import { DEFAULT_QUOTA_BYTES } from './access.ts';
import { MIN_QUOTA_BYTES } from './cache-store.ts';
import { canOpenOpfs, removeOpfsFiles } from './opfs-files.ts';
import { openShared, withOpened } from './shared-open.ts';
import { openTabAccess } from './tab-access.ts';
import { createTabClient } from './tab-client.ts';
import { ownerName } from './tab-messages.ts';

export interface OpfsStoreOptions {
  /** Tabs and visits that give the same name share one cache. Default "worlds". */
  name?: string;
  /** Most bytes that its files may have together. Default 512 MiB. */
  quotaBytes?: number;
}

/**
 * A place for `cached` in the browser. Several tabs share it; what an origin may store is the
 * browser's decision, and a smaller room than `quotaBytes` is made do with. `clear` and `stats` work
 * from the page too.
 */
export function opfsStore(options: OpfsStoreOptions = {}): CachePlace {
  const { name = 'worlds', quotaBytes = DEFAULT_QUOTA_BYTES } = options;
  assert(
    typeof name === 'string' && /^[\w-][\w.-]*$/.test(name),
    `name must be a plain file name, got ${describe(name)}`,
  );
  assertNumber('quotaBytes', quotaBytes, MIN_QUOTA_BYTES);
  const place = `opfs ${name}`;
  return {
    descriptor: { kind: 'opfs', name, quotaBytes },
    open: (environment) =>
      openShared(place, async () => {
        const problem = findProblem();
        if (problem === '') return openTabAccess(name, quotaBytes, environment);
        environment.onWarning(`no cache "${name}": ${problem}; everything is read from its source`);
        return null;
      }),
    async clear() {
      const own = await withOpened(place, (access) => access.clear());
      return own ?? ((await askOwner(name, (owner) => owner.clear())) || removeAlone(name));
    },
    async stats() {
      const own = await withOpened(place, (access) => access.stats());
      return own ?? askOwner(name, (owner) => owner.stats());
    },
  };
}

function findProblem(): string {
  if (!canOpenOpfs())
    return 'files can be opened only in a worker, of a secure page, of a browser with OPFS';
  if (!navigator.locks || typeof BroadcastChannel === 'undefined')
    return 'this browser has no locks, so that tabs could spoil each other';
  return '';
}

async function askOwner<T>(name: string, ask: (owner: CacheAccess) => Promise<T>): Promise<T> {
  const client = createTabClient(name, createSystemClock());
  try {
    return await ask(client);
  } finally {
    await client.close();
  }
}

/** Removes the files while nobody else can open them; false when somebody has them. */
async function removeAlone(name: string): Promise<boolean> {
  return navigator.locks.request(ownerName(name), { ifAvailable: true }, async (lock) => {
    if (!lock) return false;
    await removeOpfsFiles(name);
    return true;
  });
}
