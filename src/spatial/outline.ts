/** Outlines of prism volumes: polygons on the ground plane, checked when they are made. */
import { assert, describe } from '../base/assert.ts';
import type { Outline } from './volume-shape.ts';

/** Corners of one outline; each costs about 3 ns a distance, and making sure of it their square. */
const MAX_CORNERS = 256;

/** Corners closer than this are one (meters). */
const SAME_CORNER_METERS = 1e-3;

/** A polygon with less than this is a line (square meters). */
const LEAST_AREA = 1e-3;

/**
 * An outline of corners in order, either way around, convex or not, without holes.
 *
 * Throws where they are fewer than three, not finite, two in a row at one place, or where edges cross.
 */
export function createOutline(name: string, corners: readonly (readonly number[])[]): Outline {
  const fail = (message: string): string => `defineOutline("${name}"): ${message}`;
  assert(Array.isArray(corners), fail(`expected a list of [x, z], got ${describe(corners)}`));
  const { length } = corners;
  assert(
    length >= 3 && length <= MAX_CORNERS,
    fail(`expected 3 to ${MAX_CORNERS} corners, got ${length}`),
  );
  const points = new Float64Array(length * 2);
  for (const [i, corner] of corners.entries()) {
    const isPair = Array.isArray(corner) && corner.length === 2 && corner.every(Number.isFinite);
    assert(isPair, fail(`corner ${i}: expected [x, z] in meters, got ${describe(corner)}`));
    points.set(corner, i * 2);
  }
  for (let i = 0; i < length; i++) {
    const j = (i + 1) % length;
    const meters = Math.hypot(
      points[j * 2]! - points[i * 2]!,
      points[j * 2 + 1]! - points[i * 2 + 1]!,
    );
    assert(meters > SAME_CORNER_METERS, fail(`corners ${i} and ${j} are at one place`));
  }
  for (let i = 0; i < length; i++)
    for (let j = i + 2; j < length; j++) {
      if (i === 0 && j === length - 1) continue;
      assert(!doCross(points, i, j), fail(`the edges from corners ${i} and ${j} cross`));
    }
  assert(
    Math.abs(areaOf(points)) > LEAST_AREA,
    fail('the corners lie in a line, there is no inside'),
  );
  return { points, bounds: boundsOf(points) };
}

/** Twice the area to the left of the line from corner a to b that point c makes with it. */
function turn(points: Float64Array, a: number, b: number, c: number): number {
  const abx = points[b * 2]! - points[a * 2]!;
  const abz = points[b * 2 + 1]! - points[a * 2 + 1]!;
  return abx * (points[c * 2 + 1]! - points[a * 2 + 1]!) - abz * (points[c * 2]! - points[a * 2]!);
}

/** Whether the edges that begin at corners i and j cross. Ericson, section 5.1.9.1. */
function doCross(points: Float64Array, i: number, j: number): boolean {
  const count = points.length / 2;
  const [a, b, c, d] = [i, (i + 1) % count, j, (j + 1) % count];
  return (
    turn(points, a, b, c) * turn(points, a, b, d) < 0 &&
    turn(points, c, d, a) * turn(points, c, d, b) < 0
  );
}

/** Signed area: the shoelace formula. */
function areaOf(points: Float64Array): number {
  let sum = 0;
  for (let i = 0, j = points.length - 2; i < points.length; j = i, i += 2)
    sum += points[j]! * points[i + 1]! - points[i]! * points[j + 1]!;
  return sum / 2;
}

function boundsOf(points: Float64Array): [number, number, number, number] {
  const bounds: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2)
    for (const axis of [0, 1] as const) {
      bounds[axis] = Math.min(bounds[axis], points[i + axis]!);
      bounds[axis + 2] = Math.max(bounds[axis + 2]!, points[i + axis]!);
    }
  return bounds;
}
