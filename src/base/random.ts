/**
 * The port of chance: a small seeded generator.
 *
 * Based on: sfc32 from PractRand. Chris Doty-Humphrey. 2010.
 */

/** A source of uniform numbers in [0, 1). */
export type Random = () => number;

/** A generator whose whole sequence is a function of `seed` (any 32-bit integer). */
export function createRandom(seed: number): Random {
  let a = seed | 0;
  let b = 0x9e3779b9 | 0;
  let c = 0x243f6a88 | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4294967296;
  };
  // The first outputs still show the seed; a dozen rounds mix it in.
  for (let round = 0; round < 12; round++) next();
  return next;
}

/** A generator that differs from run to run, for what must not repeat on every machine: jitter. */
export function createSystemRandom(): Random {
  return createRandom(Math.floor(Math.random() * 2 ** 32));
}

/** 64 bits of the machine's own chance as text: a name for this run, never a decision in it. */
export function randomName(): string {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return [high!, low!].map((word) => word.toString(16).padStart(8, '0')).join('');
}
