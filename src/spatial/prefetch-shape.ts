/**
 * Where to prefetch what is out of view: evenly all around a viewpoint at rest, in a cone ahead of a
 * fast one. The shape is a string of spheres along the predicted course, growing with the distance;
 * seen from above it covers about the area of the one sphere at rest, whatever the speed.
 */
import { lengthOf, type Motion } from './motion-state.ts';
import { predictEye } from './predict.ts';

/** Spheres: x, y, z, radius (meters), four numbers each. */
export interface SphereSet {
  values: Float64Array;
  count: number;
}

/** At most this many spheres per viewpoint. */
export const PREFETCH_SPHERES = 5;

/** The cone reaches as far as this much time carries (seconds): a slow link needs about that long. */
const REACH_SECONDS = 8;
/** It is never longer than this many radii of the sphere at rest: the string would come apart. */
const MAX_REACH = 2;
/** Shorter than this many radii, it is the sphere at rest. */
const MIN_REACH = 0.05;
/** The sphere at the eye of the fastest, beside the farthest one. */
const NARROW = 0.6;

export function createSphereSet(capacity: number): SphereSet {
  return { values: new Float64Array(capacity * 4), count: 0 };
}

/** Appends a sphere; one too many is an error of the caller's sizes and throws. */
export function addSphere(
  set: SphereSet,
  x: number,
  y: number,
  z: number,
  radiusMeters: number,
): void {
  const at = set.count * 4;
  if (at >= set.values.length) throw new RangeError(`sphere ${set.count} of ${at / 4}`);
  set.values[at] = x;
  set.values[at + 1] = y;
  set.values[at + 2] = z;
  set.values[at + 3] = radiusMeters;
  set.count++;
}

const point = new Float64Array(3);
const times = new Float64Array(1);

/**
 * Appends the prefetch shape of a viewpoint.
 *
 * @param radiusMeters of the sphere at rest
 */
export function addPrefetchShape(set: SphereSet, motion: Motion, radiusMeters: number): void {
  const { eye } = motion;
  const speed = lengthOf(motion.velocity);
  const reach = Math.min(speed * REACH_SECONDS, MAX_REACH * radiusMeters);
  if (!(reach > MIN_REACH * radiusMeters)) {
    addSphere(set, eye[0]!, eye[1]!, eye[2]!, radiusMeters);
    return;
  }
  const near = 1 - (1 - NARROW) * Math.min(1, reach / radiusMeters);
  const farRadius = farthestRadius(near, reach, radiusMeters);
  const steps = PREFETCH_SPHERES - 1;
  for (let i = 0; i <= steps; i++) {
    times[0] = ((reach / speed) * i) / steps;
    predictEye(motion, times, 0, point, 0);
    const share = near + ((1 - near) * i) / steps;
    addSphere(set, point[0]!, point[1]!, point[2]!, share * farRadius);
  }
}

/**
 * The radius r of the farthest sphere for which the hull of two discs, r and `near`·r, `reach` apart,
 * is as large as the disc at rest: ½π(1 + near²) r² + reach (1 + near) r = π R².
 */
function farthestRadius(near: number, reach: number, radiusMeters: number): number {
  const a = 0.5 * Math.PI * (1 + near * near);
  const b = reach * (1 + near);
  const c = Math.PI * radiusMeters * radiusMeters;
  return (Math.sqrt(b * b + 4 * a * c) - b) / (2 * a);
}
