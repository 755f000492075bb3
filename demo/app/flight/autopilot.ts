/**
 * Flies the camera along the world's course, and tells the streaming where it will be: a course that
 * is known ahead is worth more than any extrapolation.
 */
import { Matrix4, type PerspectiveCamera, Quaternion, Vector3 } from 'three';
import type { Streaming } from '../../../src/index.ts';
import { Course } from './course.ts';

/** How far ahead the pose is announced, and how often (seconds). */
const ANNOUNCE_AHEAD_SECONDS = 3;
const ANNOUNCE_EVERY_SECONDS = 1;

/** How quickly the view turns to what is looked at (per second): flights from free to course. */
const TURN_PER_SECOND = 2.2;

export class Autopilot {
  readonly course: Course;
  metersPerSecond: number;
  meters = 0;
  isPaused = false;
  #sinceAnnounced = Number.POSITIVE_INFINITY;
  readonly #position = new Vector3();
  readonly #target = new Vector3();
  readonly #turn = new Quaternion();
  readonly #look = new Matrix4();
  #blend = 1;

  constructor(
    points: ConstructorParameters<typeof Course>[0],
    targets: ConstructorParameters<typeof Course>[1],
    metersPerSecond: number,
  ) {
    this.course = new Course(points, targets);
    this.metersPerSecond = metersPerSecond;
  }

  /** Joins the course at its nearest point; the camera is led there instead of jumping. */
  join(camera: PerspectiveCamera): void {
    this.meters = this.course.nearest(camera.position);
    this.#blend = 0;
  }

  update(camera: PerspectiveCamera, dtSeconds: number, streaming: Streaming): void {
    if (!this.isPaused) this.meters += this.metersPerSecond * dtSeconds;
    this.course.at(this.meters, this.#position, this.#target);
    this.#look.lookAt(this.#position, this.#target, camera.up);
    this.#turn.setFromRotationMatrix(this.#look);
    this.#blend = Math.min(1, this.#blend + dtSeconds / TURN_PER_SECOND);
    const share = this.#blend >= 1 ? 1 : 1 - Math.exp(-dtSeconds * 3);
    camera.position.lerp(this.#position, share);
    camera.quaternion.slerp(this.#turn, share);
    this.#announce(dtSeconds, streaming);
  }

  /** Puts the camera on the course at once. */
  place(camera: PerspectiveCamera): void {
    this.course.at(this.meters, this.#position, this.#target);
    camera.position.copy(this.#position);
    camera.lookAt(this.#target);
    this.#blend = 1;
  }

  #announce(dtSeconds: number, streaming: Streaming): void {
    this.#sinceAnnounced += dtSeconds;
    if (this.isPaused || this.#sinceAnnounced < ANNOUNCE_EVERY_SECONDS) return;
    this.#sinceAnnounced = 0;
    const ahead = this.meters + this.metersPerSecond * ANNOUNCE_AHEAD_SECONDS;
    this.course.at(ahead, this.#position, this.#target);
    const { x, y, z } = this.#target.sub(this.#position).normalize();
    streaming.announce(
      { position: this.#position.toArray(), direction: [x, y, z] },
      ANNOUNCE_AHEAD_SECONDS,
    );
  }
}
