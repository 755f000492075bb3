/** What an object of some radius is at some distance: needed level, missing part, area, angle. */
import {
  COARSEST_ERROR_PER_RADIUS,
  LOD_COUNT,
  NOTHING_LEVELS,
  PX_PER_RADIAN,
  SCREEN_AREA_PX,
  TARGET_ERROR_PX,
} from './constants.ts';

/** An angle between -π and π. */
export function wrapAngle(radians: number): number {
  const turned = radians % (2 * Math.PI);
  if (turned > Math.PI) return turned - 2 * Math.PI;
  return turned < -Math.PI ? turned + 2 * Math.PI : turned;
}

/** The level (a real number, below 0 where the coarsest is more than enough) that meets the target. */
export function idealLevel(radiusMeters: number, distanceMeters: number): number {
  return Math.log2(
    (COARSEST_ERROR_PER_RADIUS * radiusMeters * PX_PER_RADIAN) / (distanceMeters * TARGET_ERROR_PX),
  );
}

/** The level to show where `ideal` is needed. */
export function targetLevel(ideal: number): number {
  if (ideal <= 0) return 0;
  return ideal >= LOD_COUNT - 1 ? LOD_COUNT - 1 : Math.ceil(ideal - 1e-9);
}

/** Levels that are missing, by levels from "nothing" to what is needed: 0 is right, 1 is nothing. */
export function missingShare(best: number, ideal: number): number {
  if (best < 0) return 1;
  const needed = ideal < LOD_COUNT - 1 ? ideal : LOD_COUNT - 1;
  const missing = needed - best;
  return missing > 0 ? missing / (NOTHING_LEVELS + needed) : 0;
}

/** Share of the screen that the object covers, at most a fifth. */
export function screenShare(radiusMeters: number, distanceMeters: number): number {
  const px = (radiusMeters * PX_PER_RADIAN) / distanceMeters;
  return Math.min(0.2, (Math.PI * px * px) / SCREEN_AREA_PX);
}
