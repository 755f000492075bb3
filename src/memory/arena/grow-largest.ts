/**
 * Makes the largest hole larger at its sides. What is owned beside it goes to the smallest hole
 * that takes it, which gains its own size and the free bytes behind it, or else to the other side
 * of the largest hole, which gains what is free behind it. A few neighbors on each side are looked
 * at; the way with the most gained per byte copied is gone.
 */
import { type Blocks, NONE } from './blocks.ts';
import type { Mover } from './mover.ts';

/** Neighbors looked at on each side: free bytes behind several small ones may be worth them all. */
const REACH = 8;

/** Goes on until less than this share of the free bytes is outside, or the budget is spent. */
export function growLargest(blocks: Blocks, mover: Mover, calmFragmentation: number): void {
  const enough = (1 - calmFragmentation) * blocks.freeUnits;
  while (!mover.isBusy && mover.leftUnits > 0) {
    const largest = blocks.holes.largest();
    if (largest === NONE || blocks.sizes[largest]! >= enough) return;
    const below = worthOfSide(blocks, largest, blocks.previous);
    const above = worthOfSide(blocks, largest, blocks.next);
    if (below === 0 && above === 0) return;
    const isBelow = below >= above;
    const block = isBelow ? blocks.previous[largest]! : blocks.next[largest]!;
    const hole = holeFor(blocks, block, largest);
    // Into a hole right above, as far up as it goes: what is left of it joins the largest.
    if (hole !== NONE) mover.relocate(block, hole, hole === blocks.next[block]);
    else mover.relocate(block, largest, isBelow);
  }
}

/** The most units gained per unit copied by clearing one or more neighbors of one side. */
function worthOfSide(blocks: Blocks, largest: number, side: Int32Array): number {
  let copied = 0;
  let gained = 0;
  let best = 0;
  let block = side[largest]!;
  for (let step = 0; step < REACH && block !== NONE; step++) {
    const size = blocks.sizes[block]!;
    // A neighbor larger than the largest hole could only be slid: its bytes are its new place.
    if (size > blocks.sizes[largest]!) break;
    copied += size;
    if (holeFor(blocks, block, largest) !== NONE) gained += size;
    block = side[block]!;
    const free = blocks.freeSize(block);
    if (free > 0) {
      gained += free;
      block = side[block]!;
    }
    best = Math.max(best, gained / copied);
  }
  return best;
}

/** The smallest hole but the largest that takes a block; -1 if there is none. */
function holeFor(blocks: Blocks, block: number, largest: number): number {
  const hole = blocks.holes.atLeast(blocks.sizes[block]!);
  return hole === largest ? NONE : hole;
}
