/**
 * Doubly linked lists over rows, in columns: a row is in one list at a time, or in none. Front is
 * newest, back is oldest. All operations are O(1) but for growing and searching.
 */
import { grown } from '../../base/grown.ts';
import type { MayEvict } from './eviction-policy.ts';

/** A row that is in no list. */
const NONE = 255;

export class RowLists {
  /** Rows and bytes of each list. */
  readonly counts: Float64Array;
  readonly bytes: Float64Array;
  readonly #listCount: number;
  /**
   * Nodes: one for each list, where its ring begins and ends, one for each list's rows that were put
   * aside, then the rows.
   */
  #next: Int32Array;
  #previous: Int32Array;
  #lists: Uint8Array;
  #sizes: Float64Array;

  constructor(listCount: number) {
    this.#listCount = listCount;
    this.counts = new Float64Array(listCount);
    this.bytes = new Float64Array(listCount);
    this.#next = Int32Array.from({ length: 2 * listCount }, (_, node) => node);
    this.#previous = this.#next.slice();
    this.#lists = new Uint8Array(0);
    this.#sizes = new Float64Array(0);
  }

  /** List that the row is in, -1 none. */
  listOf(row: number): number {
    const list = row < this.#lists.length ? this.#lists[row]! : NONE;
    return list === NONE ? -1 : list;
  }

  /** What it was said to take when it was last put at the front with a size. */
  bytesOf(row: number): number {
    return this.#sizes[row]!;
  }

  /** Puts a row that is in no list at the front of one, with a new size. */
  insert(list: number, row: number, bytes: number): void {
    if (row >= this.#lists.length) this.#grow(row + 1);
    this.#sizes[row] = bytes;
    this.#link(list, row);
  }

  /** Moves a row from its list to the front of another, or of the same. */
  move(list: number, row: number): void {
    this.remove(row);
    this.#link(list, row);
  }

  /** Takes the row out of its list, if it is in one. */
  remove(row: number): void {
    const list = this.listOf(row);
    if (list < 0) return;
    this.#unlink(row);
    this.#lists[row] = NONE;
    this.counts[list] = this.counts[list]! - 1;
    this.bytes[list] = this.bytes[list]! - this.#sizes[row]!;
  }

  /** The oldest row of a list, -1 none. */
  back(list: number): number {
    const node = this.#previous[list]!;
    return node === list ? -1 : node - 2 * this.#listCount;
  }

  /** The next newer row of the same list, -1 none. */
  newer(row: number): number {
    const node = this.#previous[row + 2 * this.#listCount]! - 2 * this.#listCount;
    return node < 0 ? -1 : node;
  }

  /** A round of searches begins: rows that were passed over go back, to the front. */
  begin(): void {
    for (let list = 0; list < this.#listCount; list++) {
      const parked = list + this.#listCount;
      const front = this.#next[parked]!;
      if (front === parked) continue;
      const back = this.#previous[parked]!;
      const first = this.#next[list]!;
      this.#join(list, front);
      this.#join(back, first);
      this.#join(parked, parked);
    }
  }

  /**
   * The oldest row of a list that may go, -1 none. Rows that may not are in somebody's use: they are put
   * aside until the next round, and then count as used just now. So each is met once a round.
   */
  oldestThatMay(list: number, may: MayEvict): number {
    for (let row = this.back(list); row >= 0; row = this.back(list)) {
      if (may(row)) return row;
      this.#unlink(row);
      this.#linkBehind(list + this.#listCount, row);
    }
    return -1;
  }

  #link(list: number, row: number): void {
    this.#linkBehind(list, row);
    this.#lists[row] = list;
    this.counts[list] = this.counts[list]! + 1;
    this.bytes[list] = this.bytes[list]! + this.#sizes[row]!;
  }

  /** Makes the row the first of the ring that begins with `node`. */
  #linkBehind(node: number, row: number): void {
    const own = row + 2 * this.#listCount;
    this.#join(own, this.#next[node]!);
    this.#join(node, own);
  }

  #unlink(row: number): void {
    const own = row + 2 * this.#listCount;
    this.#join(this.#previous[own]!, this.#next[own]!);
  }

  #join(node: number, next: number): void {
    this.#next[node] = next;
    this.#previous[next] = node;
  }

  #grow(needed: number): void {
    const used = this.#lists.length;
    const rows = Math.max(needed, used * 2, 64);
    this.#next = grown(this.#next, rows + 2 * this.#listCount);
    this.#previous = grown(this.#previous, rows + 2 * this.#listCount);
    this.#lists = grown(this.#lists, rows).fill(NONE, used);
    this.#sizes = grown(this.#sizes, rows);
  }
}
