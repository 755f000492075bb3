/** Opens a hole by moving what lies in a stretch of blocks into holes elsewhere. */
import { type Blocks, NONE } from './blocks.ts';
import type { Mover } from './mover.ts';
import { WindowSearch } from './window.ts';

export class Evacuation {
  #blocks: Blocks;
  #mover: Mover;
  #window: WindowSearch;
  /** A hole that is not to be filled. */
  #barred = NONE;

  constructor(blocks: Blocks, mover: Mover) {
    this.#blocks = blocks;
    this.#mover = mover;
    this.#window = new WindowSearch(blocks);
  }

  /**
   * Chooses where a hole of `units` costs least; returns the units to move, -1 where no stretch can
   * be emptied. `barred`: the largest hole, if it is to be left as it is; else -1.
   */
  choose(units: number, barred: number): number {
    this.#barred = barred;
    const isFound =
      barred === NONE ? this.#window.findToEmpty(units) : this.#window.findBeside(units);
    return isFound ? this.#window.ownedUnits : -1;
  }

  /**
   * Moves what is owned in the stretch that was chosen last, large blocks before small ones, until
   * it is empty or the budget is spent. False where a block found no hole: others took it.
   */
  run(): boolean {
    const blocks = this.#blocks;
    const start = blocks.offsets[this.#window.first]!;
    const end = blocks.offsets[this.#window.last]! + blocks.sizes[this.#window.last]!;
    const below = blocks.ownedBefore(this.#window.first);
    for (let atLeast = this.#largest(below, end); atLeast > 0; atLeast >>= 1) {
      let block = blocks.ownedAfter(below);
      while (block !== NONE && blocks.offsets[block]! < end) {
        const following = blocks.ownedAfter(block);
        if (blocks.sizes[block]! >= atLeast) {
          if (this.#mover.isBusy || this.#mover.leftUnits === 0) return true;
          const hole = this.#findHoleOutside(blocks.sizes[block]!, start, end);
          if (hole === NONE) return false;
          this.#mover.relocate(block, hole, false);
        }
        block = following;
      }
    }
    return true;
  }

  /** Units of the largest owned block above `below` that begins before `end`. */
  #largest(below: number, end: number): number {
    const blocks = this.#blocks;
    let largest = 0;
    let block = blocks.ownedAfter(below);
    while (block !== NONE && blocks.offsets[block]! < end) {
      largest = Math.max(largest, blocks.sizes[block]!);
      block = blocks.ownedAfter(block);
    }
    return largest;
  }

  /** The smallest hole that holds `units` and has nothing in the stretch; -1 if there is none. */
  #findHoleOutside(units: number, start: number, end: number): number {
    const { holes, offsets, sizes } = this.#blocks;
    let hole = holes.atLeast(units);
    while (hole !== NONE) {
      const isOutside = offsets[hole]! >= end || offsets[hole]! + sizes[hole]! <= start;
      if (isOutside && hole !== this.#barred) return hole;
      hole = holes.after(hole);
    }
    return NONE;
  }
}
