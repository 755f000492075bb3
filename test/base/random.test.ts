import { describe, expect, test } from 'vitest';
import { createRandom, createSystemRandom } from '../../src/base/random.ts';

const take = (seed: number, count: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random());
};

describe('createRandom', () => {
  test('gives the same sequence for the same seed, on every machine', () => {
    expect(take(1, 100)).toEqual(take(1, 100));
    // Written down once: a changed generator would change every recorded simulation.
    expect(take(1, 4).map((value) => Math.floor(value * 2 ** 32))).toEqual([
      3_739_678_614, 2_725_338_478, 3_923_878_172, 2_212_199_553,
    ]);
  });

  test('gives unlike sequences for neighboring seeds', () => {
    for (let seed = -3; seed < 30; seed++) {
      const a = take(seed, 64);
      const b = take(seed + 1, 64);
      expect(a.filter((value, i) => Math.abs(value - b[i]!) < 1 / 1024).length).toBeLessThan(4);
    }
  });

  test.each([0, 1, 42, -1, 0x7fffffff])('is uniform on [0, 1) for seed %d', (seed) => {
    const count = 100_000;
    const buckets = new Uint32Array(256);
    let serial = 0;
    let previous = 0.5;
    let outside = 0;
    for (const value of take(seed, count)) {
      if (!(value >= 0 && value < 1)) outside++;
      buckets[Math.floor(value * 256)]!++;
      serial += (value - 0.5) * (previous - 0.5) * 12;
      previous = value;
    }
    expect(outside).toBe(0);
    const expected = count / 256;
    const chi = buckets.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
    // Chi-squared with 255 degrees of freedom: mean 255, standard deviation 22.6; five of them.
    expect(chi).toBeGreaterThan(255 - 5 * 22.6);
    expect(chi).toBeLessThan(255 + 5 * 22.6);
    // Correlation of neighbors: standard deviation 1 / sqrt(count).
    expect(Math.abs(serial / count)).toBeLessThan(5 / Math.sqrt(count));
  });

  test('two generators do not disturb each other', () => {
    const a = createRandom(5);
    const b = createRandom(5);
    const mixed = [a(), b(), a(), b(), a(), b()];
    expect(mixed.filter((_, i) => i % 2 === 0)).toEqual(mixed.filter((_, i) => i % 2 === 1));
  });
});

describe('createSystemRandom', () => {
  test('differs from one to the next, so that clients do not retry as one', () => {
    const firsts = Array.from({ length: 50 }, () => createSystemRandom()());
    expect(new Set(firsts).size).toBe(50);
    expect(firsts.every((value) => value >= 0 && value < 1)).toBe(true);
  });
});
