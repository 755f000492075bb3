/**
 * 2Q: what comes waits in a queue (A1in), whose ghosts (A1out) are remembered; only what is asked for
 * again after it has left there enters the LRU list (Am).
 *
 * Based on: T. Johnson, D. Shasha. 2Q: A Low Overhead High Performance Buffer Management Replacement
 * Algorithm. VLDB 1994, the full version, with the constants it recommends: a quarter of the capacity
 * for A1in, and half of it remembered.
 */
import type { EvictionPolicy, MayEvict } from './eviction-policy.ts';
import { RowLists } from './row-lists.ts';

const A1IN = 0;
const AM = 1;
const A1OUT = 2;
/** Missed while it was remembered, and not there yet. */
const RETURNING = 3;

const IN_SHARE = 0.25;
const OUT_SHARE = 0.5;

export class TwoQPolicy implements EvictionPolicy {
  readonly name: string = '2q';
  capacity: number;
  readonly #rows = new RowLists(4);

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  miss(id: number): void {
    if (this.#rows.listOf(id) === A1OUT) this.#rows.move(RETURNING, id);
  }

  insert(id: number, bytes: number): void {
    const list = this.#rows.listOf(id) >= A1OUT ? AM : A1IN;
    this.#rows.remove(id);
    this.#rows.insert(list, id, bytes);
  }

  use(id: number): void {
    if (this.#rows.listOf(id) === AM) this.#rows.move(AM, id);
  }

  begin(): void {
    this.#rows.begin();
  }

  victim(may: MayEvict): number {
    const isLong = this.#rows.bytes[A1IN]! > this.capacity * IN_SHARE;
    const id = this.#rows.oldestThatMay(isLong ? A1IN : AM, may);
    return id >= 0 ? id : this.#rows.oldestThatMay(isLong ? AM : A1IN, may);
  }

  evict(id: number): void {
    const rows = this.#rows;
    if (rows.listOf(id) === AM) rows.remove(id);
    if (rows.listOf(id) !== A1IN) return;
    rows.move(A1OUT, id);
    while (rows.bytes[A1OUT]! > this.capacity * OUT_SHARE) rows.remove(rows.back(A1OUT));
  }

  forget(id: number): void {
    this.#rows.remove(id);
  }
}
