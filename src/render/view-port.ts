/**
 * The showing port as three.js has it, called by the plugin alone: content becomes resources, each with
 * its batch; slots become instances; and the figures of what all that takes.
 */
import type { Group } from 'three';
import { assert } from '../base/assert.ts';
import type { MeshContent } from '../io/content.ts';
import type { UploadLimits } from '../memory/upload-allowance.ts';
import type { GeometryFacts, ShowChanges, SlotTransforms, View } from '../memory/view.ts';
import { Batches } from './batches.ts';
import type { DeviceMemory } from './device-memory.ts';
import type { StreamingHost } from './host.ts';
import type { BatchOptions } from './instance-batch.ts';
import type { PayloadResourceOptions, PayloadResources } from './payload-resources.ts';
import { PayloadUpload } from './payload-upload.ts';

export class ViewPort implements View<MeshContent> {
  readonly textureSupport: number;
  readonly uploadsInPieces = true;
  readonly memory: DeviceMemory;
  readonly batches: Batches;
  /** Told of a payload that casts shadows from now on, or none any more; batches have followed. */
  onCastShadow: (payload: number) => void = () => undefined;
  readonly #resources = new Map<number, PayloadResources>();
  /** Payloads that are partly uploaded. */
  readonly #uploads = new Map<number, PayloadUpload>();
  readonly #host: StreamingHost;
  readonly #settings: PayloadResourceOptions & BatchOptions;

  constructor(
    host: StreamingHost,
    root: Group,
    memory: DeviceMemory,
    settings: PayloadResourceOptions & BatchOptions & { textureSupport: number },
  ) {
    this.#host = host;
    this.memory = memory;
    this.textureSupport = settings.textureSupport;
    this.#settings = { ...settings, memory };
    this.batches = new Batches(root, settings);
    memory.watch(this.batches, this.#uploads);
  }

  /** Of all payloads that are uploaded, by payload. */
  get resources(): ReadonlyMap<number, PayloadResources> {
    return this.#resources;
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

  get geometryLackBytes(): number {
    return this.memory.geometryLackBytes;
  }

  get gpuBytes(): number {
    return this.memory.gpuBytes;
  }

  fitGeometry(facts: GeometryFacts): void {
    this.memory.fitGeometry(facts);
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
    this.batches.add(made);
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
    this.batches.castShadows(payload);
    this.onCastShadow(payload);
  }

  release(payload: number): void {
    const made = this.#resources.get(payload);
    assert(made, `payload ${payload} is not uploaded and cannot be released`);
    this.batches.remove(payload);
    this.#resources.delete(payload);
    this.memory.remove(made);
    made.dispose();
  }

  show(changes: ShowChanges, transforms: SlotTransforms): void {
    this.batches.show(changes, transforms);
  }

  move(slots: Uint32Array, payloads: Int32Array, count: number, transforms: SlotTransforms): void {
    this.batches.move(slots, payloads, count, transforms);
  }

  /** Lets go of everything that a lost context held; places and matrices stay. */
  unload(): void {
    for (const batch of this.batches.values()) {
      batch.unload();
      batch.resources.unload();
    }
    for (const upload of this.#uploads.values()) upload.restart();
  }

  /** Frees everything, whatever is shown. */
  dispose(): void {
    for (const [payload, made] of this.#resources) {
      this.batches.drop(payload);
      made.dispose();
    }
    this.#resources.clear();
    for (const payload of [...this.#uploads.keys()]) this.cancelUpload(payload);
    this.memory.dispose();
  }
}
