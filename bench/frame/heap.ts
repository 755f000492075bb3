/**
 * How much a frame allocates. What is counted is the growth of the JS heap over each frame, not what
 * is left after a collection: garbage is what makes a game stutter.
 */
import { heapUsedBytes } from '../lib/cpu.ts';
import { mean, median } from '../lib/stats.ts';

/** Readings without work in between, to know what a reading allocates itself. */
const EMPTY_READINGS = 100;

/**
 * Bytes of JS heap that one call allocates, as the mean over the calls. One in which the heap shrank
 * had a collection in it and is left out.
 *
 * @param step called with 0, 1, 2 … `frames - 1`
 */
export function measureAllocation(step: (frame: number) => void, frames: number): number {
  heapUsedBytes();
  const growths: number[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const before = process.memoryUsage().heapUsed;
    step(frame);
    const growth = process.memoryUsage().heapUsed - before;
    if (growth >= 0) growths.push(growth);
  }
  const empty: number[] = [];
  for (let i = 0; i < EMPTY_READINGS; i++) {
    const before = process.memoryUsage().heapUsed;
    empty.push(process.memoryUsage().heapUsed - before);
  }
  if (growths.length < frames / 2)
    throw new Error(
      `bench: ${frames - growths.length} of ${frames} frames had a collection; allocation cannot be told`,
    );
  return Math.max(0, mean(growths) - median(empty));
}
