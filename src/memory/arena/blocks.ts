/**
 * One large range cut into blocks, each free or owned, in columns. Blocks know their neighbors by
 * address, so that free ones never lie side by side; free ones are found by size. Offsets and sizes
 * are counted in units of the alignment. Whoever owns a block (a number of the caller, 0 or above)
 * is told nothing: blocks get other numbers when they move.
 *
 * Based on: Knuth, D. E. The Art of Computer Programming 1, 2.5: boundary tags. 1968.
 */
import { grown } from '../../base/grown.ts';
import { SizeIndex } from './size-index.ts';

/** The owner of a free block. */
export const FREE = -1;
/** The owner of a block that a range is being moved to. */
export const RESERVED = -2;
/** No block. */
export const NONE = -1;

const FIRST_LENGTH = 1024;

/** The blocks from unit 0 to unit `units`. All numbers are units or numbers of blocks. */
export class Blocks {
  readonly units: number;
  offsets: Int32Array = new Int32Array(FIRST_LENGTH);
  sizes: Int32Array = new Int32Array(FIRST_LENGTH);
  owners: Int32Array = new Int32Array(FIRST_LENGTH);
  /** Neighbors by address, -1 at the ends. */
  previous: Int32Array = new Int32Array(FIRST_LENGTH);
  next: Int32Array = new Int32Array(FIRST_LENGTH);
  freeUnits: number;
  /** Free blocks. */
  readonly holes: SizeIndex;
  /** Lowest block. */
  first = 0;
  /** Highest block. */
  last = 0;
  #length = 0;
  /** Numbers that are not in use, linked by `next`. */
  #spare = NONE;

  constructor(units: number) {
    this.units = units;
    this.freeUnits = units;
    this.holes = new SizeIndex(this);
    const all = this.#takeNumber();
    this.#set(all, 0, units, FREE);
    this.previous[all] = NONE;
    this.next[all] = NONE;
    this.holes.add(all);
  }

  /** Units of the largest free block. O(log n). */
  largestUnits(): number {
    const largest = this.holes.largest();
    return largest === NONE ? 0 : this.sizes[largest]!;
  }

  /** Units of a block if it is there and free, else 0. */
  freeSize(block: number): number {
    return block !== NONE && this.owners[block] === FREE ? this.sizes[block]! : 0;
  }

  /** The nearest block above that is not free; above -1 the lowest of all. -1 if there is none. */
  ownedAfter(block: number): number {
    const above = block === NONE ? this.first : this.next[block]!;
    return this.freeSize(above) > 0 ? this.next[above]! : above;
  }

  /** The nearest block below that is not free, -1 if there is none. */
  ownedBefore(block: number): number {
    const below = this.previous[block]!;
    return this.freeSize(below) > 0 ? this.previous[below]! : below;
  }

  /** Gives `units` of a free block to `owner`, from its low end or its high end. */
  carve(hole: number, units: number, owner: number, atEnd: boolean = false): number {
    this.holes.remove(hole);
    this.freeUnits -= units;
    const rest = this.sizes[hole]! - units;
    if (rest === 0) {
      this.owners[hole] = owner;
      return hole;
    }
    const block = this.#takeNumber();
    const offset = this.offsets[hole]!;
    this.#set(block, atEnd ? offset + rest : offset, units, owner);
    this.#set(hole, atEnd ? offset : offset + units, rest, FREE);
    if (atEnd) this.#insertAfter(hole, block);
    else this.#insertBefore(hole, block);
    this.holes.add(hole);
    return block;
  }

  /** Frees an owned block and joins it with its free neighbors; returns the free block. */
  release(block: number): number {
    this.freeUnits += this.sizes[block]!;
    this.owners[block] = FREE;
    const before = this.previous[block]!;
    const behind = this.next[block]!;
    if (this.freeSize(before) > 0) this.#absorb(block, before);
    if (this.freeSize(behind) > 0) this.#absorb(block, behind);
    this.holes.add(block);
    return block;
  }

  /** Swaps an owned block with the free one below it. Nothing else in the range moves. */
  slideDown(block: number): void {
    const hole = this.previous[block]!;
    const above = this.next[block]!;
    this.holes.remove(hole);
    this.offsets[block] = this.offsets[hole]!;
    this.offsets[hole] = this.offsets[block]! + this.sizes[block]!;
    this.#unlink(hole);
    this.#insertAfter(block, hole);
    if (this.freeSize(above) > 0) this.#absorb(hole, above);
    this.holes.add(hole);
  }

  /** Joins a free block that is in the index to its neighbor, which is not. */
  #absorb(block: number, hole: number): void {
    this.holes.remove(hole);
    this.sizes[block] = this.sizes[block]! + this.sizes[hole]!;
    this.offsets[block] = Math.min(this.offsets[block]!, this.offsets[hole]!);
    this.#unlink(hole);
    this.next[hole] = this.#spare;
    this.#spare = hole;
  }

  #set(block: number, offset: number, size: number, owner: number): void {
    this.offsets[block] = offset;
    this.sizes[block] = size;
    this.owners[block] = owner;
  }

  #insertAfter(place: number, block: number): void {
    const behind = this.next[place]!;
    this.previous[block] = place;
    this.next[block] = behind;
    this.next[place] = block;
    if (behind === NONE) this.last = block;
    else this.previous[behind] = block;
  }

  #insertBefore(place: number, block: number): void {
    const before = this.previous[place]!;
    this.next[block] = place;
    this.previous[block] = before;
    this.previous[place] = block;
    if (before === NONE) this.first = block;
    else this.next[before] = block;
  }

  #unlink(block: number): void {
    const before = this.previous[block]!;
    const behind = this.next[block]!;
    if (before === NONE) this.first = behind;
    else this.next[before] = behind;
    if (behind === NONE) this.last = before;
    else this.previous[behind] = before;
  }

  #takeNumber(): number {
    const block = this.#spare;
    if (block !== NONE) {
      this.#spare = this.next[block]!;
      return block;
    }
    if (this.#length === this.offsets.length) this.#grow();
    return this.#length++;
  }

  #grow(): void {
    const length = this.#length * 2;
    this.offsets = grown(this.offsets, length);
    this.sizes = grown(this.sizes, length);
    this.owners = grown(this.owners, length);
    this.previous = grown(this.previous, length);
    this.next = grown(this.next, length);
  }
}
