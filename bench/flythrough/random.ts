/**
 * The generator that the worlds and paths are drawn with. It is not the project's own
 * (`base/random.ts`): its sequence is part of what makes figures comparable with the reference.
 *
 * Based on: mulberry32. Tommy Ettinger. 2017; normal numbers by Box and Muller. 1958.
 */

/** Uniform numbers in [0, 1), a function of `seed` alone. */
export function createMulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A normal number (mean 0, deviation 1); takes two numbers of `random`. */
export function drawNormal(random: () => number): number {
  let first = 0;
  while (first === 0) first = random();
  return Math.sqrt(-2 * Math.log(first)) * Math.cos(2 * Math.PI * random());
}
