/**
 * Moves what is owned, a little per call, towards one of two aims: one free block of a wanted size,
 * for a request that was refused; else a largest free block that holds most of what is free.
 */
import { type Blocks, NONE } from './blocks.ts';
import { Evacuation } from './evacuation.ts';
import { Growth } from './growth.ts';
import type { MoveList } from './move-list.ts';
import { Mover, type MoverOptions } from './mover.ts';
import { WindowSearch } from './window.ts';

export interface DefragmenterOptions extends MoverOptions {
  /** Below this fragmentation nothing is moved, unless a hole is wanted. */
  calmFragmentation: number;
}

/**
 * A wanted hole that has cost this many times its own size is had by packing from there on, which
 * always ends: what is moved into the holes around may be in the way of the next attempt. Packing
 * moves some 30 times the size at 97 % occupancy; with a patience of 4 it came too late for some.
 */
const PATIENCE = 16;

/** All numbers are units. */
export class Defragmenter {
  #blocks: Blocks;
  #mover: Mover;
  #growth: Growth;
  #evacuation: Evacuation;
  #packed: WindowSearch;
  #calmFragmentation: number;
  /** Moved so far for the hole that is wanted. */
  #spentOnWanted = 0;

  constructor(blocks: Blocks, options: DefragmenterOptions) {
    this.#blocks = blocks;
    this.#mover = new Mover(blocks, options);
    this.#growth = new Growth(blocks, this.#mover);
    this.#evacuation = new Evacuation(blocks, this.#mover);
    this.#packed = new WindowSearch(blocks);
    this.#calmFragmentation = options.calmFragmentation;
  }

  /** One call: returns the units to copy, at most `budgetUnits`. */
  run(budgetUnits: number, moves: MoveList, wantedUnits: number): number {
    const { freeUnits } = this.#blocks;
    this.#mover.begin(budgetUnits, moves);
    if (wantedUnits <= this.#blocks.largestUnits()) {
      this.#spentOnWanted = 0;
      this.#growth.run(Math.ceil((1 - this.#calmFragmentation) * freeUnits));
    } else if (wantedUnits <= freeUnits) {
      this.#open(wantedUnits, budgetUnits);
      this.#spentOnWanted += budgetUnits - this.#mover.leftUnits;
    }
    return budgetUnits - this.#mover.leftUnits;
  }

  /** Calls the move of a block off, if it is on its way. */
  forget(block: number): void {
    this.#mover.forget(block);
  }

  /** Calls the move in progress off if that makes a free block of `units`; returns whether. */
  yieldTo(units: number): boolean {
    return this.#mover.yieldTo(units);
  }

  #open(units: number, budgetUnits: number): void {
    if (this.#mover.isBusy || this.#mover.leftUnits === 0) return;
    const isPatient = this.#spentOnWanted <= PATIENCE * units;
    if (isPatient && this.#evacuation.choose(units, NONE) >= 0) if (this.#evacuation.run()) return;
    if (this.#mover.leftUnits > 0 && this.#packed.findToPack(units, budgetUnits)) this.#pack();
    // Blocks too large to go anywhere are everywhere: a larger hole takes one of them.
    if (this.#mover.leftUnits === budgetUnits) this.#growth.run(units);
  }

  /** Moves all that is owned in the stretch to its low end, the lowest block first. */
  #pack(): void {
    const blocks = this.#blocks;
    const end = blocks.offsets[this.#packed.last]!;
    let hole = this.#packed.first;
    for (;;) {
      const block = blocks.next[hole]!;
      if (block === NONE || blocks.offsets[block]! >= end || this.#mover.leftUnits === 0) return;
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
