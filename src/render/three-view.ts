/**
 * The three.js side of the streaming, as the game has it: content becomes geometries, materials and
 * textures; slots become instances, one draw call per payload and material; cameras become viewpoints.
 *
 *     plugin -> ViewPort -> PayloadUpload -> Batches -> three.js scene
 *     cameras -> Viewpoints -> plugin
 *
 * Works with `WebGLRenderer`, where geometry lies in shared buffers, and with `WebGPURenderer`,
 * where every payload has its own. No shader is patched.
 */
import { Group, type Object3D, type PerspectiveCamera, type Raycaster } from 'three';
import { assert, assertNumber } from '../base/assert.ts';
import { Attachments, type AttachOptions } from './attachments.ts';
import { followContext } from './context-loss.ts';
import { DeviceMemory } from './device-memory.ts';
import type { StreamingHost } from './host.ts';
import type { BatchOptions, InstanceBatch } from './instance-batch.ts';
import type { PayloadResourceOptions } from './payload-resources.ts';
import { type RaycastHit, raycastSlots } from './raycast.ts';
import { detectTextureSupport } from './texture-support.ts';
import {
  THREE_VIEW_DEFAULTS,
  type ThreeView,
  type ThreeViewOptions,
} from './three-view-options.ts';
import { ViewPort } from './view-port.ts';
import { Viewpoints } from './viewpoints.ts';

/**
 * Shows what `streaming` makes resident.
 *
 * @example
 * const view = createThreeView(streaming, { renderer, scene, camera });
 */
export function createThreeView(streaming: StreamingHost, options: ThreeViewOptions): ThreeView {
  return new SceneView(streaming, options);
}

class SceneView implements ThreeView {
  readonly root: Group;
  /** Beside the interface: tests read the shared buffers back. */
  readonly memory: DeviceMemory;
  readonly #host: StreamingHost;
  readonly #port: ViewPort;
  readonly #attachments: Attachments;
  readonly #viewpoints: Viewpoints;
  /** Whether this view put the root into the scene. */
  readonly #placed: boolean;
  readonly #endFollowing: () => void;
  #detachView: () => void = () => undefined;
  #disposed = false;

  constructor(host: StreamingHost, options: ThreeViewOptions) {
    const { renderer, root, scene, camera } = options;
    assert(typeof renderer?.initTexture === 'function', 'createThreeView needs a renderer');
    this.#host = host;
    this.root = root ?? new Group();
    if (root === undefined) this.root.name = 'farfield';
    const settings = resolveSettings(options);
    this.memory = new DeviceMemory(renderer, host.budgetBytes, options);
    const port = new ViewPort(host, this.root, this.memory, settings);
    this.#port = port;
    this.#attachments = new Attachments(host, port.batches, port.resources, this.root, settings);
    port.onCastShadow = (payload) => this.#attachments.castShadows(payload);
    this.#viewpoints = new Viewpoints(host, renderer, this.root);
    this.#viewpoints.set(camera);
    this.#placed = this.root.parent === null;
    if (this.#placed) scene.add(this.root);
    this.#endFollowing = followContext(renderer, port, host);
    try {
      this.#detachView = host.attachView(port, { beforeUpdate: () => this.#beforeUpdate() });
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  setCamera(camera: PerspectiveCamera | readonly PerspectiveCamera[]): void {
    this.#viewpoints.set(camera);
  }

  attach(eid: number, object: Object3D, options: AttachOptions = {}): () => void {
    this.#attachments.attach(eid, object, options);
    return () => this.#attachments.detach(eid, object);
  }

  detach(eid: number): void {
    this.#attachments.detach(eid);
  }

  raycast(raycaster: Raycaster): RaycastHit[] {
    this.root.updateWorldMatrix(true, false);
    const attached = this.#attachments.values();
    return raycastSlots(this.#host, raycaster, this.#port.batches.values(), attached);
  }

  get drawCount(): number {
    return this.#sum((batch) => (batch.count > 0 ? batch.meshes.length : 0));
  }

  get instanceCount(): number {
    return this.#sum((batch) => batch.count);
  }

  get triangleCount(): number {
    return this.#sum((batch) => batch.count * batch.resources.triangleCount);
  }

  get payloadCount(): number {
    return this.#port.resources.size;
  }

  get geometryBytes(): number {
    return this.#sum((batch) => batch.resources.geometryBytes);
  }

  get textureBytes(): number {
    return this.#sum((batch) => batch.resources.textureBytes);
  }

  get instanceBytes(): number {
    return this.#sum((batch) => batch.matrices.byteLength);
  }

  get geometryMode(): 'shared' | 'separate' {
    return this.memory.pool ? 'shared' : 'separate';
  }

  get geometryReason(): string {
    return this.memory.reason;
  }

  get gpuBytes(): number {
    return this.memory.gpuBytes;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#endFollowing();
    this.#attachments.dispose();
    this.#detachView();
    this.#port.dispose();
    this.#viewpoints.dispose();
    if (this.#placed) this.root.removeFromParent();
  }

  #beforeUpdate(): void {
    this.#attachments.follow();
    this.#viewpoints.write();
  }

  #sum(figure: (batch: InstanceBatch) => number): number {
    let sum = 0;
    for (const batch of this.#port.batches.values()) sum += figure(batch);
    return sum;
  }
}

/** Options with their defaults, checked. */
function resolveSettings(
  options: ThreeViewOptions,
): PayloadResourceOptions & BatchOptions & { textureSupport: number } {
  const { renderer, onMaterial = null } = options;
  const { castShadow, receiveShadow, anisotropy } = { ...THREE_VIEW_DEFAULTS, ...options };
  assertNumber('anisotropy', anisotropy, 1, 16);
  const textureSupport = options.textureSupport ?? detectTextureSupport(renderer);
  return { renderer, onMaterial, castShadow, receiveShadow, anisotropy, textureSupport };
}
