/**
 * Where one large hole is had most cheaply: the stretch of neighboring blocks with the fewest owned
 * units in it. A search goes over all blocks once; it is made when a request was refused.
 */
import { type Blocks, FREE, NONE } from './blocks.ts';

/** Finds a stretch of blocks, and keeps it: `first` and `last` belong to it. */
export class WindowSearch {
  first: number = NONE;
  last: number = NONE;
  #blocks: Blocks;
  #ownedUnits = 0;
  #freeUnits = 0;
  /** Owned blocks in the stretch above each of the two limits. */
  #aboveLimit = 0;
  #aboveInnerLimit = 0;
  #limit = 0;
  #innerLimit = 0;
  /** The largest hole, and whether it is in the stretch. */
  #largest = NONE;
  #hasLargest = false;

  constructor(blocks: Blocks) {
    this.#blocks = blocks;
  }

  /**
   * The stretch of at least `units` whose owned blocks add up to the least, each of them no larger
   * than a hole outside. False if there is none.
   */
  findToEmpty(units: number): boolean {
    this.#largest = this.#blocks.holes.largest();
    this.#limit = this.#blocks.freeSize(this.#largest);
    // With the largest hole inside, what is owned there must go to the second largest.
    this.#innerLimit = secondSize(this.#blocks, this.#largest);
    return this.#search(units, false);
  }

  /**
   * The stretch with at least `units` free whose owned blocks add up to the least, none of them
   * larger than `maxUnits`. It begins and ends with a free block. False if there is none.
   */
  findToPack(units: number, maxUnits: number): boolean {
    this.#largest = NONE;
    this.#limit = maxUnits;
    this.#innerLimit = maxUnits;
    return this.#search(units, true);
  }

  #search(units: number, isPacking: boolean): boolean {
    const { next } = this.#blocks;
    this.#clear();
    let fewest = Number.POSITIVE_INFINITY;
    let low = this.#blocks.first;
    for (let high = low; high !== NONE; high = next[high]!) {
      this.#count(high, 1);
      while ((isPacking ? 0 : this.#ownedUnits) + this.#freeUnits >= units) {
        if (this.#ownedUnits < fewest && this.#isPossible()) {
          fewest = this.#ownedUnits;
          this.first = low;
          this.last = high;
        }
        this.#count(low, -1);
        low = next[low]!;
      }
    }
    return this.first !== NONE;
  }

  #clear(): void {
    this.first = NONE;
    this.last = NONE;
    this.#ownedUnits = 0;
    this.#freeUnits = 0;
    this.#aboveLimit = 0;
    this.#aboveInnerLimit = 0;
    this.#hasLargest = false;
  }

  #isPossible(): boolean {
    return (this.#hasLargest ? this.#aboveInnerLimit : this.#aboveLimit) === 0;
  }

  /** Adds a block to the stretch (1) or takes it out (-1). */
  #count(block: number, sign: number): void {
    const size = this.#blocks.sizes[block]!;
    if (this.#blocks.owners[block] === FREE) {
      this.#freeUnits += sign * size;
      if (block === this.#largest) this.#hasLargest = sign > 0;
      return;
    }
    this.#ownedUnits += sign * size;
    if (size > this.#limit) this.#aboveLimit += sign;
    if (size > this.#innerLimit) this.#aboveInnerLimit += sign;
  }
}

/** Units of the hole that comes before the largest one. */
function secondSize(blocks: Blocks, largest: number): number {
  if (largest === NONE) return 0;
  return blocks.freeSize(blocks.holes.before(largest));
}
