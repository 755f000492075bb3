/**
 * The three.js side of the streaming: content becomes geometries, materials and textures; slots
 * become instances, one draw call per payload and material; cameras become viewpoints.
 *
 * Works with `WebGLRenderer`, where geometry lies in shared buffers, and with `WebGPURenderer`,
 * where every payload has its own. No shader is patched.
 */
import { Group, type Object3D, type PerspectiveCamera, type Raycaster } from 'three';
import { assert, assertNumber } from '../base/assert.ts';
import type { MeshContent } from '../io/content.ts';
import type { UploadLimits } from '../memory/upload-allowance.ts';
import type { ShowChanges, SlotTransforms, View } from '../memory/view.ts';
import { Attachments, type AttachOptions } from './attachments.ts';
import { Batches } from './batches.ts';
import { DeviceMemory } from './device-memory.ts';
import type { StreamingHost } from './host.ts';
import type { BatchOptions, InstanceBatch } from './instance-batch.ts';
import type { PayloadResourceOptions, PayloadResources } from './payload-resources.ts';
import { PayloadUpload } from './payload-upload.ts';
import { type RaycastHit, raycastSlots } from './raycast.ts';
import { detectTextureSupport } from './texture-support.ts';
import {
  THREE_VIEW_DEFAULTS,
  type ThreeView,
  type ThreeViewOptions,
} from './three-view-options.ts';
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

class SceneView implements ThreeView, View<MeshContent> {
  readonly root: Group;
  readonly textureSupport: number;
  readonly uploadsInPieces = true;
  /** Beside the interface: tests read the shared buffers back. */
  readonly memory: DeviceMemory;
  readonly #host: StreamingHost;
  readonly #settings: PayloadResourceOptions & BatchOptions;
  readonly #resources = new Map<number, PayloadResources>();
  /** Payloads that are partly uploaded. */
  readonly #uploads = new Map<number, PayloadUpload>();
  readonly #batches: Batches;
  readonly #attachments: Attachments;
  readonly #viewpoints: Viewpoints;
  /** Whether this view put the root into the scene. */
  readonly #placed: boolean;
  #detachView: () => void = () => undefined;
  #disposed = false;

  constructor(host: StreamingHost, options: ThreeViewOptions) {
    const { renderer, onMaterial, root, scene, camera } = options;
    assert(typeof renderer?.initTexture === 'function', 'createThreeView needs a renderer');
    const { castShadow, receiveShadow, anisotropy } = { ...THREE_VIEW_DEFAULTS, ...options };
    assertNumber('anisotropy', anisotropy, 1, 16);
    this.#host = host;
    this.textureSupport = options.textureSupport ?? detectTextureSupport(renderer);
    this.memory = new DeviceMemory(renderer, host.budgetBytes, options, {
      batches: () => this.#batches,
      uploads: this.#uploads,
    });
    this.#settings = {
      renderer,
      pool: this.memory.pool,
      maySpill: (bytes) => this.memory.maySpill(bytes),
      castShadow,
      receiveShadow,
      anisotropy,
      onMaterial: onMaterial ?? null,
    };
    this.root = root ?? new Group();
    if (root === undefined) this.root.name = 'farfield';
    this.#batches = new Batches(this.root, this.#settings);
    this.#attachments = new Attachments(
      host,
      this.#batches,
      this.#resources,
      this.root,
      this.#settings,
    );
    this.#viewpoints = new Viewpoints(host, renderer, this.root);
    this.#viewpoints.set(camera);
    this.#placed = this.root.parent === null;
    if (this.#placed) scene.add(this.root);
    renderer.domElement?.addEventListener('webglcontextlost', this.#onContextLost);
    renderer.domElement?.addEventListener('webglcontextrestored', this.#onContextRestored);
    try {
      this.#detachView = host.attachView(this, { beforeUpdate: () => this.#beforeUpdate() });
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  beginUploads(): void {
    const { memory } = this;
    if (memory.hasRunOut()) {
      const bytes = memory.gpuBytes;
      this.#host.onDeviceMemory?.({ kind: 'outOfMemory', bytes, isContentLost: true });
    }
    memory.pool?.beginFrame();
  }

  upload(payload: number, content: MeshContent, label: string, limits?: UploadLimits): boolean {
    assert(!this.#resources.has(payload), `payload ${payload} (${label}) is already uploaded`);
    const upload =
      this.#uploads.get(payload) ?? new PayloadUpload(payload, content, label, this.#settings);
    this.#uploads.delete(payload);
    if (!upload.step(limits)) {
      this.#uploads.set(payload, upload);
      return false;
    }
    const made = upload.resources;
    this.#resources.set(payload, made);
    this.#batches.add(made);
    this.memory.add(made);
    return true;
  }

  cancelUpload(payload: number): void {
    this.#uploads.get(payload)?.dispose();
    this.#uploads.delete(payload);
  }

  setCastShadow(payload: number, casts: boolean): void {
    const made = this.#resources.get(payload);
    assert(made, `payload ${payload} is not uploaded and cannot cast shadows`);
    if (made.castsShadow === casts) return;
    made.castsShadow = casts;
    this.#batches.castShadows(payload);
    this.#attachments.castShadows(payload);
  }

  release(payload: number): void {
    const made = this.#resources.get(payload);
    assert(made, `payload ${payload} is not uploaded and cannot be released`);
    this.#batches.remove(payload);
    this.#resources.delete(payload);
    this.memory.remove(made);
    made.dispose();
  }

  show(changes: ShowChanges, transforms: SlotTransforms): void {
    this.#batches.show(changes, transforms);
  }

  move(slots: Uint32Array, payloads: Int32Array, count: number, transforms: SlotTransforms): void {
    this.#batches.move(slots, payloads, count, transforms);
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
    return raycastSlots(this.#host, raycaster, this.#batches.values(), attached);
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
    return this.#resources.size;
  }

  get geometryBytes(): number {
    return this.#sum((batch) => batch.resources.geometryBytes);
  }

  get textureBytes(): number {
    return this.#sum((batch) => batch.resources.textureBytes);
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

  get overheadBytes(): number {
    return this.memory.overheadBytes;
  }

  get sharedBytes(): number {
    return this.memory.sharedBytes;
  }

  get geometryCapacityBytes(): number | undefined {
    return this.memory.geometryCapacityBytes;
  }

  get instanceBytes(): number {
    return this.#sum((batch) => batch.matrices.byteLength);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const { domElement } = this.#settings.renderer;
    domElement?.removeEventListener('webglcontextlost', this.#onContextLost);
    domElement?.removeEventListener('webglcontextrestored', this.#onContextRestored);
    this.#attachments.dispose();
    this.#detachView();
    for (const [payload, made] of this.#resources) {
      this.#batches.drop(payload);
      made.dispose();
    }
    this.#resources.clear();
    for (const payload of [...this.#uploads.keys()]) this.cancelUpload(payload);
    this.memory.dispose();
    this.#viewpoints.dispose();
    if (this.#placed) this.root.removeFromParent();
  }

  /**
   * Lets go of everything the lost context held, and tells the host, which streams it again. For a
   * host that does not, a restored context has it again when it is next drawn: geometry as it was,
   * textures blank, because their pixels were not kept.
   */
  readonly #onContextLost = (): void => {
    const bytes = this.memory.gpuBytes;
    for (const batch of this.#batches.values()) {
      batch.unload();
      batch.resources.unload();
    }
    for (const upload of this.#uploads.values()) upload.restart();
    this.#host.onDeviceMemory?.({ kind: 'lost', bytes });
  };

  readonly #onContextRestored = (): void => {
    const bytes = this.memory.gpuBytes;
    const isThere = this.memory.restore();
    this.#host.onDeviceMemory?.({ kind: 'restored', bytes: this.memory.gpuBytes });
    if (!isThere) this.#host.onDeviceMemory?.({ kind: 'outOfMemory', bytes });
  };

  #beforeUpdate(): void {
    this.#attachments.follow();
    this.#viewpoints.write();
  }

  #sum(figure: (batch: InstanceBatch) => number): number {
    let sum = 0;
    for (const batch of this.#batches.values()) sum += figure(batch);
    return sum;
  }
}
