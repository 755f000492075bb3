/**
 * Policies by a figure that somebody else computes: `value` (what an entry is worth, per byte),
 * `distance` (how near it is). The entry of the least score goes first, equals by row. Scores are read
 * when a round of searches begins, when an entry comes or is used, and once more before it goes, so
 * that one which has risen since is not taken for what it was. O(n) a round, O(log n) otherwise.
 */
import { IndexedHeap } from '../../base/heap.ts';
import type { EvictionPolicy, MayEvict } from './eviction-policy.ts';
import { RowLists } from './row-lists.ts';

/** More is kept longer. */
export type Score = (id: number) => number;

export class ScoredPolicy implements EvictionPolicy {
  readonly name: string;
  capacity: number;
  readonly #score: Score;
  readonly #rows = new RowLists(1);
  readonly #heap = new IndexedHeap(64);

  constructor(name: string, capacity: number, score: Score) {
    this.name = name;
    this.capacity = capacity;
    this.#score = score;
  }

  miss(): void {}

  insert(id: number, bytes: number): void {
    this.#rows.insert(0, id, bytes);
    this.#heap.set(id, -this.#score(id));
  }

  use(id: number): void {
    if (this.#rows.listOf(id) === 0) this.#heap.set(id, -this.#score(id));
  }

  begin(): void {
    this.#heap.clear();
    for (let id = this.#rows.back(0); id >= 0; id = this.#rows.newer(id))
      this.#heap.set(id, -this.#score(id));
  }

  victim(may: MayEvict): number {
    for (let id = this.#heap.peek(); id >= 0; id = this.#heap.peek()) {
      const listed = this.#heap.priorityOf(id);
      this.#heap.delete(id);
      // Whoever may not go is out until the next round.
      if (!may(id)) continue;
      const now = -this.#score(id);
      const next = this.#heap.peek();
      this.#heap.set(id, now);
      // Only what is certainly more now waits: a score that is no number would for ever.
      if (!(now < listed && next >= 0 && now < this.#heap.priorityOf(next))) return id;
    }
    return -1;
  }

  evict(id: number): void {
    this.forget(id);
  }

  forget(id: number): void {
    this.#rows.remove(id);
    this.#heap.delete(id);
  }
}
