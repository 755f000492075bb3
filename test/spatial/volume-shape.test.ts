/** Distances to volumes and boxes around them, against points of their surfaces. */
import { Vector3 } from 'three';
import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../../src/base/random.ts';
import { boundVolume, isSoundShape } from '../../src/spatial/volume-bounds.ts';
import { measureVolume } from '../../src/spatial/volume-shape.ts';
import {
  isInside,
  makeVolume,
  SHAPE_NAMES,
  SPACING,
  sampleSurface,
  storeVolume,
  type TestVolume,
} from './volume-fixture.ts';

type Measure = (point: Vector3) => number;

function measureOf(volume: TestVolume): Measure {
  const { columns, outlines } = storeVolume(volume);
  const out = new Float64Array(1);
  return (point) => {
    measureVolume(columns, outlines, 1, new Float64Array([0, ...point.toArray()]), 1, out);
    return out[0]!;
  };
}

/** Points in and around the volume, some far away. */
function pointsAround(random: Random, volume: TestVolume, count: number): Vector3[] {
  return Array.from({ length: count }, (_, i) => {
    const reach = [2, 5, 30][i % 3]!;
    const [x, y, z] = volume.center.map((axis) => axis + (random() - 0.5) * 2 * reach);
    return new Vector3(x, y, z);
  });
}

/** How often distances are what no surface point allows. */
function countWrong(volume: TestVolume, measure: Measure, random: Random): number {
  const surface = sampleSurface(volume);
  let wrong = 0;
  for (const point of pointsAround(random, volume, 36)) {
    const meters = measure(point);
    const nearest = Math.min(...surface.map((other) => other.distanceTo(point)));
    // Nearer than the nearest point of the surface it cannot be; nor much farther than a sample.
    const isFar = Math.abs(meters) > nearest + 1e-5;
    const isNear = Math.abs(meters) < nearest - SPACING;
    if (isFar || isNear || meters < 0 !== isInside(volume, point)) wrong++;
  }
  return wrong;
}

describe.each(SHAPE_NAMES)('%s', (shape) => {
  test('a distance is that to the nearest point of the surface, negative inside', () => {
    const random = createRandom(SHAPE_NAMES.indexOf(shape) + 5);
    let inside = 0;
    for (let i = 0; i < 12; i++) {
      const volume = makeVolume(random, shape);
      const measure = measureOf(volume);
      expect(countWrong(volume, measure, random)).toBe(0);
      inside += pointsAround(random, volume, 60).filter((point) => measure(point) < 0).length;
    }
    expect(inside).toBeGreaterThan(20);
  });

  test('a distance that is somewhat wrong is found out', () => {
    const random = createRandom(9);
    const volume = makeVolume(random, shape);
    const measure = measureOf(volume);
    expect(countWrong(volume, (point) => measure(point) * 1.05, random)).toBeGreaterThan(10);
    expect(countWrong(volume, (point) => measure(point) * 0.95, random)).toBeGreaterThan(5);
    expect(countWrong(volume, (point) => Math.abs(measure(point)), random)).toBeGreaterThan(0);
  });

  test('a distance never changes by more than the point moves', () => {
    const random = createRandom(17);
    for (let i = 0; i < 40; i++) {
      const volume = makeVolume(random, shape);
      const measure = measureOf(volume);
      const [from, to] = pointsAround(random, volume, 2) as [Vector3, Vector3];
      const change = Math.abs(measure(from) - measure(to));
      expect(change).toBeLessThanOrEqual(from.distanceTo(to) + 1e-5);
    }
  });

  test('the box around it holds all that is within reach, and no more than that takes', () => {
    const random = createRandom(23);
    const box = new Float64Array(6);
    for (let i = 0; i < 12; i++) {
      const volume = makeVolume(random, shape);
      const { columns, outlines } = storeVolume(volume);
      expect(isSoundShape(columns, outlines, 1)).toBe(true);
      boundVolume(columns, outlines, 1, 1.5, box);
      const farthest = [0, 0, 0];
      for (const point of sampleSurface(volume))
        for (const [axis, at] of point.toArray().entries())
          farthest[axis] = Math.max(farthest[axis]!, Math.abs(at - box[axis]!));
      for (let axis = 0; axis < 3; axis++) {
        const extent = box[3 + axis]! - 1.5;
        expect(extent).toBeGreaterThanOrEqual(farthest[axis]!);
        expect(extent).toBeLessThanOrEqual(farthest[axis]! + SPACING);
      }
    }
  });
});

describe('a volume that is none', () => {
  const broken: [string, TestVolume['shape'], Partial<TestVolume>][] = [
    ['a center that is no number', 'sphere', { center: [0, Number.NaN, 0] }],
    ['no radius', 'sphere', { radius: 0 }],
    ['a radius that is no number', 'capsule', { radius: Number.NaN }],
    ['an edge of no length', 'box', { size: [1, 0, 1] }],
    ['an endless edge', 'orientedBox', { size: [1, Number.POSITIVE_INFINITY, 1] }],
    ['a quaternion of no length', 'orientedBox', { quaternion: [0, 0, 0, 0] }],
    ['a negative height', 'capsule', { height: -1 }],
    ['its end below its beginning', 'prism', { minHeight: 2, maxHeight: 1 }],
    ['an outline nobody has defined', 'prism', { outline: 'other' }],
  ];
  test.each(broken)('%s', (_name, shape, change) => {
    const { columns, outlines } = storeVolume(makeVolume(createRandom(3), shape));
    expect(isSoundShape(columns, outlines, 1)).toBe(true);
    for (const [name, value] of Object.entries(change)) {
      const column = columns[name as keyof typeof columns];
      if (typeof value === 'string') column[1] = 1;
      else if (Array.isArray(value)) column.set(value, value.length);
      else column[1] = value as number;
    }
    expect(isSoundShape(columns, outlines, 1)).toBe(false);
  });
});
