/** What the browser soak calls flat. */
import { describe, expect, test } from 'vitest';
import { judgeSoak, type SoakSample, summarizeSoak } from '../../demo/tools/soak-judge.ts';

const samples = (heap: (lap: number) => number, textures = (_lap: number) => 100): SoakSample[] =>
  Array.from({ length: 16 }, (_, lap) => ({
    heapBytes: heap(lap),
    counts: { textures: textures(lap) },
  }));

describe('a soak', () => {
  test('is flat when only the first quarter grows', () => {
    const warm = summarizeSoak(samples((lap) => 1e8 + (lap < 4 ? lap : 4) * 1e7));
    expect(judgeSoak(warm)).toEqual([]);
    expect(warm[0]).toMatchObject({ name: 'heapBytes', growthPercent: 0 });
  });

  test('is not when the heap grows by half a percent a lap', () => {
    const problems = judgeSoak(summarizeSoak(samples((lap) => 1e8 * (1 + lap * 0.005))));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/heapBytes went from 102750000.0 .* to 106750000.0/);
  });

  test('is not when objects stay behind', () => {
    const leaking = samples(
      () => 1e8,
      (lap) => 100 + lap,
    );
    expect(judgeSoak(summarizeSoak(leaking)).join()).toContain('textures');
  });

  test('compares whole turns of places, which hold different amounts', () => {
    const around = samples((lap) => 1e8 * (1 + (lap % 3)));
    expect(judgeSoak(summarizeSoak(around, 3))).toEqual([]);
    // Quarters that saw other places would differ by themselves.
    expect(judgeSoak(summarizeSoak(around))).toHaveLength(1);
    const leaking = samples((lap) => 1e8 * (1 + (lap % 3)) * (1 + lap * 0.006));
    expect(judgeSoak(summarizeSoak(leaking, 3))).toHaveLength(1);
  });

  test('needs each place in each quarter', () => {
    expect(() => summarizeSoak(samples(() => 1).slice(0, 3))).toThrow(/took 3 .* at least 4/);
    expect(() => summarizeSoak(samples(() => 1).slice(0, 11), 3)).toThrow(/at least 12/);
  });
});
