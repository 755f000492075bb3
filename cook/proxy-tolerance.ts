/**
 * How coarse a proxy may be, by how far away it is when it is first seen.
 *
 *     toleratedMeters = pixels · distance / pixelsPerTangent
 *
 * the formula by which LODs are selected (`src/spatial/screen-error.ts`), solved for the error.
 */
import { pixelsPerTangent } from '../src/spatial/screen-error.ts';

/** The default of `errorPixels`, on the picture that most people look at. */
const PIXELS = 2;
const HEIGHT_PIXELS = 1080;
const FOV_RADIANS: number = Math.PI / 3;

/** Meters that look like two pixels from `distanceMeters` away (60 degrees over 1,080 rows). */
export function toleratedError(distanceMeters: number): number {
  return (PIXELS * distanceMeters) / pixelsPerTangent(HEIGHT_PIXELS, FOV_RADIANS);
}
