/** A closed Catmull-Rom course that can be asked by distance, with constant speed in between. */
import { CatmullRomCurve3, Vector3 } from 'three';
import type { Triple } from '../world-file.ts';

const vectors = (points: readonly Triple[]): Vector3[] => points.map((p) => new Vector3(...p));

export class Course {
  readonly lengthMeters: number;
  readonly #path: CatmullRomCurve3;
  readonly #targets: CatmullRomCurve3 | null;

  /** @param targets what is looked at from each point; none = straight ahead */
  constructor(points: readonly Triple[], targets: readonly Triple[] = []) {
    this.#path = new CatmullRomCurve3(vectors(points), true, 'centripetal');
    this.#path.arcLengthDivisions = points.length * 24;
    this.#targets =
      targets.length === points.length
        ? new CatmullRomCurve3(vectors(targets), true, 'centripetal')
        : null;
    this.lengthMeters = this.#path.getLength();
  }

  /** Writes where the course is after `meters`, and a point to look at from there. */
  at(meters: number, position: Vector3, target: Vector3): void {
    const u = (((meters / this.lengthMeters) % 1) + 1) % 1;
    const t = this.#path.getUtoTmapping(u, null as never);
    this.#path.getPoint(t, position);
    if (this.#targets) this.#targets.getPoint(t, target);
    else this.#path.getTangent(t, target).multiplyScalar(100).add(position);
  }

  /** Meters along the course to its point nearest to `position`. */
  nearest(position: Vector3): number {
    const probe = new Vector3();
    let best = 0;
    let bestDistance = Number.POSITIVE_INFINITY;
    const steps = 400;
    for (let i = 0; i < steps; i++) {
      this.#path.getPointAt(i / steps, probe);
      const distance = probe.distanceToSquared(position);
      if (distance >= bestDistance) continue;
      bestDistance = distance;
      best = (i / steps) * this.lengthMeters;
    }
    return best;
  }
}
