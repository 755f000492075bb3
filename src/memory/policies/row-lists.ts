/**
 * Doubly linked lists over rows, in columns: a row is in one list at a time, or in none. Front is
 * newest, back is oldest. All operations are O(1) but for growing.
 */
import { grown } from '../../base/grown.ts';

/** A row that is in no list. */
const NONE = 255;

export class RowLists {
  /** Rows and bytes of each list. */
  readonly counts: Float64Array;
  readonly bytes: Float64Array;
  readonly #listCount: number;
  /** Nodes: one for each list, that begins and ends it, then the rows. */
  #next: Int32Array;
  #previous: Int32Array;
  #lists: Uint8Array;
  #sizes: Float64Array;

  constructor(listCount: number) {
    this.#listCount = listCount;
    this.counts = new Float64Array(listCount);
    this.bytes = new Float64Array(listCount);
    this.#next = Int32Array.from({ length: listCount }, (_, list) => list);
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
    const node = row + this.#listCount;
    const next = this.#next[node]!;
    const previous = this.#previous[node]!;
    this.#next[previous] = next;
    this.#previous[next] = previous;
    this.#lists[row] = NONE;
    this.counts[list] = this.counts[list]! - 1;
    this.bytes[list] = this.bytes[list]! - this.#sizes[row]!;
  }

  /** The oldest row of a list, -1 none. */
  back(list: number): number {
    const node = this.#previous[list]!;
    return node === list ? -1 : node - this.#listCount;
  }

  /** The next newer row of the same list, -1 none. */
  newer(row: number): number {
    const node = this.#previous[row + this.#listCount]!;
    return node < this.#listCount ? -1 : node - this.#listCount;
  }

  #link(list: number, row: number): void {
    const node = row + this.#listCount;
    const first = this.#next[list]!;
    this.#next[node] = first;
    this.#previous[node] = list;
    this.#previous[first] = node;
    this.#next[list] = node;
    this.#lists[row] = list;
    this.counts[list] = this.counts[list]! + 1;
    this.bytes[list] = this.bytes[list]! + this.#sizes[row]!;
  }

  #grow(needed: number): void {
    const used = this.#lists.length;
    const rows = Math.max(needed, used * 2, 64);
    this.#next = grown(this.#next, rows + this.#listCount);
    this.#previous = grown(this.#previous, rows + this.#listCount);
    this.#lists = grown(this.#lists, rows).fill(NONE, used);
    this.#sizes = grown(this.#sizes, rows);
  }
}
