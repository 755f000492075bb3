/** What may narrow the choice of LODs. */
import { MAX_LODS } from '../base/limits.ts';

/** What may narrow the choice for some of what is shown. */
export interface LodLimits {
  /** The finest LOD that is asked for. Finer ones are shown only where nothing else is there. */
  finestLod?: number;
  /** The coarsest LOD that satisfies. Coarser ones are shown until one that does is there. */
  coarsestLod?: number;
  /** Factor on the error that is good enough: 2 changes LODs about half as far away. */
  errorScale?: number;
  /** Beyond this it is neither shown nor asked for (meters, at scale 1). */
  maxDistanceMeters?: number;
}

export const NO_LIMITS: Readonly<Required<LodLimits>> = {
  finestLod: 0,
  coarsestLod: MAX_LODS - 1,
  errorScale: 1,
  maxDistanceMeters: Number.POSITIVE_INFINITY,
};
