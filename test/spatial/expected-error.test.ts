/** Demand: conserved, monotone in distance, smaller out of view. */
import { describe, expect, it } from 'vitest';
import {
  addDemand,
  createPoseSet,
  type DemandColumns,
  lookAtSphere,
  OUTSIDE_VISIBILITY,
  type ScoreView,
  SPHERE_DISTANCE,
  SPHERE_RADIUS,
  SPHERE_SEEN,
  sphere,
  writeView,
} from '../../src/spatial/expected-error.ts';

function makeView(): ScoreView {
  const poses = createPoseSet(1);
  // At the origin, looking down -z, 1000 pixels per tangent, 45 degrees to each side, 30 up and down.
  poses.values.set([0, 0, 0, 0, 0, -1, 1, 1000, 0, Math.PI / 4, Math.PI / 6]);
  writeView(poses.values, 0);
  poses.present[0] = 1;
  poses.count = 1;
  return {
    poses,
    errorPx: 1,
    kReference: 1000,
    errorScale: 1,
    maxDistanceMeters: Number.POSITIVE_INFINITY,
    screenPixels: 2e6,
    classic: { rangeMeters: 1000, frustumBonus: 1, velocityBonus: 0.5 },
    course: new Float64Array(3),
  };
}

function makeColumns(): DemandColumns {
  return {
    logErrors: Float64Array.from([0.01, 0.02, 0.04, 0.08, 0.16], Math.log2),
    lodCounts: new Uint8Array([5]),
    thresholds: new Float64Array([0, 0, 0, 0, 0, 1e6]),
    radii: new Float64Array([2]),
    needRadii: new Float64Array([2]),
    lensFree: new Uint8Array(1),
    importances: new Float64Array([1]),
    buckets: new Float64Array(5),
    classic: new Float64Array(1),
    nearest: new Float64Array(1).fill(Number.POSITIVE_INFINITY),
  };
}

/** Placements of scale 1 and weight 1, on the level of the eye. */
function scored(x: number, z: number, count = 1): Float64Array {
  return new Float64Array([x, 0, z, 1, count, 1]);
}

function visibility(x: number, y: number, z: number, radius: number): number {
  sphere.set([x, y, z]);
  sphere[SPHERE_DISTANCE] = Math.hypot(x, y, z);
  sphere[SPHERE_RADIUS] = radius;
  lookAtSphere(makeView(), 0);
  return sphere[SPHERE_SEEN]!;
}

function demandAt(x: number, z: number, count = 1, finest = 0): number[] {
  const columns = makeColumns();
  addDemand(columns, 0, makeView(), scored(x, z, count), finest, 4);
  return [...columns.buckets];
}

const total = (buckets: number[]): number => buckets.reduce((sum, area) => sum + area, 0);
/** Mean LOD asked for. */
const needed = (buckets: number[]): number =>
  buckets.reduce((sum, area, lod) => sum + area * lod, 0) / total(buckets);

describe('addDemand', () => {
  it('asks for coarser LODs, and for less, the farther away', () => {
    let lod = -1;
    let area = Number.POSITIVE_INFINITY;
    for (const distance of [5, 12, 22, 40, 80, 150, 400]) {
      const buckets = demandAt(0, -distance);
      expect(needed(buckets)).toBeGreaterThanOrEqual(lod);
      expect(total(buckets)).toBeLessThanOrEqual(area);
      lod = needed(buckets);
      area = total(buckets);
    }
    expect(lod).toBe(4);
  });

  it('changes without a jump as the camera moves', () => {
    let last = needed(demandAt(0, -4));
    for (let distance = 4; distance < 250; distance *= 1.005) {
      const now = needed(demandAt(0, -distance));
      expect(Math.abs(now - last)).toBeLessThan(0.05);
      last = now;
    }
  });

  it('is proportional to the number of placements', () => {
    expect(total(demandAt(0, -50, 30))).toBeCloseTo(30 * total(demandAt(0, -50)), 10);
  });

  it('never asks for more than the finest LOD it may', () => {
    expect(demandAt(0, -5, 1, 2).slice(0, 2)).toEqual([0, 0]);
  });

  it('counts what is behind the camera little, but counts it', () => {
    const ahead = total(demandAt(0, -50));
    const behind = total(demandAt(0, 50));
    expect(behind).toBeGreaterThan(0);
    expect(behind / ahead).toBeLessThan(OUTSIDE_VISIBILITY);
  });

  it('sees a sphere that reaches into the view', () => {
    expect(visibility(40, 0, -30, 10)).toBe(1);
    expect(visibility(50, 0, 0, 1)).toBeLessThan(OUTSIDE_VISIBILITY);
  });

  it('sees farther to the side than up, where the picture is wide', () => {
    const at = (degrees: number): [number, number] => [
      Math.sin((degrees * Math.PI) / 180) * 50,
      -Math.cos((degrees * Math.PI) / 180) * 50,
    ];
    const seen = (degrees: number, isUp: boolean): number => {
      const [side, z] = at(degrees);
      return visibility(isUp ? 0 : side, isUp ? side : 0, z, 1e-6);
    };
    expect([seen(29, true), seen(29, false), seen(44, false)]).toEqual([1, 1, 1]);
    expect(seen(31, true)).toBeLessThan(OUTSIDE_VISIBILITY);
    expect(seen(46, false)).toBeLessThan(OUTSIDE_VISIBILITY);
  });

  it('weighs by half what was learned of where the view may turn to', () => {
    const view = makeView();
    const seen = (x: number, y: number, z: number): number => {
      sphere.set([x, y, z]);
      sphere[SPHERE_DISTANCE] = Math.hypot(x, y, z);
      sphere[SPHERE_RADIUS] = 1e-6;
      lookAtSphere(view, 0);
      return sphere[SPHERE_SEEN]!;
    };
    const before = [seen(-50, 0, 0), seen(50, 0, 0), seen(0, 0, -50), seen(0, 50, -1)];
    expect(before[0]).toBe(before[1]);
    // All turns are to the left, by a quarter of a turn: bins of 5 degrees from -180 on.
    const spread = new Float64Array(146);
    for (let bin = 0; bin < 146; bin++) spread[bin] = Math.floor((bin + 72 - 55) / 72);
    view.poses.spreads[0] = spread;
    const after = [seen(-50, 0, 0), seen(50, 0, 0), seen(0, 0, -50), seen(0, 50, -1)];
    expect(after[0]).toBeCloseTo(0.5 * before[0]! + 0.5, 9);
    for (const i of [1, 2]) expect(after[i]).toBeCloseTo(0.5 * before[i]!, 9);
    // A turn to the side does not show what is above.
    expect(after[3]).toBeLessThan(before[3]!);
  });

  it('wants nothing of what is too far away to be shown', () => {
    const columns = makeColumns();
    columns.thresholds[5] = 60;
    for (const [z, expected] of [
      [-59, true],
      [-61, false],
    ] as const) {
      columns.buckets.fill(0);
      addDemand(columns, 0, makeView(), scored(0, z), 0, 4);
      expect(total([...columns.buckets]) > 0).toBe(expected);
    }
  });
});

describe('the classic score', () => {
  const scoreAt = (x: number, z: number, course: number[]): number => {
    const columns = makeColumns();
    const view = makeView();
    view.course.set(course);
    addDemand(columns, 0, view, scored(x, z), 0, 4);
    return columns.classic[0]!;
  };

  it('falls with distance, doubles in view, and grows ahead of the motion', () => {
    expect(scoreAt(0, -100, [0, 0, 0])).toBeCloseTo(0.9 * 2);
    expect(scoreAt(0, 100, [0, 0, 0])).toBeCloseTo(0.9);
    expect(scoreAt(0, -100, [0, 0, -1])).toBeCloseTo(0.9 * 2 * 1.5);
    expect(scoreAt(0, -100, [0, 0, 1])).toBeCloseTo(0.9 * 2);
    expect(scoreAt(0, -1001, [0, 0, 0])).toBe(0);
  });

  it('takes its range and its bonuses from the view', () => {
    const columns = makeColumns();
    const view = makeView();
    view.classic = { rangeMeters: 400, frustumBonus: 3, velocityBonus: 2 };
    view.course.set([0, 0, -1]);
    addDemand(columns, 0, view, scored(0, -100), 0, 4);
    expect(columns.classic[0]).toBeCloseTo(0.75 * 4 * 3);
  });
});

describe('the nearest distance', () => {
  const nearest = (present: number): number => {
    const columns = makeColumns();
    const view = makeView();
    view.poses.present[0] = present;
    for (const x of [300, 30, 90]) addDemand(columns, 0, view, scored(x, -40), 0, 4);
    return columns.nearest[0]!;
  };

  it('is that of the nearest placement to a viewpoint as it stands', () => {
    expect(nearest(1)).toBeCloseTo(50);
  });

  it('knows nothing of poses that are only predicted', () => {
    expect(nearest(0)).toBe(Number.POSITIVE_INFINITY);
  });
});
