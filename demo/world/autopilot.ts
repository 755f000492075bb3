/**
 * The scenic flight: in from the sea over the harbor, up the valley, low over the woods, across
 * the ridge, down to the coast and back. A closed spline that never enters the ground.
 */

import type { HeightField } from './terrain/height-field.ts';
import { heightAt } from './terrain/height-field.ts';
import type { Autopilot, CameraPose, Vector3, Village } from './types.ts';

/** Distance between control points, and how far ahead the camera looks, meters. */
const STEP = 70;
const LOOK_AHEAD = 130;

/** A stop on the way and how high above the ground it is passed, meters. */
interface Stop {
  x: number;
  z: number;
  clearance: number;
}

export function planFlight(
  field: HeightField,
  villages: readonly Village[],
  places: { lighthouse: Vector3; summit: Vector3 },
): Autopilot {
  const route = resampleClosed(stopsOf(villages, places));
  const points: Vector3[] = route.map((stop) => [
    stop.x,
    highestAround(field, stop) + stop.clearance,
    stop.z,
  ]);
  smoothHeights(points, field, route);
  const ahead = Math.max(1, Math.round(LOOK_AHEAD / STEP));
  const targets = points.map((point, i): Vector3 => {
    const next = points[(i + ahead) % points.length]!;
    // Look a little down, so that the land fills the picture.
    return [next[0], Math.min(next[1], point[1] + 20) - 16, next[2]];
  });
  let lengthMeters = 0;
  for (let i = 0; i < points.length; i++) {
    const a = points[i]!;
    const b = points[(i + 1) % points.length]!;
    lengthMeters += Math.hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2]);
  }
  return { points, targets, lengthMeters };
}

export function spawnOf(autopilot: Autopilot): CameraPose {
  return { position: [...autopilot.points[0]!], target: [...autopilot.targets[0]!] };
}

function stopsOf(
  villages: readonly Village[],
  places: { lighthouse: Vector3; summit: Vector3 },
): Stop[] {
  const at = (name: string): Village | undefined => villages.find((v) => v.name === name);
  const stops: Stop[] = [];
  const harbor = at('harbor');
  if (harbor !== undefined) {
    const [x, , z] = harbor.center;
    const out = Math.hypot(x, z) || 1;
    stops.push({ x: x + (x / out) * 330, z: z + (z / out) * 330, clearance: 26 });
    stops.push({ x, z, clearance: 32 });
  }
  for (const name of ['valley', 'hilltop']) {
    const village = at(name);
    if (village !== undefined)
      stops.push({ x: village.center[0], z: village.center[2], clearance: 32 });
  }
  stops.push({ x: places.summit[0], z: places.summit[2] + 60, clearance: 40 });
  const mountain = at('mountain');
  if (mountain !== undefined)
    stops.push({ x: mountain.center[0], z: mountain.center[2], clearance: 32 });
  const [lx, , lz] = places.lighthouse;
  stops.push({ x: lx * 0.93, z: lz * 0.5, clearance: 26 });
  stops.push({ x: lx + 30, z: lz + 45, clearance: 30 });
  return stops;
}

/** Points `STEP` apart along a closed Catmull-Rom spline through the stops. */
function resampleClosed(stops: readonly Stop[]): Stop[] {
  const fine: Stop[] = [];
  const n = stops.length;
  for (let i = 0; i < n; i++) {
    const [a, b, c, d] = [-1, 0, 1, 2].map((k) => stops[(i + k + n) % n]!) as [
      Stop,
      Stop,
      Stop,
      Stop,
    ];
    for (let k = 0; k < 60; k++) {
      const t = k / 60;
      const curve = (key: keyof Stop): number => spline(a[key], b[key], c[key], d[key], t);
      // The path winds a little, so that the view turns over the woods.
      const wind = Math.sin(t * Math.PI * 2) * Math.sin(t * Math.PI) * 55;
      const length = Math.hypot(c.x - b.x, c.z - b.z) || 1;
      fine.push({
        x: curve('x') - ((c.z - b.z) / length) * wind,
        z: curve('z') + ((c.x - b.x) / length) * wind,
        clearance: Math.max(28, curve('clearance')),
      });
    }
  }
  const out: Stop[] = [];
  let since = STEP;
  for (let i = 0; i < fine.length; i++) {
    const p = fine[i]!;
    const before = fine[(i + fine.length - 1) % fine.length]!;
    since += Math.hypot(p.x - before.x, p.z - before.z);
    if (since < STEP) continue;
    since = 0;
    out.push(p);
  }
  return out;
}

function spline(a: number, b: number, c: number, d: number, t: number): number {
  const t2 = t * t;
  return (
    0.5 *
    (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t2 + (3 * b - a - 3 * c + d) * t2 * t)
  );
}

function highestAround(field: HeightField, stop: Stop): number {
  let high = 0;
  for (let k = 0; k < 8; k++) {
    const angle = (k / 8) * Math.PI * 2;
    const [x, z] = [stop.x + Math.cos(angle) * 38, stop.z + Math.sin(angle) * 38];
    high = Math.max(high, heightAt(field, x, z));
  }
  return Math.max(high, heightAt(field, stop.x, stop.z));
}

/** Evens out the climb, but never far below the clearance. */
function smoothHeights(points: Vector3[], field: HeightField, route: readonly Stop[]): void {
  const n = points.length;
  const floors = route.map((stop) => highestAround(field, stop) + stop.clearance * 0.85);
  for (let pass = 0; pass < 8; pass++) {
    const before = points.map((p) => p[1]);
    for (let i = 0; i < n; i++) {
      const mean = (before[(i + n - 1) % n]! + 2 * before[i]! + before[(i + 1) % n]!) / 4;
      points[i]![1] = Math.max(floors[i]!, mean);
    }
  }
}
