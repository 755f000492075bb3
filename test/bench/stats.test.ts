import { describe, expect, test } from 'vitest';
import { mean, median, percentile, round, sum } from '../../bench/lib/stats.ts';

describe('summaries', () => {
  test('are the textbook values', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(percentile([10, 20, 30, 40, 50], 0.99)).toBeCloseTo(49.6);
    expect(percentile([7], 0.99)).toBe(7);
    expect([sum([1, 2, 3]), mean([1, 2, 3])]).toEqual([6, 2]);
    expect([round(1234.567), round(0.00012346)]).toEqual([1235, 0.0001235]);
  });

  test('leave the series as it was and refuse an empty one', () => {
    const series = [3, 1, 2];
    percentile(series, 0.5);
    expect(series).toEqual([3, 1, 2]);
    expect(() => median([])).toThrow('percentile of an empty series');
    expect(() => mean([])).toThrow('mean of an empty series');
  });
});
