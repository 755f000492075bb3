/** Which detail is right at a distance, with so much memory and frames so long; bad options. */
import { describe, expect, it } from 'vitest';
import {
  checkQualityOptions,
  detailAt,
  detailFor,
  detailWith,
  NO_DETAIL,
  QUALITY_DEFAULTS,
  QUALITY_VALUES,
} from '../../src/level/quality.ts';

describe('detailAt', () => {
  it('goes by the distances of the details', () => {
    const details = [0, 999, 1001, 2001, 4001, 8001, 50_000].map((distance) =>
      detailAt(QUALITY_DEFAULTS, NO_DETAIL, distance),
    );
    expect(details).toEqual([0, 0, 1, 2, 3, 4, 4]);
  });

  it('holds on within the band, where one without hysteresis changes each time', () => {
    const changes = (hysteresis: number): number => {
      const settings = { ...QUALITY_DEFAULTS, hysteresis };
      let [detail, count] = [0, 0];
      for (let i = 0; i < 1000; i++) {
        const next = detailAt(settings, detail, i % 2 === 0 ? 990 : 1010);
        if (next !== detail) count++;
        detail = next;
      }
      return count;
    };
    expect(changes(1.15)).toBe(0);
    expect(changes(1)).toBe(999);
    expect(detailAt(QUALITY_DEFAULTS, 0, 1151)).toBe(1);
    expect(detailAt(QUALITY_DEFAULTS, 1, 999)).toBe(0);
  });
});

describe('detailWith', () => {
  it('goes by what is free, and wants more of it to go back', () => {
    const free = [0.5, 0.2, 0.19, 0.14, 0.09, 0.04, 0];
    expect(free.map((share) => detailWith(QUALITY_DEFAULTS, NO_DETAIL, share))).toEqual([
      0, 0, 1, 2, 3, 4, 4,
    ]);
    expect(detailWith(QUALITY_DEFAULTS, 1, 0.21)).toBe(1);
    expect(detailWith(QUALITY_DEFAULTS, 1, 0.24)).toBe(0);
  });
});

describe('detailFor', () => {
  it('takes a step beyond the first target, two beyond the second, and one back well below', () => {
    expect([5, 12, 18, 20, 39].map((ms) => detailFor(QUALITY_DEFAULTS, 1, ms))).toEqual([
      0, 1, 1, 2, 3,
    ]);
    expect(detailFor(QUALITY_DEFAULTS, 4, 100)).toBe(4);
    expect(detailFor(QUALITY_DEFAULTS, NO_DETAIL, 5)).toBe(0);
  });
});

describe('the default values', () => {
  it('are the documented ones', () => {
    const of = (key: keyof (typeof QUALITY_VALUES)[0]) => QUALITY_VALUES.map((row) => row[key]);
    expect(of('textureQuality')).toEqual([1, 0.8, 0.6, 0.4, 0.2]);
    expect(of('meshQuality')).toEqual([1, 0.95, 0.85, 0.7, 0.5]);
    expect(of('drawDistanceMeters')).toEqual([10_000, 8000, 6000, 4000, 2000]);
    expect(of('shadowQuality')).toEqual([1, 0.8, 0.6, 0.3, 0]);
    expect(QUALITY_DEFAULTS.lodDistancesMeters).toEqual([1000, 2000, 4000, 8000, 16_000]);
    expect(QUALITY_DEFAULTS.frameTargetsMs).toEqual([16.67, 33.33]);
  });
});

describe('bad options', () => {
  it.each<[object, RegExp]>([
    [{ lodDistances: [] }, /quality: unknown "lodDistances"; expected one of values, autoAdjust/],
    [{ lodDistancesMeters: [1, 2, 3] }, /lodDistancesMeters must be 5 numbers .* rising, got/],
    [{ lodDistancesMeters: [5, 4, 3, 2, 1] }, /lodDistancesMeters must be 5 numbers .* rising/],
    [{ freeShares: [0.4, 0.3, 0.2, 0.1, 0.05] }, /freeShares must be below 1 and end with 0/],
    [{ frameTargetsMs: [33, 16] }, /frameTargetsMs must be 2 numbers from 0 on, rising/],
    [{ hysteresis: 0.9 }, /quality.hysteresis must be a number from 1 to 2, got 0.9/],
    [{ values: { best: {} } }, /quality.values: expected one of ultra, .*, got "best"/],
    [{ values: { low: { meshQuality: 0 } } }, /values.low: meshQuality must be .* got 0/],
    [{ values: { low: { quality: 1 } } }, /values.low: unknown "quality"; expected one of text/],
    [{ values: { low: 3 } }, /values.low: expected an object, got 3/],
  ])('are refused by name: %j', (options, message) => {
    expect(() => checkQualityOptions(options)).toThrow(message);
  });
});
