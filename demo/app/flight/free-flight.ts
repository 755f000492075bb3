/** Free flight: W A S D and Q E, drag or pointer lock to look, Shift to hurry, wheel for speed. */
import { MathUtils, type PerspectiveCamera, Vector3 } from 'three';

const RADIANS_PER_PIXEL = 0.0024;
const HURRY = 6;
const MIN_SPEED = 3;
const MAX_SPEED = 400;
/** How quickly the speed follows the keys (per second). */
const RESPONSE = 5;

const AXES: Record<string, [number, number, number]> = {
  KeyW: [0, 0, -1],
  ArrowUp: [0, 0, -1],
  KeyS: [0, 0, 1],
  ArrowDown: [0, 0, 1],
  KeyA: [-1, 0, 0],
  ArrowLeft: [-1, 0, 0],
  KeyD: [1, 0, 0],
  ArrowRight: [1, 0, 0],
  KeyE: [0, 1, 0],
  KeyQ: [0, -1, 0],
};

export class FreeFlight {
  metersPerSecond = 30;
  readonly #keys = new Set<string>();
  readonly #velocity = new Vector3();
  readonly #wanted = new Vector3();
  #yaw = 0;
  #pitch = 0;
  #isDragging = false;

  /** @param onTouched called when a key or a drag asks for control */
  constructor(element: HTMLElement, onTouched: () => void) {
    addEventListener('keydown', (event) => {
      if (!(event.code in AXES) || event.ctrlKey || event.metaKey) return;
      this.#keys.add(event.code);
      event.preventDefault();
      onTouched();
    });
    addEventListener('keyup', ({ code }) => void this.#keys.delete(code));
    addEventListener('keydown', ({ key }) => void (key === 'Shift' && this.#keys.add('Shift')));
    addEventListener('keyup', ({ key }) => void (key === 'Shift' && this.#keys.delete('Shift')));
    addEventListener('blur', () => this.#keys.clear());
    element.addEventListener('pointerdown', (event) => {
      this.#isDragging = true;
      element.setPointerCapture(event.pointerId);
      onTouched();
    });
    element.addEventListener('pointerup', () => {
      this.#isDragging = false;
    });
    element.addEventListener('pointermove', (event) => {
      if (!this.#isDragging) return;
      this.#yaw -= event.movementX * RADIANS_PER_PIXEL;
      this.#pitch = MathUtils.clamp(this.#pitch - event.movementY * RADIANS_PER_PIXEL, -1.5, 1.5);
    });
    element.addEventListener(
      'wheel',
      (event) => {
        const speed = this.metersPerSecond * Math.exp(-event.deltaY * 0.001);
        this.metersPerSecond = MathUtils.clamp(speed, MIN_SPEED, MAX_SPEED);
        event.preventDefault();
      },
      { passive: false },
    );
  }

  /** Takes over from wherever the camera looks. */
  takeOver(camera: PerspectiveCamera): void {
    const ahead = camera.getWorldDirection(new Vector3());
    this.#yaw = Math.atan2(-ahead.x, -ahead.z);
    this.#pitch = Math.asin(MathUtils.clamp(ahead.y, -1, 1));
    this.#velocity.set(0, 0, 0);
  }

  update(camera: PerspectiveCamera, dtSeconds: number): void {
    camera.rotation.set(this.#pitch, this.#yaw, 0, 'YXZ');
    this.#wanted.set(0, 0, 0);
    for (const key of this.#keys) {
      const axis = AXES[key];
      if (axis) this.#wanted.add(new Vector3(...axis));
    }
    const speed = this.metersPerSecond * (this.#keys.has('Shift') ? HURRY : 1);
    if (this.#wanted.lengthSq() > 0) this.#wanted.normalize().multiplyScalar(speed);
    this.#wanted.applyQuaternion(camera.quaternion);
    this.#velocity.lerp(this.#wanted, 1 - Math.exp(-dtSeconds * RESPONSE));
    camera.position.addScaledVector(this.#velocity, dtSeconds);
    camera.position.y = Math.max(camera.position.y, 1.5);
  }
}
