/**
 * Cameras as viewpoints: one entity per camera, its columns written before each update, so that the
 * streaming sees from where the renderer will draw.
 */
import { type Group, Matrix4, type PerspectiveCamera, Quaternion, Vector2, Vector3 } from 'three';
import { assert, describe } from '../base/assert.ts';
import type { StreamingHost } from './host.ts';
import type { ViewRenderer } from './textures.ts';

const matrix = new Matrix4();
const eye = new Vector3();
const orientation = new Quaternion();
const scale = new Vector3();
const size = new Vector2();

export class Viewpoints {
  readonly #host: StreamingHost;
  readonly #renderer: ViewRenderer;
  readonly #root: Group;
  #cameras: readonly PerspectiveCamera[] = [];
  #eids: number[] = [];

  constructor(host: StreamingHost, renderer: ViewRenderer, root: Group) {
    this.#host = host;
    this.#renderer = renderer;
    this.#root = root;
  }

  /** Replaces the cameras; each is a viewpoint from the next `write` on. */
  set(cameras: PerspectiveCamera | readonly PerspectiveCamera[]): void {
    const list = 'length' in cameras ? [...cameras] : [cameras];
    for (const camera of list) {
      assert(
        camera?.isPerspectiveCamera === true,
        `camera must be a PerspectiveCamera, or several, got ${camera?.type ?? describe(camera)}`,
      );
    }
    while (this.#eids.length > list.length) this.#host.removeViewpoint(this.#eids.pop()!);
    while (this.#eids.length < list.length) this.#eids.push(this.#host.createViewpoint());
    this.#cameras = list;
  }

  /**
   * Writes every camera, in the space of the view's root: a game that keeps its camera near zero by
   * moving the root streams as if it had moved the camera.
   */
  write(): void {
    const columns = this.#host.components.Viewpoint;
    const height = this.#renderer.getDrawingBufferSize(size).y;
    this.#root.updateWorldMatrix(true, false);
    for (let i = 0; i < this.#cameras.length; i++) {
      const camera = this.#cameras[i]!;
      const eid = this.#eids[i]!;
      camera.updateWorldMatrix(true, false);
      matrix.copy(this.#root.matrixWorld).invert().multiply(camera.matrixWorld);
      matrix.decompose(eye, orientation, scale);
      eye.toArray(columns.eye, eid * 3);
      orientation.toArray(columns.orientation, eid * 4);
      columns.fovYRadians[eid] = fovYRadians(camera);
      columns.aspect[eid] = camera.aspect;
      columns.heightPixels[eid] = Math.max(1, camera.viewport?.w ?? height);
      columns.weight[eid] = 1;
    }
  }

  dispose(): void {
    for (const eid of this.#eids) this.#host.removeViewpoint(eid);
    this.#eids = [];
    this.#cameras = [];
  }
}

/** Vertical field of view with the camera's zoom applied. */
function fovYRadians(camera: PerspectiveCamera): number {
  return 2 * Math.atan(Math.tan((camera.fov * Math.PI) / 360) / camera.zoom);
}
