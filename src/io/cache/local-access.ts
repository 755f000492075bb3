/**
 * Access for the thread that has the files: reads are done at once, writes wait their turn, a slice
 * at a time, so that what is arriving is never held up by what is being stored.
 */
import type { Bytes } from '../source.ts';
import { type CacheAccess, type CacheEnvironment, MAX_BEHIND_BYTES } from './access.ts';
import type { CacheStore } from './cache-store.ts';
import type { CacheKey } from './key.ts';

/** Bytes stored in one go: under a millisecond of work. */
const SLICE_BYTES = 1024 * 1024;
/** How long what was stored may wait for its flush. */
const COMMIT_MS = 250;

interface Waiting {
  key: CacheKey;
  bytes: Bytes;
}

export function createLocalAccess(
  store: CacheStore,
  { clock, onWarning }: CacheEnvironment,
): CacheAccess {
  /** By hash, in the order they came. */
  const waiting = new Map<string, Waiting>();
  let waitingBytes = 0;
  let stopTimer: (() => void) | null = null;
  let hasWarned = false;
  let isClosed = false;

  const forget = ({ hash }: CacheKey): void => {
    waitingBytes -= waiting.get(hash)?.bytes.length ?? 0;
    waiting.delete(hash);
  };
  const storeSome = (budget: number): void => {
    let left = budget;
    for (const { key, bytes } of waiting.values()) {
      if (left <= 0) return;
      left -= bytes.length;
      forget(key);
      store.put(key, bytes);
    }
  };
  const commit = (): void => {
    store.commit();
    if (store.failure === '' || hasWarned) return;
    hasWarned = true;
    onWarning(
      `the cache cannot be written any more (${store.failure}); it is only read from now on`,
    );
  };
  const turn = (): void => {
    stopTimer = null;
    if (waiting.size === 0) commit();
    else storeSome(SLICE_BYTES);
    schedule();
  };
  const schedule = (): void => {
    if (stopTimer || isClosed || !(waiting.size > 0 || store.isDirty)) return;
    stopTimer = clock.after(waiting.size > 0 ? 0 : COMMIT_MS, turn);
  };

  return {
    async read(keys) {
      if (isClosed) return keys.map(() => null);
      const found = keys.map((key) => waiting.get(key.hash)?.bytes.slice() ?? store.get(key));
      schedule();
      return found;
    },
    write(key, bytes) {
      if (isClosed) return;
      forget(key);
      if (waitingBytes + bytes.length > MAX_BEHIND_BYTES) {
        // What was stored under this key is not what was to be stored now.
        store.drop(key);
        store.skip();
      } else {
        waiting.set(key.hash, { key, bytes: Uint8Array.from(bytes) });
        waitingBytes += bytes.length;
      }
      schedule();
    },
    drop(key) {
      if (isClosed) return;
      forget(key);
      store.drop(key);
      schedule();
    },
    stats: async () => store.stats(),
    async clear() {
      waiting.clear();
      waitingBytes = 0;
      store.clear();
      return store.failure === '';
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      stopTimer?.();
      storeSome(Number.POSITIVE_INFINITY);
      commit();
      store.close();
    },
  };
}
