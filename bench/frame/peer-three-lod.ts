/**
 * `THREE.LOD`, unmodified: one object a placement, five levels and an empty one beyond the draw
 * distance, updated and culled as `WebGLRenderer` does it, which visits every object of the scene.
 * Matrices never change and are not updated. The scene reaches just as far as the flight can see.
 */
import {
  BufferGeometry,
  Frustum,
  LOD,
  Matrix4,
  Mesh,
  MeshBasicMaterial,
  Object3D,
  PerspectiveCamera,
  REVISION,
  Scene,
  Sphere,
  Vector3,
} from 'three';
import { createRandom, type Random } from '../../src/base/random.ts';
import { DRAW_DISTANCE_METERS } from './farfield.ts';
import { createPose, type Flight, LENS, writePose } from './flight.ts';
import type { FrameCount, TunableSubject } from './subject.ts';

/** As far into a flight as the scene must reach (frames). */
const REACH_FRAMES = 360;
/** Errors of the levels as shares of the radius, and what is tolerated (pixels), as on our side. */
const ERRORS = [0.006, 0.012, 0.025, 0.05, 0.1];
const ERROR_PIXELS = 2;
const HYSTERESIS = 0.1;
/** Objects of the first try, to count how many of them are used. */
const FIRST_OBJECTS = 4000;

export class PeerThreeLod implements TunableSubject {
  readonly name = 'THREE.LOD';
  readonly version: string = REVISION;
  readonly #camera = new PerspectiveCamera(
    LENS.fovDegrees,
    LENS.widthPixels / LENS.heightPixels,
    LENS.nearMeters,
    LENS.farMeters,
  );
  readonly #frustum = new Frustum();
  readonly #matrix = new Matrix4();
  readonly #pose = createPose();
  readonly #material = new MeshBasicMaterial();
  readonly #geometry = new BufferGeometry();
  #scene = new Scene();
  #flight: Flight = { camera: 'still', speedMetersPerSecond: 0 };
  #used = 0;
  #visited = 0;

  constructor() {
    this.#geometry.boundingSphere = new Sphere(new Vector3(), 1);
  }

  refuses(flight: Flight): string | null {
    return flight.camera === 'teleport'
      ? 'a scene as wide as the jumps is too large to compare: every object of it is visited'
      : null;
  }

  async reset(flight: Flight): Promise<void> {
    this.#flight = flight;
    this.step(0);
  }

  async matchUsed(target: number, flight: Flight): Promise<number> {
    this.#flight = flight;
    this.#fill(FIRST_OBJECTS);
    this.step(0);
    this.#fill(Math.round((FIRST_OBJECTS * target) / Math.max(1, this.#used)));
    this.step(0);
    return this.#used;
  }

  step(frame: number): void {
    writePose(this.#flight, frame, this.#pose);
    const { x, y, z, forwardX, forwardY, forwardZ } = this.#pose;
    this.#camera.position.set(x, y, z);
    this.#camera.lookAt(x + forwardX, y + forwardY, z + forwardZ);
    this.#camera.updateMatrixWorld(true);
    this.#frustum.setFromProjectionMatrix(
      this.#matrix.multiplyMatrices(this.#camera.projectionMatrix, this.#camera.matrixWorldInverse),
    );
    this.#used = 0;
    this.#visited = 0;
    this.#project(this.#scene);
  }

  count(): FrameCount {
    return { used: this.#used, visited: this.#visited };
  }

  dispose(): void {
    this.#scene = new Scene();
  }

  /** As `WebGLRenderer` walks a scene. */
  #project(object: Object3D): void {
    if (!object.visible) return;
    this.#visited++;
    if (object instanceof LOD) object.update(this.#camera);
    else if (object instanceof Mesh && this.#frustum.intersectsObject(object)) this.#used++;
    const { children } = object;
    for (let i = 0; i < children.length; i++) this.#project(children[i]!);
  }

  /** A new scene of `count` objects, evenly over the circle that the flight can see. */
  #fill(count: number): void {
    const random = createRandom(1);
    this.#scene = new Scene();
    writePose(this.#flight, REACH_FRAMES / 2, this.#pose);
    const { x, z } = this.#pose;
    writePose(this.#flight, 0, this.#pose);
    const reach = DRAW_DISTANCE_METERS + Math.hypot(this.#pose.x - x, this.#pose.z - z);
    for (let i = 0; i < count; i++) {
      const distance = reach * Math.sqrt(random());
      const angle = random() * 2 * Math.PI;
      this.#scene.add(
        this.#createObject(x + distance * Math.cos(angle), z + distance * Math.sin(angle), random),
      );
    }
    this.#scene.updateMatrixWorld(true);
    this.#scene.matrixWorldAutoUpdate = false;
  }

  #createObject(x: number, z: number, random: Random): LOD {
    const object = new LOD();
    const radius = (1 + random() * 6) * (0.7 + random());
    const k = LENS.heightPixels / (2 * Math.tan((LENS.fovDegrees * Math.PI) / 360)) / ERROR_PIXELS;
    ERRORS.forEach((error, level) => {
      const mesh = new Mesh(this.#geometry, this.#material);
      mesh.scale.setScalar(radius);
      object.addLevel(mesh, level === 0 ? 0 : (error * k + 1) * radius, HYSTERESIS);
    });
    object.addLevel(new Object3D(), DRAW_DISTANCE_METERS);
    object.position.set(x, random() * 4, z);
    return object;
  }
}
