/**
 * Where the camera is going to be, for the map: position extrapolated at constant velocity and turn
 * rate over the horizons that the streaming plans for.
 */
import { Vector3 } from 'three';

const HORIZONS_SECONDS = [0.4, 0.9, 1.6] as const;
const SMOOTHING = 0.2;

export class Forecast {
  readonly #last = new Vector3();
  readonly #velocity = new Vector3();
  #course = 0;
  #turnPerSecond = 0;
  #isFirst = true;

  observe(position: Vector3, dtSeconds: number): void {
    if (!this.#isFirst && dtSeconds > 0) {
      const measured = position.clone().sub(this.#last).divideScalar(dtSeconds);
      this.#velocity.lerp(measured, SMOOTHING);
      const course = Math.atan2(this.#velocity.x, this.#velocity.z);
      const turn =
        course - this.#course - 2 * Math.PI * Math.round((course - this.#course) / (2 * Math.PI));
      this.#turnPerSecond += (turn / dtSeconds - this.#turnPerSecond) * SMOOTHING;
      this.#course = course;
    }
    this.#isFirst = false;
    this.#last.copy(position);
  }

  poses(from: Vector3): Vector3[] {
    const speed = Math.hypot(this.#velocity.x, this.#velocity.z);
    return HORIZONS_SECONDS.map((seconds) => {
      const course = this.#course + (Math.max(-1, Math.min(1, this.#turnPerSecond)) * seconds) / 2;
      const way = speed * seconds;
      return new Vector3(from.x + Math.sin(course) * way, from.y, from.z + Math.cos(course) * way);
    });
  }
}
