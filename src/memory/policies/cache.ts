/**
 * A policy by itself, as a cache of pages: what it would hit on a trace of accesses. The same classes
 * that decide in the plugin.
 */
import { assert } from '../../base/assert.ts';
import { type EvictionPolicy, mayEvictAll } from './eviction-policy.ts';

export interface Cache {
  /** Pages held now. */
  readonly size: number;
  has(id: number): boolean;
  /** Asks for a page, and brings it if it is not there. Returns whether it was. */
  access(id: number): boolean;
}

/**
 * A cache that holds as many pages as the policy has capacity for. Allocates nothing per access once
 * the policy's columns are long enough.
 *
 * @param pageCount ids are integers in [0, pageCount)
 */
export function createCache(policy: EvictionPolicy, pageCount: number): Cache {
  assert(
    Number.isInteger(policy.capacity) && policy.capacity >= 1,
    `createCache: capacity must be an integer of at least 1, got ${policy.capacity}`,
  );
  const isThere = new Uint8Array(pageCount);
  let size = 0;
  return {
    get size() {
      return size;
    },
    has: (id) => isThere[id] === 1,
    access(id) {
      if (isThere[id] === 1) {
        policy.use(id, false);
        return true;
      }
      policy.miss(id);
      if (size >= policy.capacity) {
        const victim = policy.victim(mayEvictAll);
        assert(
          victim >= 0 && isThere[victim] === 1,
          `createCache: ${policy.name} names ${victim} as victim, which is not there`,
        );
        policy.evict(victim);
        isThere[victim] = 0;
        size--;
      }
      policy.insert(id, 1);
      isThere[id] = 1;
      size++;
      return false;
    },
  };
}
