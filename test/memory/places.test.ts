/** Places: terrain among assets in another unit, in the order that value would give. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Places } from '../../src/memory/places.ts';

function placesOf(entries: [value: number, score: number][]): Places {
  const places = new Places();
  for (const [value, score] of entries) places.add(value, score);
  places.sort();
  return places;
}

describe('places', () => {
  it('put a value among the scores where it stands among the values', () => {
    const places = placesOf([
      [1e-6, 300],
      [4e-6, 100],
      [2e-6, 200],
    ]);
    expect(places.scoreOf(1e-6)).toBeCloseTo(100);
    expect(places.scoreOf(1.5e-6)).toBeCloseTo(150);
    expect(places.scoreOf(2e-6)).toBeCloseTo(200);
    expect(places.scoreOf(3e-6)).toBeCloseTo(250);
    expect(places.scoreOf(8e-6)).toBeCloseTo(600);
    expect(places.scoreOf(5e-7)).toBeCloseTo(50);
  });

  it('leave values as they are where nothing else competes', () => {
    expect(placesOf([]).scoreOf(3e-5)).toBe(3e-5);
  });

  it('take room for as many as come', () => {
    const many = placesOf(Array.from({ length: 1000 }, (_, i) => [i, i * 10]));
    expect(many.scoreOf(998.5)).toBeCloseTo(9985);
  });

  it('keep the order of values, and stay finite and positive', () => {
    const positive = fc.double({ min: 1e-12, max: 1e6, noNaN: true });
    const score = fc.double({ min: 1e-9, max: 1e12, noNaN: true });
    const entries = fc.array(fc.tuple(fc.oneof(positive, fc.constant(0)), score), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(entries, fc.array(positive, { minLength: 2, maxLength: 20 }), (known, values) => {
        const places = placesOf(known);
        let last = 0;
        for (const value of values.sort((a, b) => a - b)) {
          const place = places.scoreOf(value);
          expect(place).toBeGreaterThan(0);
          expect(place).toBeLessThanOrEqual(1e12);
          expect(place).toBeGreaterThanOrEqual(last * (1 - 1e-12));
          last = place;
        }
      }),
      { numRuns: 300 },
    );
  });
});
