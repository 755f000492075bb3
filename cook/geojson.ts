/**
 * GeoJSON points as placements: `properties` carry the asset and the other fields. Degrees become
 * meters east and south of the points' own mean.
 *
 * Based on: Snyder. Map projections: a working manual. 1987 (equidistant cylindrical).
 */
import { CookError } from './errors.ts';
import type { NamedRow, Row } from './placements.ts';

/** Mean radius of the earth (meters). */
const EARTH_RADIUS = 6_371_008.8;

interface Feature {
  geometry?: { type?: string; coordinates?: unknown };
  properties?: Row | null;
}

/** Throws `CookError` naming the file and the feature. */
export function projectPoints(file: string, value: unknown): NamedRow[] {
  const features = (value as { features?: unknown } | null)?.features;
  if (!Array.isArray(features))
    throw new CookError(
      `placements ${file} is neither an array of objects nor a GeoJSON FeatureCollection`,
    );
  const points = (features as Feature[]).map((feature, i) => {
    const where = `feature ${i + 1}`;
    const row: Row = { ...feature.properties };
    const isPlaced = row['x'] !== undefined && row['z'] !== undefined;
    const lonLat = isPlaced ? null : coordinatesOf(`placements ${file} ${where}`, feature);
    return { where, row, lonLat };
  });
  const geographic = points.flatMap(({ lonLat }) => (lonLat ? [lonLat] : []));
  const mean = (axis: 0 | 1): number =>
    geographic.reduce((sum, lonLat) => sum + lonLat[axis], 0) / Math.max(1, geographic.length);
  const [lon0, lat0] = [mean(0), mean(1)];
  const perDegree = (EARTH_RADIUS * Math.PI) / 180;
  return points.map(({ where, row, lonLat }) => {
    if (!lonLat) return { where, row };
    const x = (lonLat[0] - lon0) * perDegree * Math.cos((lat0 * Math.PI) / 180);
    const z = -(lonLat[1] - lat0) * perDegree;
    return { where, row: { ...row, x, z } };
  });
}

function coordinatesOf(at: string, { geometry }: Feature): [number, number] {
  const coordinates = geometry?.coordinates;
  if (geometry?.type !== 'Point' || !Array.isArray(coordinates))
    throw new CookError(
      `${at} is a ${geometry?.type ?? 'feature without geometry'}, expected a Point`,
    );
  const [lon, lat] = coordinates as unknown[];
  if (typeof lon === 'number' && typeof lat === 'number' && Number.isFinite(lon + lat))
    return [lon, lat];
  throw new CookError(`${at}: coordinates are not two numbers (longitude, latitude)`);
}
