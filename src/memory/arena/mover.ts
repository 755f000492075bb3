/**
 * Moves blocks and tells what must be copied. A block that is larger than what may be copied now
 * gets a reserved place and is copied in pieces over several calls; until the last of them it stays
 * where it was, and its move can be called off.
 */
import { type Blocks, NONE, RESERVED } from './blocks.ts';
import type { MoveList } from './move-list.ts';

/** What the owner of the blocks is asked and told. */
export interface MoverOptions {
  /** Bytes of a unit. */
  alignment: number;
  /** The handle that stands for an owner in the list of moves. */
  handleAt: (owner: number) => number;
  /** An owner's range is another block now. */
  moved: (owner: number, block: number) => void;
}

/** Moves blocks within a budget, counted in units. */
export class Mover {
  #blocks: Blocks;
  #options: MoverOptions;
  #moves: MoveList | undefined;
  /** Units that may still be copied in this call. */
  leftUnits = 0;
  #source = NONE;
  #target = NONE;
  /** Units of the source that are copied already. */
  #copied = 0;

  constructor(blocks: Blocks, options: MoverOptions) {
    this.#blocks = blocks;
    this.#options = options;
  }

  /** Whether a block is on its way. */
  get isBusy(): boolean {
    return this.#source !== NONE;
  }

  /** Begins a call: goes on with the move in progress. */
  begin(budgetUnits: number, moves: MoveList): void {
    this.leftUnits = budgetUnits;
    this.#moves = moves;
    if (this.isBusy) this.#copyPiece();
  }

  /**
   * Moves an owned block to one end of a free one that holds it. Nothing else may be on its way.
   * Where the budget does not reach, the move ends in a later call. Returns the block it moves to.
   */
  relocate(block: number, hole: number, atEnd: boolean): number {
    this.#source = block;
    const target = this.#blocks.carve(hole, this.#blocks.sizes[block]!, RESERVED, atEnd);
    this.#target = target;
    this.#copied = 0;
    this.#copyPiece();
    return target;
  }

  /** Slides an owned block down over the free one below it, which is smaller, in one copy. */
  slideDown(block: number): void {
    const { offsets, sizes, owners } = this.#blocks;
    const from = offsets[block]!;
    this.#blocks.slideDown(block);
    this.#add(owners[block]!, from, offsets[block]!, sizes[block]!, true);
  }

  /** Calls the move of this block off, if it is on its way. */
  forget(block: number): void {
    if (block === this.#source) this.#cancel();
  }

  /** Calls the move in progress off if that makes a free block of `units`; returns whether. */
  yieldTo(units: number): boolean {
    if (!this.isBusy) return false;
    const { sizes, previous, next } = this.#blocks;
    const target = this.#target;
    const around = this.#blocks.freeSize(previous[target]!) + this.#blocks.freeSize(next[target]!);
    if (sizes[target]! + around < units) return false;
    this.#cancel();
    return true;
  }

  #cancel(): void {
    this.#blocks.release(this.#target);
    this.#source = NONE;
  }

  #copyPiece(): void {
    const { offsets, sizes, owners } = this.#blocks;
    const [source, target, copied] = [this.#source, this.#target, this.#copied];
    const units = Math.min(sizes[source]! - copied, this.leftUnits);
    if (units === 0) return;
    const owner = owners[source]!;
    this.#copied = copied + units;
    const isLast = this.#copied === sizes[source];
    this.#add(owner, offsets[source]! + copied, offsets[target]! + copied, units, isLast);
    if (!isLast) return;
    owners[target] = owner;
    this.#options.moved(owner, target);
    this.#blocks.release(source);
    this.#source = NONE;
  }

  #add(owner: number, from: number, to: number, units: number, completes: boolean): void {
    const { alignment, handleAt } = this.#options;
    const handle = handleAt(owner);
    this.#moves!.add(handle, from * alignment, to * alignment, units * alignment, completes);
    this.leftUnits -= units;
  }
}
