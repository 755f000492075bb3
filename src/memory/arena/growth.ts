/**
 * Makes the largest hole larger at its sides. What is owned beside it goes where the most is gained
 * for each unit copied: into the smallest hole that takes it, which gains its own size and what is
 * free behind it; or there after such a hole has been opened elsewhere, which costs more; or to the
 * other side of the largest hole, which gains only what is free behind it.
 *
 * Without opening holes for what is large, small blocks fill the holes until nothing else fits, and
 * large ones go from side to side: at 90 % occupancy 6.4 MiB were copied in a frame for a mean
 * fragmentation of 0.52, instead of 3.5 MiB for 0.26.
 */
import { type Blocks, NONE } from './blocks.ts';
import { Evacuation } from './evacuation.ts';
import type { Mover } from './mover.ts';

/** Searches over all blocks in one call: 0.05 to 0.2 ms each at 5,000 ranges. */
const MAX_SEARCHES = 4;

export class Growth {
  #blocks: Blocks;
  #mover: Mover;
  #below: Side;
  #above: Side;

  constructor(blocks: Blocks, mover: Mover) {
    this.#blocks = blocks;
    this.#mover = mover;
    this.#below = new Side(blocks, mover, true);
    this.#above = new Side(blocks, mover, false);
  }

  /** Goes on until the largest hole has `enoughUnits`, nothing is gained, or the budget is spent. */
  run(enoughUnits: number): void {
    const blocks = this.#blocks;
    let searches = 0;
    while (!this.#mover.isBusy && this.#mover.leftUnits > 0) {
      const largest = blocks.holes.largest();
      if (largest === NONE || blocks.sizes[largest]! >= enoughUnits) return;
      searches += this.#below.look(largest, 0, searches < MAX_SEARCHES);
      searches += this.#above.look(largest, this.#below.worth, searches < MAX_SEARCHES);
      const better = this.#below.worth >= this.#above.worth ? this.#below : this.#above;
      if (better.worth === 0) return;
      better.clear(largest);
    }
  }
}

/** One neighbor of the largest hole, and what it is worth to clear it. */
class Side {
  /** Units gained for each unit copied, along the best way. */
  worth = 0;
  #blocks: Blocks;
  #mover: Mover;
  #isBelow: boolean;
  #evacuation: Evacuation;
  #block = NONE;
  /** The hole that takes the block: a free block, or -1 where one must be opened first. */
  #hole = NONE;

  constructor(blocks: Blocks, mover: Mover, isBelow: boolean) {
    this.#blocks = blocks;
    this.#mover = mover;
    this.#isBelow = isBelow;
    this.#evacuation = new Evacuation(blocks, mover);
  }

  /**
   * Finds out what the side is worth; returns how many searches that took.
   *
   * @param otherWorth what the other side is worth: less need not be found out
   */
  look(largest: number, otherWorth: number, maySearch: boolean): number {
    const { sizes } = this.#blocks;
    const column = this.#isBelow ? this.#blocks.previous : this.#blocks.next;
    const block = column[largest]!;
    this.worth = 0;
    this.#block = block;
    // A block larger than the largest hole could only be slid: it would be copied onto itself.
    if (block === NONE || sizes[block]! > sizes[largest]!) return 0;
    const size = sizes[block]!;
    const behind = this.#blocks.freeSize(column[block]!);
    const most = (size + behind) / size;
    this.#hole = this.#findHole(size, column[block]!, largest);
    if (this.#hole !== largest) {
      this.worth = this.#hole === column[block] ? behind / size : most;
      return 0;
    }
    this.worth = behind / size;
    if (!maySearch || most <= otherWorth) return 0;
    const cost = this.#evacuation.choose(size, largest);
    const worth = (size + behind) / (size + cost);
    if (cost >= 0 && worth > this.worth) {
      this.worth = worth;
      this.#hole = NONE;
    }
    return 1;
  }

  /** Copies what the last look was for, or a part of it. */
  clear(largest: number): void {
    if (this.#hole === NONE) {
      this.#evacuation.run();
      return;
    }
    // To the other side of the largest hole, or as far away from it as the hole behind goes.
    const atEnd =
      this.#hole === largest ? this.#isBelow : this.#hole === this.#blocks.next[this.#block];
    this.#mover.relocate(this.#block, this.#hole, atEnd);
  }

  /** The smallest hole that takes a block, rather not the one behind it nor the largest. */
  #findHole(size: number, behind: number, largest: number): number {
    const { holes } = this.#blocks;
    const hole = holes.atLeast(size);
    if (hole !== behind) return hole;
    const other = holes.after(hole);
    return other === largest ? hole : other;
  }
}
