/** A walk from where the camera is to a pose: through a door, say. */
import { MathUtils, type PerspectiveCamera, Quaternion, Vector3 } from 'three';
import type { DemoPose } from '../world-file.ts';

const METERS_PER_SECOND = 2.6;

export class Walk {
  readonly #from = new Vector3();
  readonly #to = new Vector3();
  readonly #fromTurn = new Quaternion();
  readonly #toTurn = new Quaternion();
  readonly #seconds: number;
  #passed = 0;

  constructor(camera: PerspectiveCamera, { position, target }: DemoPose) {
    this.#from.copy(camera.position);
    this.#fromTurn.copy(camera.quaternion);
    this.#to.set(...position);
    const there = camera.clone();
    there.position.copy(this.#to);
    there.lookAt(...target);
    this.#toTurn.copy(there.quaternion);
    this.#seconds = Math.max(1, this.#from.distanceTo(this.#to) / METERS_PER_SECOND);
  }

  /** Returns false once it has arrived. */
  update(camera: PerspectiveCamera, dtSeconds: number): boolean {
    this.#passed = Math.min(this.#seconds, this.#passed + dtSeconds);
    const share = this.#passed / this.#seconds;
    camera.position.lerpVectors(this.#from, this.#to, share);
    // Whoever walks through a door looks ahead, and around when inside.
    const turn = MathUtils.smoothstep(share, 0.55, 1);
    camera.quaternion.slerpQuaternions(this.#fromTurn, this.#toTurn, turn);
    return share < 1;
  }
}
