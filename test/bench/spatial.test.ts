/** The spatial benchmark on a small scene: what it reports, and that a wrong set ends it. */
import { describe, expect, test } from 'vitest';
import { createOctree } from '../../bench/spatial/farfield.ts';
import { measureSpatial, RADII } from '../../bench/spatial/measure.ts';
import { SUBJECTS } from '../../bench/spatial/spatial.ts';
import type { SpatialSubject } from '../../bench/spatial/subject.ts';

// Heap figures are not looked at here, and a test runner has no collector to call.
(globalThis as { gc?: () => void }).gc ??= () => undefined;

const SMALL = { count: 3000, moves: 500, queries: 12, rounds: 1, seed: 4 };

/** Our octree, with one thing wrong. */
function broken(change: (whole: SpatialSubject) => Partial<SpatialSubject>): () => SpatialSubject {
  return () => {
    const whole = createOctree();
    return { ...whole, name: 'broken', ...change(whole) };
  };
}

describe('measureSpatial', () => {
  test('asks every subject the same and reports what it cost', () => {
    const runs = measureSpatial(SUBJECTS, SMALL);
    expect(runs.map(({ subject }) => subject)).toEqual([
      'farfield',
      'flatbush',
      'object octree',
      'brute force',
    ]);
    for (const run of runs) {
      expect(run.queries.map(({ query }) => query)).toEqual([
        ...RADII.map((radius) => `radius ${radius} m`),
        'frustum 600 m',
      ]);
      // Equal sets have equal sizes.
      expect(run.queries.map(({ hits }) => hits)).toEqual(runs[0]!.queries.map(({ hits }) => hits));
      expect(run.queries.at(-1)!.hits).toBeGreaterThan(50);
      expect(run.stepNanoseconds === null).toBe(run.subject === 'flatbush');
      expect(run.tidyMs === null).toBe(run.subject !== 'farfield');
    }
  });

  test('ends where a subject loses an item, finds one twice, or forgets a move', () => {
    const lossy = broken((whole) => ({
      sphere(x, y, z, radius, out) {
        whole.sphere(x, y, z, radius, out);
        if (out.count > 40) out.count--;
      },
    }));
    expect(() => measureSpatial([lossy], SMALL)).toThrow(/broken, radius .* the sets differ/);
    const double = broken((whole) => ({
      frustum(planes, offset, footprints, footprint, out) {
        whole.frustum(planes, offset, footprints, footprint, out);
        if (out.count > 1) out.items[0] = out.items[1]!;
      },
    }));
    expect(() => measureSpatial([double], SMALL)).toThrow(/broken, frustum .* the sets differ/);
    const still = broken(() => ({ move: () => undefined }));
    expect(() => measureSpatial([still], SMALL)).toThrow(/broken, .* the sets differ/);
  });
});
