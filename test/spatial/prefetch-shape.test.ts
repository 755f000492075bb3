/** The prefetch shape: a disc at rest, a cone ahead at speed, about the same area at any. */
import { describe, expect, it } from 'vitest';
import { createMotion, type Motion } from '../../src/spatial/motion-state.ts';
import {
  addPrefetchShape,
  addSphere,
  createSphereSet,
  PREFETCH_SPHERES,
  type SphereSet,
} from '../../src/spatial/prefetch-shape.ts';

const R = 500;

/** Flying along -z. */
function shapeAt(speed: number, courseRate = 0): SphereSet {
  const motion: Motion = createMotion();
  motion.eye.set([100, 20, -300]);
  motion.velocity.set([0, 0, -speed]);
  motion.courseRate = courseRate;
  const set = createSphereSet(PREFETCH_SPHERES);
  addPrefetchShape(set, motion, R);
  return set;
}

/** Whether a point, given from the eye, is within the shape. */
function covers({ values, count }: SphereSet, right: number, ahead: number): boolean {
  for (let at = 0; at < count * 4; at += 4)
    if (Math.hypot(100 + right - values[at]!, -300 - ahead - values[at + 2]!) <= values[at + 3]!)
      return true;
  return false;
}

/** Area seen from above (square meters), on a grid of 10 m. */
function areaOf(set: SphereSet): number {
  let cells = 0;
  for (let right = -1500; right <= 1500; right += 10)
    for (let ahead = -1500; ahead <= 2500; ahead += 10) if (covers(set, right, ahead)) cells++;
  return cells * 100;
}

/** How far the shape reaches from the eye, to one side. */
function reach(set: SphereSet, right: number, ahead: number): number {
  let meters = 0;
  while (covers(set, right * meters, ahead * meters)) meters += 5;
  return meters;
}

describe('addPrefetchShape', () => {
  it('is the sphere itself at rest and at a walk', () => {
    for (const speed of [0, 1, 3]) {
      const { values, count } = shapeAt(speed);
      expect(count).toBe(1);
      expect([...values.subarray(0, 4)]).toEqual([100, 20, -300, R]);
    }
  });

  it('covers about the same area at any speed', () => {
    const atRest = areaOf(shapeAt(0));
    for (const speed of [5, 20, 45, 90, 200, 1000]) {
      const ratio = areaOf(shapeAt(speed)) / atRest;
      expect(ratio).toBeGreaterThan(0.85);
      expect(ratio).toBeLessThan(1.1);
    }
  });

  it('reaches farther ahead and less far aside and behind, the faster it goes', () => {
    let [ahead, aside, behind] = [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (const speed of [0, 20, 45, 90, 125]) {
      const shape = shapeAt(speed);
      expect(reach(shape, 0, 1)).toBeGreaterThan(ahead);
      expect(reach(shape, 1, 0)).toBeLessThan(aside);
      expect(reach(shape, 0, -1)).toBeLessThan(behind);
      [ahead, aside, behind] = [reach(shape, 0, 1), reach(shape, 1, 0), reach(shape, 0, -1)];
    }
    expect(ahead).toBeGreaterThan(2.5 * R);
    expect(behind).toBeLessThan(0.5 * R);
  });

  it('has no gap on the way, and widens ahead', () => {
    const { values, count } = shapeAt(200);
    for (let i = 1; i < count; i++) {
      const gap = values[(i - 1) * 4 + 2]! - values[i * 4 + 2]!;
      expect(gap).toBeLessThan(values[(i - 1) * 4 + 3]! + values[i * 4 + 3]!);
      expect(values[i * 4 + 3]).toBeGreaterThan(values[(i - 1) * 4 + 3]!);
    }
  });

  it('follows a curve', () => {
    const left = shapeAt(60, 0.5);
    const last = (left.count - 1) * 4;
    expect(left.values[last]).toBeLessThan(100 - 50);
    expect(shapeAt(60, -0.5).values[last]).toBeGreaterThan(100 + 50);
  });

  it('refuses to write beyond the set', () => {
    const set = createSphereSet(1);
    addSphere(set, 0, 0, 0, 1);
    expect(() => addSphere(set, 0, 0, 0, 1)).toThrow(/sphere 1 of 1/);
  });
});
