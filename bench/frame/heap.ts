/**
 * How much a frame allocates. What is counted is the growth of the JS heap over each frame, not what
 * is left after a collection: garbage is what makes a game stutter.
 */
import { heapUsedBytes } from '../lib/cpu.ts';
import { median } from '../lib/stats.ts';

/** Frames in a row, so that what a reading of the heap allocates itself weighs little. */
const BLOCK_FRAMES = 30;

/**
 * Bytes of JS heap that one call allocates, as the median over blocks of calls: a collection in the
 * middle of a block makes it read too little, the engine's own work now and then too much.
 *
 * @param step called with 0, 1, 2 … `frames - 1`
 */
export function measureAllocation(step: (frame: number) => void, frames: number): number {
  heapUsedBytes();
  const perFrame: number[] = [];
  for (let first = 0; first < frames; first += BLOCK_FRAMES) {
    const before = process.memoryUsage().heapUsed;
    for (let frame = first; frame < first + BLOCK_FRAMES; frame++) step(frame);
    perFrame.push((process.memoryUsage().heapUsed - before) / BLOCK_FRAMES);
  }
  const empty: number[] = [];
  for (let i = 0; i < perFrame.length; i++) {
    const before = process.memoryUsage().heapUsed;
    empty.push((process.memoryUsage().heapUsed - before) / BLOCK_FRAMES);
  }
  return Math.max(0, median(perFrame) - median(empty));
}
