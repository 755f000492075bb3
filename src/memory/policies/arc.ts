/**
 * ARC: two lists, of what was used once (T1) and more often (T2), and the ghosts of what each has lost
 * (B1, B2). A ghost that is asked for again says which list was too short, and moves the target.
 *
 * In bytes, it is the algorithm of figure 4 with every page counted as its size: T1 + B1 <= capacity,
 * all four <= 2 × capacity. With sizes of one it is that algorithm to the letter, but that ghosts are
 * dropped after an insertion and not before, which leaves the same ones.
 *
 * Based on: N. Megiddo, D. S. Modha. ARC: A Self-Tuning, Low Overhead Replacement Cache. FAST 2003,
 * section III and figure 4.
 */
import type { EvictionPolicy, MayEvict } from './eviction-policy.ts';
import { RowLists } from './row-lists.ts';

const T1 = 0;
const T2 = 1;
const B1 = 2;
const B2 = 3;
/** Missed while a ghost: it was used before, and is not there yet. */
const RETURNING = 4;

export interface ArcOptions {
  /** False: the target of T1 stays where it is; for comparison. */
  isAdaptive?: boolean;
}

export class ArcPolicy implements EvictionPolicy {
  readonly name: string = 'arc';
  capacity: number;
  readonly #rows = new RowLists(5);
  readonly #isAdaptive: boolean;
  /** What T1 should take: p in the paper. */
  #target = 0;
  /** The last miss was of a ghost of B2. */
  #missedB2 = false;

  constructor(capacity: number, { isAdaptive = true }: ArcOptions = {}) {
    this.capacity = capacity;
    this.#isAdaptive = isAdaptive;
  }

  miss(id: number): void {
    const rows = this.#rows;
    const list = rows.listOf(id);
    this.#missedB2 = list === B2;
    if (list !== B1 && list !== B2) return;
    const other = rows.bytes[list === B1 ? B2 : B1]!;
    const bytes = rows.bytesOf(id);
    const step = Math.max(bytes, (bytes * other) / Math.max(1, rows.bytes[list]!));
    if (this.#isAdaptive)
      this.#target =
        list === B1
          ? Math.min(this.capacity, this.#target + step)
          : Math.max(0, this.#target - step);
    rows.move(RETURNING, id);
  }

  insert(id: number, bytes: number): void {
    const rows = this.#rows;
    if (rows.listOf(id) === B1 || rows.listOf(id) === B2) this.miss(id);
    const list = rows.listOf(id) === RETURNING ? T2 : T1;
    rows.remove(id);
    rows.insert(list, id, bytes);
    this.#missedB2 = false;
    this.#dropGhosts();
  }

  use(id: number, isContinued: boolean): void {
    const list = this.#rows.listOf(id);
    if (list === T1) this.#rows.move(isContinued ? T1 : T2, id);
    else if (list === T2) this.#rows.move(T2, id);
  }

  begin(): void {
    this.#rows.begin();
  }

  victim(may: MayEvict): number {
    const bytes = this.#rows.bytes[T1]!;
    const isLong = bytes > this.#target || (this.#missedB2 && bytes === this.#target);
    const first = bytes > 0 && isLong ? T1 : T2;
    const id = this.#rows.oldestThatMay(first, may);
    return id >= 0 ? id : this.#rows.oldestThatMay(first === T1 ? T2 : T1, may);
  }

  evict(id: number): void {
    const list = this.#rows.listOf(id);
    if (list !== T1 && list !== T2) return;
    this.#rows.move(list === T1 ? B1 : B2, id);
    this.#dropGhosts();
  }

  forget(id: number): void {
    this.#rows.remove(id);
  }

  #dropGhosts(): void {
    const { bytes } = this.#rows;
    while (bytes[T1]! + bytes[B1]! > this.capacity && this.#dropOldest(B1));
    while (bytes[T1]! + bytes[T2]! + bytes[B1]! + bytes[B2]! > 2 * this.capacity)
      if (!this.#dropOldest(B2) && !this.#dropOldest(B1)) return;
  }

  #dropOldest(list: number): boolean {
    const id = this.#rows.back(list);
    if (id >= 0) this.#rows.remove(id);
    return id >= 0;
  }
}
