/**
 * Chooses what to move. Two aims: one free block of a wanted size, for a request that was refused;
 * else the largest free block grows at its sides, at the fewest bytes copied for each byte gained.
 */
import { type Blocks, NONE } from './blocks.ts';
import { growLargest } from './grow-largest.ts';
import type { MoveList } from './move-list.ts';
import { Mover, type MoverOptions } from './mover.ts';
import { WindowSearch } from './window.ts';

export interface DefragmenterOptions extends MoverOptions {
  /** Below this fragmentation nothing is moved, unless a hole is wanted. */
  calmFragmentation: number;
}

/**
 * A wanted hole that has cost this many times its own size is had by packing from there on, which
 * always ends: what is emptied into the holes around may block others.
 */
const PATIENCE = 4;

export class Defragmenter {
  #blocks: Blocks;
  #mover: Mover;
  #window: WindowSearch;
  #calmFragmentation: number;
  /** Units moved so far for the hole that is wanted. */
  #spentOnWanted = 0;

  constructor(blocks: Blocks, options: DefragmenterOptions) {
    this.#blocks = blocks;
    this.#mover = new Mover(blocks, options);
    this.#window = new WindowSearch(blocks);
    this.#calmFragmentation = options.calmFragmentation;
  }

  /** One call: returns the units to copy, at most `budgetUnits`. */
  run(budgetUnits: number, moves: MoveList, wantedUnits: number): number {
    const mover = this.#mover;
    mover.begin(budgetUnits, moves);
    const isWanted = wantedUnits > this.#blocks.largestUnits();
    if (!isWanted) {
      this.#spentOnWanted = 0;
      growLargest(this.#blocks, mover, this.#calmFragmentation);
    } else if (wantedUnits <= this.#blocks.freeUnits) {
      this.#openHole(wantedUnits, budgetUnits);
      this.#spentOnWanted += budgetUnits - mover.leftUnits;
    }
    return budgetUnits - mover.leftUnits;
  }

  /** Calls the move of a block off, if it is on its way. */
  forget(block: number): void {
    this.#mover.forget(block);
  }

  /** Calls the move in progress off; false if there is none. */
  cancel(): boolean {
    return this.#mover.cancel();
  }

  #openHole(units: number, budgetUnits: number): void {
    const isPatient = this.#spentOnWanted <= PATIENCE * units;
    if (isPatient && this.#window.findToEmpty(units) && this.#empty()) return;
    if (this.#mover.isBusy || this.#mover.leftUnits === 0) return;
    if (this.#window.findToPack(units, budgetUnits)) this.#pack();
  }

  /**
   * Moves all that is owned in the window to holes outside, large ones before small ones; false
   * where one finds none.
   */
  #empty(): boolean {
    const blocks = this.#blocks;
    const start = blocks.offsets[this.#window.first]!;
    const end = blocks.offsets[this.#window.last]! + blocks.sizes[this.#window.last]!;
    const below = blocks.ownedBefore(this.#window.first);
    let largest = 0;
    for (let block = blocks.ownedAfter(below); block !== NONE && blocks.offsets[block]! < end; ) {
      largest = Math.max(largest, blocks.sizes[block]!);
      block = blocks.ownedAfter(block);
    }
    for (let atLeast = largest; atLeast > 0; atLeast >>= 1) {
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

  /** The smallest hole that holds `units` and has nothing in the window. */
  #findHoleOutside(units: number, start: number, end: number): number {
    const { holes } = this.#blocks;
    let hole = holes.atLeast(units);
    while (hole !== NONE && this.#reachesInto(hole, start, end)) hole = holes.after(hole);
    return hole;
  }

  #reachesInto(hole: number, start: number, end: number): boolean {
    const offset = this.#blocks.offsets[hole]!;
    return offset < end && offset + this.#blocks.sizes[hole]! > start;
  }

  /** Moves all that is owned in the window to its low end, the lowest first. */
  #pack(): void {
    const blocks = this.#blocks;
    const end = blocks.offsets[this.#window.last]!;
    let hole = this.#window.first;
    for (;;) {
      const block = blocks.next[hole]!;
      if (block === NONE || blocks.offsets[block]! >= end) return;
      if (this.#mover.leftUnits === 0) return;
      const size = blocks.sizes[block]!;
      let moved = block;
      if (size <= blocks.sizes[hole]!) moved = this.#mover.relocate(block, hole, false);
      else if (size <= this.#mover.leftUnits) this.#mover.slideDown(block);
      else return;
      if (this.#mover.isBusy) return;
      hole = blocks.next[moved]!;
    }
  }
}
