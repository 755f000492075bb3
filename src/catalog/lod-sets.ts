/**
 * Thresholds and shown LODs of all assets under one set of limits. Set 0 is what holds in general;
 * each level with limits of its own has another.
 */
import { grown } from '../base/grown.ts';
import { MAX_LODS } from '../base/limits.ts';
import { bestShown } from '../memory/worth.ts';
import type { LodLimits } from './lod-limits.ts';

/** Distance thresholds per asset: one per LOD step, and one beyond which nothing is shown. */
export const THRESHOLD_STRIDE: number = MAX_LODS + 1;

/** Errors below this count as this (meters): their logarithm is taken. */
export const MIN_ERROR = 1e-6;

export interface LodSet {
  /** Distances (meters at scale 1) from which LOD i is good enough; [lodCount] hides. */
  thresholds: Float64Array;
  /** LOD shown where LOD i is the target, -1 for nothing. */
  shownLods: Int8Array;
  /** Per asset: the finest and the coarsest LOD that may be a target. */
  finestLods: Uint8Array;
  coarsestLods: Uint8Array;
  /** Limits beside those of the assets. */
  errorScale: number;
  maxDistanceMeters: number;
}

/** Makes room for `capacity` assets. */
export function growLodSet(set: LodSet, capacity: number): void {
  set.thresholds = grown(set.thresholds, capacity * THRESHOLD_STRIDE);
  set.shownLods = grown(set.shownLods, capacity * THRESHOLD_STRIDE);
  set.finestLods = grown(set.finestLods, capacity);
  set.coarsestLods = grown(set.coarsestLods, capacity);
}

export function createLodSet(capacity: number): LodSet {
  return {
    thresholds: new Float64Array(capacity * THRESHOLD_STRIDE),
    shownLods: new Int8Array(capacity * THRESHOLD_STRIDE).fill(-1),
    finestLods: new Uint8Array(capacity),
    coarsestLods: new Uint8Array(capacity),
    errorScale: 1,
    maxDistanceMeters: Number.POSITIVE_INFINITY,
  };
}

/** Narrows the limits of the assets from `first` on. Where they contradict, the coarsest decides. */
export function limitLodSet(
  set: LodSet,
  general: LodSet,
  limits: Required<LodLimits>,
  first: number,
  end: number,
): void {
  set.errorScale = limits.errorScale;
  set.maxDistanceMeters = limits.maxDistanceMeters;
  for (let row = first; row < end; row++) {
    const coarsest = Math.min(general.coarsestLods[row]!, limits.coarsestLod);
    set.coarsestLods[row] = coarsest;
    set.finestLods[row] = Math.min(coarsest, Math.max(general.finestLods[row]!, limits.finestLod));
  }
}

/**
 * The LOD to show where `target` is wanted and `finest` is the finest allowed: the best of those
 * allowed or coarser; only where there is none, a finer one.
 */
export function bestAllowed(
  target: number,
  mask: number,
  lodCount: number,
  finest: number,
): number {
  const lod = bestShown(target, mask & (-1 << finest), lodCount);
  return lod >= 0 || finest === 0 ? lod : bestShown(target, mask, lodCount);
}
