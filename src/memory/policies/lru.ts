/**
 * LRU: what was used longest ago goes first. FIFO is the same without uses.
 *
 * Based on: P. J. Denning. The Working Set Model for Program Behavior. CACM 11(5), 1968.
 */
import type { EvictionPolicy, MayEvict } from './eviction-policy.ts';
import { RowLists } from './row-lists.ts';

export class LruPolicy implements EvictionPolicy {
  readonly name: string = 'lru';
  capacity: number;
  readonly #rows = new RowLists(1);

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  miss(): void {}

  insert(id: number, bytes: number): void {
    this.#rows.insert(0, id, bytes);
  }

  use(id: number): void {
    if (this.#rows.listOf(id) === 0) this.#rows.move(0, id);
  }

  begin(): void {
    this.#rows.begin();
  }

  victim(may: MayEvict): number {
    return this.#rows.oldestThatMay(0, may);
  }

  evict(id: number): void {
    this.#rows.remove(id);
  }

  forget(id: number): void {
    this.#rows.remove(id);
  }
}
