/**
 * A cache shared by several tabs. Whoever holds the lock has the files and answers the others; when
 * it goes, however it goes, the browser passes the lock on and the next in line opens them.
 */
import { reasonOf } from '../../base/errors.ts';
import type { CacheAccess, CacheEnvironment } from './access.ts';
import { CacheStore } from './cache-store.ts';
import { createLocalAccess } from './local-access.ts';
import { openOpfsFiles } from './opfs-files.ts';
import { createTabClient } from './tab-client.ts';
import { ownerName } from './tab-messages.ts';
import { serveTabs } from './tab-owner.ts';

/**
 * Resolves when this tab has the files, or another one has answered, or nobody has in time.
 * @param name of the cache; the same in all tabs that share it
 */
export async function openTabAccess(
  name: string,
  quotaBytes: number,
  environment: CacheEnvironment,
): Promise<CacheAccess> {
  const client = createTabClient(name, environment.clock);
  const closing = new AbortController();
  /** `access`: to the files, once this tab has them. */
  const own: { access: CacheAccess | null } = { access: null };
  /** Settled when this tab has the files, or has found that it cannot open them. */
  let announce: () => void = () => undefined;
  const isDecided = new Promise<void>((resolve) => {
    announce = resolve;
  });

  /** Runs while this tab holds the lock. */
  const serve = async (): Promise<void> => {
    const files = await openOpfsFiles(name, environment.clock);
    const store = new CacheStore(files, { quotaBytes });
    const access = createLocalAccess(store, environment);
    own.access = access;
    announce();
    client.forgetCalls();
    const stop = serveTabs(name, access);
    await new Promise<void>((resolve) => {
      if (closing.signal.aborted) resolve();
      closing.signal.addEventListener('abort', () => resolve());
    });
    stop();
    await access.close();
  };
  const holding = navigator.locks
    .request(ownerName(name), { signal: closing.signal }, serve)
    .catch((error: unknown) => {
      announce();
      if (closing.signal.aborted) return;
      const reason = reasonOf(error);
      environment.onWarning(`no cache "${name}": ${reason}; everything is read from its source`);
    });

  await Promise.race([isDecided, client.stats()]);
  return {
    async read(keys) {
      if (own.access) return own.access.read(keys);
      // After a reload nobody answers, and a moment later the lock of the page before is free.
      const asked = client.read(keys);
      const first = await Promise.race([asked, isDecided]);
      if (first) return first;
      const { access } = own as { access: CacheAccess | null };
      return access ? access.read(keys) : asked;
    },
    write: (key, bytes) => (own.access ?? client).write(key, bytes),
    drop: (key) => (own.access ?? client).drop(key),
    stats: () => (own.access ?? client).stats(),
    clear: () => (own.access ?? client).clear(),
    async close() {
      closing.abort();
      await holding;
      await client.close();
    },
  };
}
