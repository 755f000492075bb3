/** The search that the policies with lists have in common. */
import type { MayEvict } from './eviction-policy.ts';
import type { RowLists } from './row-lists.ts';

/**
 * The oldest row of a list that may go, -1 none. Rows that may not are in somebody's use: they move to
 * the front as if used just now, so that they are met once a round and not at each search.
 */
export function oldestThatMay(lists: RowLists, list: number, may: MayEvict): number {
  for (let left = lists.counts[list]!; left > 0; left--) {
    const row = lists.back(list);
    if (may(row)) return row;
    lists.move(list, row);
  }
  return -1;
}
