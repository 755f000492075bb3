/**
 * Stable 32-bit hashes of logical names: the same name has the same id in every bundle, forever.
 *
 * Based on: FNV-1a. Fowler, Noll, Vo. 1991, over UTF-8, finished with murmur3's mixer. Appleby. 2008.
 */

const encoder = new TextEncoder();

/** The stable id of a name: an unsigned 32-bit integer, never 0 (0 means "none"). */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return hash >>> 0 || 1;
}
