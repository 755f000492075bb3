/**
 * What a quality is in limits of LODs. The cook halves the sides of textures from LOD to LOD, so textures
 * of a share t of the best are those from LOD log2(1 ÷ t) on, to the nearest; a mesh quality m tolerates
 * 1 ÷ m times the error.
 */
import { MAX_LODS } from '../base/limits.ts';
import type { QualityValues } from '../level/quality.ts';
import { type LodLimits, NO_LIMITS } from './lod-limits.ts';

type Limits = Readonly<Required<LodLimits>>;

export function limitsOfQuality(values: QualityValues): Limits {
  return {
    finestLod: Math.min(MAX_LODS - 1, Math.round(Math.log2(1 / values.textureQuality))),
    coarsestLod: MAX_LODS - 1,
    errorScale: 1 / values.meshQuality,
    maxDistanceMeters: values.drawDistanceMeters,
  };
}

/** Both at once: where they contradict, the coarsest LOD decides later. */
export function bothLimits(one: Limits, other: Limits): Limits {
  return {
    finestLod: Math.max(one.finestLod, other.finestLod),
    coarsestLod: Math.min(one.coarsestLod, other.coarsestLod),
    errorScale: one.errorScale * other.errorScale,
    maxDistanceMeters: Math.min(one.maxDistanceMeters, other.maxDistanceMeters),
  };
}

/** What a level's quality adds where that of all holds already: the coarser of the two counts. */
export function beyondLimits(own: Limits, all: Limits | null): Limits {
  const errorScale = Math.max(1, own.errorScale / (all ?? NO_LIMITS).errorScale);
  return { ...own, errorScale };
}

/** The same for the same limits. */
export function limitsKey(limits: Limits): string {
  const { finestLod, coarsestLod, errorScale, maxDistanceMeters } = limits;
  return `${finestLod} ${coarsestLod} ${errorScale} ${maxDistanceMeters}`;
}
