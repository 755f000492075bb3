/** Ids are written into bundles: these vectors must never change. */
import { describe, expect, test } from 'vitest';
import { hashName } from '../../src/base/hash.ts';

describe('hashName', () => {
  test.each([
    ['', 0xab3e7c0b],
    ['a', 0x1a80b1b3],
    ['statue', 0xd4e7b10d],
    ['models/tree', 0xdfc9e8aa],
    ['harbour', 0xbeba3410],
    ['Köln/Straße', 0xec21c2f7],
    ['木', 0x6c2772f7],
    ['xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 0x550a2bb4],
  ])('of %j is what bundles hold', (name, id) => {
    expect(hashName(name)).toBe(id);
  });

  test('is an unsigned 32-bit integer, and 100,000 names spread evenly', () => {
    const count = 100_000;
    const buckets = new Uint32Array(256);
    const ids = new Set<number>();
    let outside = 0;
    for (let i = 0; i < count; i++) {
      const id = hashName(`models/tree-${i}`);
      if (!Number.isInteger(id) || id <= 0 || id > 0xffffffff) outside++;
      buckets[id >>> 24]!++;
      ids.add(id);
    }
    expect(outside).toBe(0);
    // About 1.2 collisions are expected among 100,000 random 32-bit ids.
    expect(ids.size).toBeGreaterThan(count - 12);
    // Chi-squared with 255 degrees of freedom: mean 255, standard deviation 22.6.
    const expected = count / 256;
    const chi = buckets.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
    expect(chi).toBeLessThan(255 + 5 * 22.6);
  });

  test('depends on every character', () => {
    const name = 'villages/harbour/house';
    for (let i = 0; i < name.length; i++)
      expect(hashName(`${name.slice(0, i)}#${name.slice(i + 1)}`)).not.toBe(hashName(name));
  });
});
