/** Gains and losses of sets of LODs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestShown, expectedError, gainOf, lossOf } from '../../src/memory/worth.ts';

const buckets = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 })
  .map((values) => Float64Array.from(values));
const mask = fc.integer({ min: 0, max: 31 });
const lod = fc.integer({ min: 0, max: 4 });

describe('worth', () => {
  it('shows the exact LOD, else one step finer, else the nearest coarser, else the nearest finer', () => {
    expect(bestShown(2, 0b11100, 5)).toBe(2);
    expect(bestShown(2, 0b11001, 5)).toBe(3);
    expect(bestShown(2, 0b11010, 5)).toBe(1);
    expect(bestShown(2, 0b00001, 5)).toBe(0);
    expect(bestShown(2, 0, 5)).toBe(-1);
  });

  it('adding a LOD never makes the picture worse; removing it never better', () => {
    fc.assert(
      fc.property(buckets, mask, lod, (areas, set, one) => {
        expect(gainOf(areas, 0, 5, set, one)).toBeGreaterThanOrEqual(-1e-12);
        expect(lossOf(areas, 0, 5, set, one)).toBeGreaterThanOrEqual(-1e-12);
      }),
    );
  });

  it('a loss is the gain of putting it back', () => {
    fc.assert(
      fc.property(buckets, mask, lod, (areas, set, one) => {
        const without = set & ~(1 << one);
        const with_ = set | (1 << one);
        expect(lossOf(areas, 0, 5, with_, one)).toBeCloseTo(gainOf(areas, 0, 5, without, one), 12);
      }),
    );
  });

  it('is 0 for the complete set and the whole area for nothing', () => {
    fc.assert(
      fc.property(buckets, (areas) => {
        expect(expectedError(areas, 0, 5, 31)).toBe(0);
        const whole = areas.reduce((sum, area) => sum + area, 0);
        expect(expectedError(areas, 0, 5, 0)).toBeCloseTo(whole, 12);
      }),
    );
  });

  it('the coarsest LOD is the best first step wherever much is needed', () => {
    const areas = Float64Array.from([1, 0, 0, 0, 0]);
    const coarse = gainOf(areas, 0, 5, 0, 4);
    expect(coarse).toBeGreaterThan(0.4);
    expect(gainOf(areas, 0, 5, 0b10000, 0)).toBeLessThan(coarse + 0.2);
  });
});
