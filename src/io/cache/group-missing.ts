/** Which parts to ask for together when a cache has some of them. */
import type { Part } from '../source.ts';

/** Reading this much once more costs less than one more request, on links of 10 Mbit/s and up. */
const GAP_BYTES = 64 * 1024;

/**
 * Indices of the parts that were not found, in groups: each is worth one read. Cached parts between
 * two missing ones are read again where that costs less than another request.
 * @param parts by ascending start
 * @param found of each part, what the cache had
 */
export function groupMissing(parts: readonly Part[], found: readonly unknown[]): number[][] {
  const groups: number[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  parts.forEach((part, index) => {
    if (found[index]) return;
    if (part.start - end > GAP_BYTES) groups.push([index]);
    else groups.at(-1)!.push(index);
    end = Math.max(end, part.end);
  });
  return groups;
}
