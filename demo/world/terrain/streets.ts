/** The street plan of a village: a main street, two lanes across it, and the square between. */
import type { Vector3, Village } from '../types.ts';

/** Radius of the paved square, meters. */
export const SQUARE_RADIUS = 17;

/** A point in the village's own axes: `along` the main street, `across` it. */
export function villagePoint(village: Village, along: number, across: number): Vector3 {
  const cos = Math.cos(village.heading);
  const sin = Math.sin(village.heading);
  const [cx, cy, cz] = village.center;
  return [cx + along * cos - across * sin, cy, cz + along * sin + across * cos];
}

/** Middle lines of the streets. */
export function streetsOf(village: Village): Vector3[][] {
  const length = village.radius * 0.78;
  const lane = village.radius * 0.5;
  const p = (along: number, across: number): Vector3 => villagePoint(village, along, across);
  const bend = village.radius * 0.06;
  return [
    [p(-length, bend), p(-length * 0.4, 0), p(length * 0.4, 0), p(length, -bend)],
    [p(0, -lane), p(0, lane)],
    [p(length * 0.55, -lane * 0.8), p(length * 0.5, 0), p(length * 0.55, lane * 0.9)],
    [p(-length * 0.55, lane * 0.8), p(-length * 0.5, 0), p(-length * 0.55, -lane * 0.9)],
  ];
}

/** The two ends of the main street, where the roads to other places begin. */
export function streetEnds(village: Village): Vector3[] {
  const main = streetsOf(village)[0]!;
  return [main[0]!, main[main.length - 1]!];
}
