/**
 * All slots that show one payload: a dense list, one matrix each, shared by one mesh per primitive.
 * A slot that leaves is replaced by the last one, so the list has no holes and the GPU draws
 * `count` instances. Only stretches that changed are sent to the GPU.
 */
import { DynamicDrawUsage, type Group, InstancedBufferAttribute } from 'three';
import type { SlotTransforms } from '../memory/view.ts';
import { type BatchInstances, BatchMesh } from './batch-mesh.ts';
import { writeInstanceMatrix } from './instance-matrix.ts';
import type { PayloadResources } from './payload-resources.ts';

/** Instances a batch has room for at first: 1 KB, enough for a terrain tile or a landmark. */
const FIRST_CAPACITY = 16;

/** Instances sent to the GPU together, 4 KB: a call costs more than the bytes beside one matrix. */
const STRETCH_BITS = 6;

/** More ranges than this are sent as one: a call each would cost more than the bytes between. */
const MAX_RANGES = 32;

export interface BatchOptions {
  castShadow: boolean;
  receiveShadow: boolean;
}

export class InstanceBatch implements BatchInstances {
  readonly payload: number;
  readonly resources: PayloadResources;
  readonly meshes: readonly BatchMesh[];
  count = 0;
  slots: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  matrices: Float32Array = new Float32Array(FIRST_CAPACITY * 16);
  version = 0;
  /** Whether `flush` is due; kept by the owner of the batches. */
  touched = false;
  /** Bytes that the renderer holds for the matrices: none before they are first drawn. */
  gpuBytes = 0;
  readonly #castsShadow: boolean;
  #attribute: InstancedBufferAttribute;
  #dirty = new Uint8Array(1);

  /** Adds its meshes to `root`. */
  constructor(resources: PayloadResources, root: Group, options: BatchOptions) {
    this.#castsShadow = options.castShadow;
    this.payload = resources.payload;
    this.resources = resources;
    this.#attribute = this.#createAttribute();
    this.meshes = resources.parts.map(({ geometry, material }) => {
      const mesh = new BatchMesh(geometry, material, this);
      mesh.name = resources.label;
      mesh.castShadow = options.castShadow && resources.castsShadow;
      mesh.receiveShadow = options.receiveShadow;
      mesh.instanceMatrix = this.#attribute;
      mesh.visible = false;
      root.add(mesh);
      return mesh;
    });
  }

  /** Appends a slot without a matrix and returns its index; `write` or `set` must follow. */
  append(slot: number): number {
    const index = this.count++;
    if (index === this.slots.length) this.#grow();
    this.slots[index] = slot;
    return index;
  }

  /** Computes the matrix of an instance from the transform of its slot. */
  write(index: number, transforms: SlotTransforms): void {
    writeInstanceMatrix(this.matrices, index * 16, transforms, this.slots[index]!, this.resources);
    this.#dirty[index >> STRETCH_BITS] = 1;
  }

  /** Takes over a matrix made before. */
  set(index: number, matrix: Float32Array): void {
    this.matrices.set(matrix, index * 16);
    this.#dirty[index >> STRETCH_BITS] = 1;
  }

  /** Removes an instance; the last one takes its index. Returns the slot of that one, or -1. */
  remove(index: number): number {
    const last = --this.count;
    if (index === last) return -1;
    const slot = this.slots[last]!;
    this.slots[index] = slot;
    const { matrices } = this;
    for (let to = index * 16, from = last * 16; from < last * 16 + 16; to++, from++) {
      matrices[to] = matrices[from]!;
    }
    this.#dirty[index >> STRETCH_BITS] = 1;
    return slot;
  }

  /** Makes what changed since the last call visible to the renderer. */
  flush(): void {
    this.version++;
    if (this.count > 0) this.#markChanged();
    this.#dirty.fill(0);
    for (const mesh of this.meshes) {
      mesh.count = this.count;
      mesh.visible = this.count > 0;
      // Opaque batches are drawn front to back; the first instance says well enough where it is.
      mesh.boundingSphere!.center.fromArray(this.matrices, 12);
    }
  }

  /** Follows `resources.castsShadow`. */
  castShadows(): void {
    for (const mesh of this.meshes)
      mesh.castShadow = this.#castsShadow && this.resources.castsShadow;
  }

  /** Frees the instances on the GPU; drawn again, they are uploaded again. */
  unload(): void {
    for (const mesh of this.meshes) mesh.dispose();
    this.gpuBytes = 0;
  }

  /** Takes the meshes out of the scene and frees the instances; not the payload's resources. */
  dispose(): void {
    for (const mesh of this.meshes) mesh.removeFromParent();
    this.unload();
  }

  #markChanged(): void {
    const attribute = this.#attribute;
    const stretches = ((this.count - 1) >> STRETCH_BITS) + 1;
    let changed = false;
    for (let first = 0; first < stretches; first++) {
      if (this.#dirty[first] === 0) continue;
      let end = first + 1;
      while (end < stretches && this.#dirty[end] === 1) end++;
      const start = first << STRETCH_BITS;
      const length = Math.min(end << STRETCH_BITS, this.count) - start;
      attribute.addUpdateRange(start * 16, length * 16);
      changed = true;
      first = end;
    }
    if (attribute.updateRanges.length > MAX_RANGES) {
      attribute.clearUpdateRanges();
      attribute.addUpdateRange(0, this.count * 16);
    }
    if (changed) attribute.needsUpdate = true;
  }

  /** Twice the room. The GPU cannot resize a buffer, so the meshes get a new one. */
  #grow(): void {
    const capacity = this.slots.length * 2;
    const slots = new Uint32Array(capacity);
    slots.set(this.slots);
    this.slots = slots;
    const matrices = new Float32Array(capacity * 16);
    matrices.set(this.matrices);
    this.matrices = matrices;
    // Frees the old buffer and the vertex array objects that point at it; the meshes live on.
    this.unload();
    this.#attribute = this.#createAttribute();
    for (const mesh of this.meshes) mesh.instanceMatrix = this.#attribute;
    const dirty = new Uint8Array(((capacity - 1) >> STRETCH_BITS) + 1);
    dirty.set(this.#dirty);
    this.#dirty = dirty;
  }

  #createAttribute(): InstancedBufferAttribute {
    const attribute = new InstancedBufferAttribute(this.matrices, 16);
    attribute.setUsage(DynamicDrawUsage);
    attribute.onUpload(() => {
      this.gpuBytes = attribute.array.byteLength;
    });
    return attribute;
  }
}
