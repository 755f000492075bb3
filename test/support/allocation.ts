/**
 * How much a step of work allocates. What is counted is the growth of the JS heap over a stretch of
 * steps, not what is left after a collection: garbage is what makes a game stutter.
 */

/** Steps between two readings: a reading allocates too. */
const STRETCH_STEPS = 25;

/** Readings without work in between, to know what a reading allocates itself. */
const EMPTY_READINGS = 51;

function heapUsed(): number {
  return process.memoryUsage().heapUsed;
}

function readingBytes(): number {
  const growths = Array.from({ length: EMPTY_READINGS }, () => {
    const before = heapUsed();
    return heapUsed() - before;
  });
  return growths.sort((a, b) => a - b)[EMPTY_READINGS >> 1]!;
}

/** Bytes a step in one round; null when too many stretches had a collection in them to tell. */
function measureRound(
  step: (index: number) => void,
  steps: number,
  isBackward: boolean,
): number | null {
  globalThis.gc?.();
  const reading = readingBytes();
  let bytes = 0;
  let counted = 0;
  for (let start = 0; start < steps; start += STRETCH_STEPS) {
    const end = Math.min(steps, start + STRETCH_STEPS);
    const before = heapUsed();
    for (let i = start; i < end; i++) step(isBackward ? steps - 1 - i : i);
    const growth = heapUsed() - before - reading;
    // The heap shrank: a collection.
    if (growth < -reading) continue;
    bytes += growth;
    counted += end - start;
  }
  return counted < steps / 2 ? null : bytes / counted;
}

/**
 * Bytes of JS heap that a step allocates: the mean over a round of steps, and of several rounds the
 * least, for in some the engine compiles. Rounds go to and fro, so that nothing jumps between them.
 *
 * @param step called with 0, 1, 2 … `steps - 1`, then backward
 */
export function measureAllocation(
  step: (index: number) => void,
  steps: number,
  rounds: number = 3,
): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const bytes = measureRound(step, steps, round % 2 === 1);
    if (bytes !== null) least = Math.min(least, bytes);
  }
  if (least === Number.POSITIVE_INFINITY)
    throw new Error(`every round of ${steps} steps was full of collections`);
  return Math.max(0, least);
}
