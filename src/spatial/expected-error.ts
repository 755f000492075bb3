/**
 * Expected visible error: what it would cost the picture, at each of several poses, if an object
 * were shown at some LOD other than the one it needs.
 *
 * For every asset the sum over all its placements is kept as five numbers, one per LOD: how much
 * screen area (weighted by pose, visibility and importance) needs exactly that LOD. Everything else
 * (what a load would gain, what an eviction would lose) follows from those five and the table of
 * `memory/worth.ts`, however many placements there are.
 *
 * Formula: area = min(0.2, π (R k)² / d² / screen);   visibility = 1 inside the view cone, else
 * 0.06 · exp(−excess / 1.2 rad), as measured for the policy `bc2`.
 */
import { MAX_LODS } from '../base/limits.ts';
import { chanceWithin, type Spread } from './look-around.ts';

/**
 * Numbers per pose: eye 3, direction 3, weight, k (pixels per tangent), cosine of the cone that lies
 * in view whole, half angles of the view to the side and up (radians; π sees everything), the unit
 * vectors to the right and up.
 */
export const POSE_STRIDE = 17;

/**
 * Demand for more than a LOD begins this much farther out than where it becomes too coarse: the
 * share between two LODs is linear in the logarithm of the error.
 */
export const DETAIL_MARGIN = 1.5;

/** What lies outside the view cone still counts this much: the camera may turn. */
export const OUTSIDE_VISIBILITY = 0.06;
const OUTSIDE_DECAY_RADIANS = 1.2;

/** How much what was learned of the player counts beside the cone, as measured for `bc2L`. */
const LEARNED_SHARE = 0.5;

/** Nothing counts as nearer than this. */
const NEAR_METERS = 1e-2;

/** One object never counts for more than this share of the picture. */
const MAX_AREA = 0.2;

/** The poses to score against, `count` of them, in `POSE_STRIDE` numbers each. */
export interface PoseSet {
  values: Float64Array;
  /** 1 for a pose that some viewpoint has now, 0 for what is predicted or announced. */
  present: Uint8Array;
  /** Where each may be turned to instead of where it is predicted; null: as predicted. */
  spreads: (Spread | null)[];
  /** Raised when what a spread says has changed. */
  spreadVersion: number;
  count: number;
}

export function createPoseSet(capacity: number): PoseSet {
  return {
    values: new Float64Array(capacity * POSE_STRIDE),
    present: new Uint8Array(capacity),
    spreads: new Array<Spread | null>(capacity).fill(null),
    spreadVersion: 0,
    count: 0,
  };
}

/** Per-asset columns that scoring reads and writes. */
export interface DemandColumns {
  /** Log2 of each LOD's geometric error or what stands for it (meters), five per asset. */
  logErrors: Float64Array;
  /** What is subtracted from a distance before errors are compared (meters at scale 1). */
  needRadii: Float64Array;
  /** 1 where the lens plays no part in what is needed. */
  lensFree: Uint8Array;
  lodCounts: Uint8Array;
  /** Six per asset; that at the LOD count is how far away it is shown at all (meters at scale 1). */
  thresholds: Float64Array;
  /** Radius about the model's origin (meters). */
  radii: Float64Array;
  importances: Float64Array;
  /** Out: weighted area that needs each LOD, five per asset. */
  buckets: Float64Array;
  /** Out: the best classic score of any placement (see `classicScore`). */
  classic: Float64Array;
  /** Out: distance from a viewpoint to the center of the nearest placement (meters). */
  nearest: Float64Array;
}

/** Completes a pose whose eye, direction, weight, k and half angles of the view are there. */
export function writeView(poses: Float64Array, at: number): void {
  const x = poses[at + 3]!;
  const y = poses[at + 4]!;
  const z = poses[at + 5]!;
  poses[at + 8] = Math.cos(Math.min(poses[at + 9]!, poses[at + 10]!));
  // To the right is level: a view that rolls is taken for one that does not.
  const level = Math.sqrt(x * x + z * z);
  const rightX = level > 1e-9 ? -z / level : 1;
  const rightZ = level > 1e-9 ? x / level : 0;
  poses[at + 11] = rightX;
  poses[at + 12] = 0;
  poses[at + 13] = rightZ;
  poses[at + 14] = -rightZ * y;
  poses[at + 15] = rightZ * x - rightX * z;
  poses[at + 16] = rightX * y;
}

/** The figures of the classic score. */
export interface ClassicBonuses {
  /** Distance at which the score falls to 0 (meters). */
  rangeMeters: number;
  /** In view the score is `1 + frustumBonus` times as high. */
  frustumBonus: number;
  /** Straight ahead of the motion it is `1 + velocityBonus` times as high, less to the sides. */
  velocityBonus: number;
}

/** What all placements of a call have in common. */
export interface ScoreView {
  poses: PoseSet;
  /** Error in pixels that is good enough. */
  errorPx: number;
  /** Pixels per tangent of the lens that thresholds are for. */
  kReference: number;
  /** Limits of what is being scored: a factor on `errorPx`, and meters at scale 1. */
  errorScale: number;
  maxDistanceMeters: number;
  /** Pixels of the picture. */
  screenPixels: number;
  classic: ClassicBonuses;
  /** Unit vector of travel, or zeros at rest; for the classic score's velocity bonus. */
  course: Float64Array;
}

/**
 * The sphere at hand as one pose sees it. In numbers of an array: a call that is not inlined puts each
 * fraction that it takes or returns into an object of its own, and there are thousands a frame.
 */
export const sphere: Float64Array = new Float64Array(9);
/** From the eye to the sphere's center, how far that is, and the sphere's radius (meters). */
export const SPHERE_X = 0;
export const SPHERE_Y = 1;
export const SPHERE_Z = 2;
export const SPHERE_DISTANCE = 3;
export const SPHERE_RADIUS = 4;
/** What `lookAtSphere` finds. */
export const SPHERE_SEEN = 5;
export const SPHERE_SHARE = 6;
/** Area for the buckets, and log2 of (an error of a meter in pixels ÷ the tolerated error). */
const AREA = 7;
const OFFSET = 8;

/**
 * Looks at `sphere` from the pose at `at`. Writes its visibility weight, which is 1 where it reaches
 * into the view and less with every radian that it lies outside, and the share of the picture that it
 * covers before that, by the distance to its surface.
 */
export function lookAtSphere(view: ScoreView, at: number): void {
  const poses = view.poses.values;
  const distance = sphere[SPHERE_DISTANCE]!;
  const radius = sphere[SPHERE_RADIUS]!;
  const size = (radius * poses[at + 7]!) / Math.max(distance - radius, NEAR_METERS);
  sphere[SPHERE_SHARE] = Math.min(MAX_AREA, (Math.PI * size * size) / view.screenPixels);
  sphere[SPHERE_SEEN] = 1;
  if (distance <= radius) return;
  lookAhead(poses, at);
  const spread = view.poses.spreads[at / POSE_STRIDE];
  if (spread) lookAround(poses, at, spread);
}

/** Sees the sphere at hand as the pose at `at` is turned. */
function lookAhead(poses: Float64Array, at: number): void {
  const distance = sphere[SPHERE_DISTANCE]!;
  const dx = sphere[SPHERE_X]!;
  const dy = sphere[SPHERE_Y]!;
  const dz = sphere[SPHERE_Z]!;
  const ahead = dx * poses[at + 3]! + dy * poses[at + 4]! + dz * poses[at + 5]!;
  if (ahead >= poses[at + 8]! * distance || poses[at + 9]! >= Math.PI) return;
  const aside = dx * poses[at + 11]! + dz * poses[at + 13]!;
  const above = dx * poses[at + 14]! + dy * poses[at + 15]! + dz * poses[at + 16]!;
  const turn = Math.atan2(Math.abs(aside), ahead) - poses[at + 9]!;
  const level = Math.sqrt(ahead * ahead + aside * aside);
  const lift = Math.atan2(Math.abs(above), level) - poses[at + 10]!;
  const excess = Math.max(turn, lift) - sphere[SPHERE_RADIUS]! / distance;
  if (excess > 0)
    sphere[SPHERE_SEEN] = OUTSIDE_VISIBILITY * Math.exp(-excess / OUTSIDE_DECAY_RADIANS);
}

/** Mixes what was seen of the sphere at hand with the chance that the view is turned so as to see it. */
function lookAround(poses: Float64Array, at: number, spread: Spread): void {
  const dx = sphere[SPHERE_X]!;
  const dy = sphere[SPHERE_Y]!;
  const dz = sphere[SPHERE_Z]!;
  const ahead = dx * poses[at + 3]! + dy * poses[at + 4]! + dz * poses[at + 5]!;
  const aside = dx * poses[at + 11]! + dz * poses[at + 13]!;
  const above = dx * poses[at + 14]! + dy * poses[at + 15]! + dz * poses[at + 16]!;
  const angle = sphere[SPHERE_RADIUS]! / sphere[SPHERE_DISTANCE]!;
  const left = Math.atan2(-aside, ahead);
  const reach = poses[at + 9]! + angle;
  let chance = chanceWithin(spread, left - reach, left + reach);
  const level = Math.sqrt(ahead * ahead + aside * aside);
  const excess = Math.atan2(Math.abs(above), level) - poses[at + 10]! - angle;
  if (excess > 0) chance *= OUTSIDE_VISIBILITY * Math.exp(-excess / OUTSIDE_DECAY_RADIANS);
  const seen = sphere[SPHERE_SEEN]!;
  sphere[SPHERE_SEEN] = seen + LEARNED_SHARE * (chance - seen);
}

/** What is scored: numbers of `Scored`, so that none of them is boxed on the way. */
export const SCORED_STRIDE = 6;
/** Its origin (meters), 3. */
export const SCORED_X = 0;
/** Uniform scale. */
export const SCORED_SCALE = 3;
/** How many stand there. */
export const SCORED_COUNT = 4;
/** Further factor on their worth: entity importance, level priority. */
export const SCORED_WEIGHT = 5;

/**
 * Adds placements of one asset standing at one point to the asset's demand.
 *
 * @param scored the placements: see `SCORED_STRIDE`
 * @param finest the finest LOD they may ask for
 * @param coarsest the coarsest LOD that satisfies them
 */
export function addDemand(
  columns: DemandColumns,
  asset: number,
  view: ScoreView,
  scored: Float64Array,
  finest: number,
  coarsest: number,
): void {
  const values = view.poses.values;
  const scale = scored[SCORED_SCALE]!;
  const radius = columns.radii[asset]! * scale;
  const worth = columns.importances[asset]! * scored[SCORED_WEIGHT]! * scored[SCORED_COUNT]!;
  const logScale = Math.log2(scale / (view.errorPx * view.errorScale));
  const needRadius = columns.needRadii[asset]! * scale;
  const lensFree = columns.lensFree[asset]!;
  const hide = columns.thresholds[asset * (MAX_LODS + 1) + columns.lodCounts[asset]!]!;
  const reach = Math.min(hide, view.maxDistanceMeters) * scale;
  sphere[SPHERE_RADIUS] = radius;
  for (let pose = 0; pose < view.poses.count; pose++) {
    const at = pose * POSE_STRIDE;
    const dx = scored[SCORED_X]! - values[at]!;
    const dy = scored[SCORED_X + 1]! - values[at + 1]!;
    const dz = scored[SCORED_X + 2]! - values[at + 2]!;
    const distance = Math.sqrt(dx * dx + dy * dy + dz * dz);
    const k = values[at + 7]!;
    // As for thresholds, the lens scales the distance to the sphere.
    const apparent =
      lensFree || k === view.kReference
        ? distance
        : (distance - needRadius) * (view.kReference / k) + needRadius;
    if (apparent >= reach) continue;
    sphere[SPHERE_X] = dx;
    sphere[SPHERE_Y] = dy;
    sphere[SPHERE_Z] = dz;
    sphere[SPHERE_DISTANCE] = distance;
    lookAtSphere(view, at);
    sphere[AREA] = values[at + 6]! * sphere[SPHERE_SEEN]! * sphere[SPHERE_SHARE]! * worth;
    // log2 of (error of a LOD in pixels ÷ tolerated error) is logErrors + offset.
    sphere[OFFSET] =
      logScale + Math.log2((lensFree ? 1 : k) / Math.max(distance - needRadius, NEAR_METERS));
    addToBuckets(columns, asset * MAX_LODS, coarsest, finest);
    if (view.poses.present[pose]) notePresent(columns, asset, view, scored);
  }
}

/**
 * Notes how near the sphere at hand is to a viewpoint as it stands, and its classic score if it is the
 * best: `importance · max(0, 1 − d / range) · (1 + frustumBonus) · (1 + velocityBonus)`.
 */
function notePresent(
  columns: DemandColumns,
  asset: number,
  view: ScoreView,
  scored: Float64Array,
): void {
  const distance = sphere[SPHERE_DISTANCE]!;
  if (distance < columns.nearest[asset]!) columns.nearest[asset] = distance;
  const { rangeMeters, frustumBonus, velocityBonus } = view.classic;
  const near = Math.max(0, 1 - distance / rangeMeters);
  const along =
    sphere[SPHERE_X]! * view.course[0]! +
    sphere[SPHERE_Y]! * view.course[1]! +
    sphere[SPHERE_Z]! * view.course[2]!;
  const ahead = Math.max(0, along / Math.max(distance, 1e-6));
  const inView = sphere[SPHERE_SEEN] === 1 ? frustumBonus : 0;
  const classic = near * (1 + inView) * (1 + velocityBonus * ahead);
  const score = columns.importances[asset]! * scored[SCORED_WEIGHT]! * classic;
  if (score > columns.classic[asset]!) columns.classic[asset] = score;
}

/** Splits the area at hand between the two LODs its exact need lies between. */
function addToBuckets(
  columns: DemandColumns,
  base: number,
  coarsest: number,
  finest: number,
): void {
  const { logErrors, buckets } = columns;
  const area = sphere[AREA]!;
  const offset = sphere[OFFSET]!;
  let lod = coarsest;
  while (lod > finest && logErrors[base + lod]! + offset > 0) lod--;
  const excess = logErrors[base + lod]! + offset;
  if (lod < coarsest && excess < 0) {
    // Between `lod` (good enough) and `lod + 1` (not): linear in the logarithm of the error.
    const step = logErrors[base + lod + 1]! - logErrors[base + lod]!;
    const coarser = step > 0 ? Math.min(1, -excess / step) : 0;
    buckets[base + lod] = buckets[base + lod]! + area * (1 - coarser);
    buckets[base + lod + 1] = buckets[base + lod + 1]! + area * coarser;
  } else buckets[base + lod] = buckets[base + lod]! + area;
}
