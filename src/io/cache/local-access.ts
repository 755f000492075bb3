/**
 * Access for the thread that has the files: reads are done at once, writes wait their turn, a slice
 * at a time, so that what is arriving is never held up by what is being stored.
 */
import type { CacheAccess, CacheEnvironment } from './access.ts';
import type { CacheStore } from './cache-store.ts';
import { WriteBehind } from './write-behind.ts';

/** Bytes stored in one go: about a millisecond of work. */
const SLICE_BYTES = 1024 * 1024;
/** How long what was stored may wait for its flush. */
const COMMIT_MS = 250;

export function createLocalAccess(
  store: CacheStore,
  { clock, onWarning }: CacheEnvironment,
): CacheAccess {
  const waiting = new WriteBehind();
  let stopStoring: (() => void) | null = null;
  let stopCommit: (() => void) | null = null;
  let hasWarned = false;
  let isClosed = false;

  const storeSome = (bytes: number): void =>
    waiting.drain(bytes, (key, entry) => void store.put(key, entry));
  const commit = (): void => {
    store.commit();
    if (store.failure === '' || hasWarned) return;
    hasWarned = true;
    onWarning(
      `the cache cannot be written any more (${store.failure}) and is only read from now on`,
    );
  };
  /** Two timers: a stream of writes that never ends must be flushed all the same. */
  const schedule = (): void => {
    if (isClosed) return;
    if (!waiting.isEmpty)
      stopStoring ??= clock.after(0, () => {
        stopStoring = null;
        storeSome(SLICE_BYTES);
        schedule();
      });
    if (store.isDirty)
      stopCommit ??= clock.after(COMMIT_MS, () => {
        stopCommit = null;
        commit();
        schedule();
      });
  };

  return {
    async read(keys) {
      if (isClosed) return keys.map(() => null);
      const found = keys.map((key) => waiting.find(key) ?? store.get(key));
      schedule();
      return found;
    },
    write(key, bytes) {
      if (isClosed) return;
      if (!waiting.add(key, bytes)) {
        // What is stored under this key is not what was to be stored now.
        store.drop(key);
        store.skip();
      }
      schedule();
    },
    drop(key) {
      if (isClosed) return;
      waiting.remove(key);
      store.drop(key);
      schedule();
    },
    async stats() {
      const stats = store.stats();
      return { ...stats, hits: stats.hits + waiting.hits };
    },
    async clear() {
      waiting.clear();
      store.clear();
      return store.failure === '';
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      stopStoring?.();
      stopCommit?.();
      storeSome(Number.POSITIVE_INFINITY);
      commit();
      store.close();
    },
  };
}
