/**
 * SIEVE: a queue in order of arrival, a bit for "used since", and a hand that goes from old to new,
 * clears bits, and stops at the first entry without one. A search is O(1) amortized: each step over a
 * used entry was paid for by its use.
 *
 * Based on: Y. Zhang, J. Yang, Y. Yue, Y. Vigfusson, K. V. Rashmi. SIEVE is Simpler than LRU: an
 * Efficient Turn-Key Eviction Algorithm for Web Caches. NSDI 2024, section 3, algorithm 1.
 */
import { grown } from '../../base/grown.ts';
import type { EvictionPolicy, MayEvict } from './eviction-policy.ts';
import { RowLists } from './row-lists.ts';

export class SievePolicy implements EvictionPolicy {
  readonly name: string = 'sieve';
  capacity: number;
  readonly #rows = new RowLists(1);
  #visited: Uint8Array = new Uint8Array(0);
  /** Where the next search begins; -1 = with the oldest. */
  #hand = -1;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  miss(): void {}

  insert(id: number, bytes: number): void {
    if (id >= this.#visited.length)
      this.#visited = grown(this.#visited, Math.max(id + 1, this.#visited.length * 2, 64));
    this.#visited[id] = 0;
    this.#rows.insert(0, id, bytes);
  }

  use(id: number, isContinued: boolean): void {
    if (!isContinued && this.#rows.listOf(id) === 0) this.#visited[id] = 1;
  }

  begin(): void {}

  victim(may: MayEvict): number {
    const rows = this.#rows;
    let at = this.#hand < 0 ? rows.back(0) : this.#hand;
    // One round clears every bit that it meets; the second finds whoever may go.
    for (let left = 2 * rows.counts[0]!; left > 0; left--) {
      if (may(at)) {
        if (this.#visited[at] === 0) {
          this.#hand = at;
          return at;
        }
        this.#visited[at] = 0;
      }
      at = rows.newer(at);
      if (at < 0) at = rows.back(0);
    }
    return -1;
  }

  evict(id: number): void {
    this.forget(id);
  }

  forget(id: number): void {
    if (this.#hand === id) this.#hand = this.#rows.newer(id);
    this.#rows.remove(id);
  }
}
