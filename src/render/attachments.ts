/**
 * Objects of the game in place of instances: for one entity, the batch leaves its slot out and the
 * object stands there instead, with the slot's transform and the LOD the slot shows.
 */
import { Group, type Object3D } from 'three';
import { assert } from '../base/assert.ts';
import type { SlotTransforms } from '../memory/view.ts';
import type { Batches, TakenSlots } from './batches.ts';
import { BodyMesh } from './body-mesh.ts';
import type { StreamingHost } from './host.ts';
import type { BatchOptions } from './instance-batch.ts';
import { applySlotTransform, type Dequantization, writeInstanceMatrix } from './instance-matrix.ts';
import type { PayloadResources } from './payload-resources.ts';

export interface AttachOptions {
  /**
   * Whether the object gets a child with the meshes of what the slot shows, replaced when the LOD
   * changes (default true). Geometries and materials are shared with the batches: never dispose
   * them. With false only the transform is kept up to date.
   */
  fill?: boolean;
  /** Called when the slot begins to show another payload, -1 for none; also right after attaching. */
  onLod?: (payload: number) => void;
}

export interface Attachment {
  readonly eid: number;
  readonly object: Object3D;
  /** -1 while the entity does not stream (yet). */
  slot: number;
}

interface Binding extends Attachment {
  options: AttachOptions;
  /** Payload the object was last told about. */
  payload: number;
  /** Instance matrix of the slot for that payload; meaningful once `placed`. */
  matrix: Float32Array;
  placed: boolean;
  /** What `fill` added. */
  body: Group | null;
  /** Whether the view gave the object its parent. */
  adopted: boolean;
}

const METERS: Dequantization = { scale: 1, offset: [0, 0, 0] };

export class Attachments implements TakenSlots {
  readonly #host: StreamingHost;
  readonly #batches: Batches;
  readonly #resources: ReadonlyMap<number, PayloadResources>;
  readonly #root: Group;
  readonly #shadows: BatchOptions;
  readonly #byEntity = new Map<number, Binding>();
  readonly #bySlot = new Map<number, Binding>();

  constructor(
    host: StreamingHost,
    batches: Batches,
    resources: ReadonlyMap<number, PayloadResources>,
    root: Group,
    shadows: BatchOptions,
  ) {
    this.#host = host;
    this.#batches = batches;
    this.#resources = resources;
    this.#root = root;
    this.#shadows = shadows;
    batches.taken = this;
  }

  attach(eid: number, object: Object3D, options: AttachOptions): void {
    assert(!this.#byEntity.has(eid), `entity ${eid} already has an object; detach it first`);
    const slot = this.#host.slotOfEntity(eid);
    const other = this.#bySlot.get(slot);
    assert(!other, `slot ${slot} of entity ${eid} already has the object of entity ${other?.eid}`);
    const adopted = object.parent === null;
    if (adopted) this.#root.add(object);
    const binding: Binding = {
      eid,
      object,
      slot: -1,
      options,
      payload: -1,
      matrix: new Float32Array(16),
      placed: false,
      body: null,
      adopted,
    };
    this.#byEntity.set(eid, binding);
    if (slot >= 0) this.#bind(binding, slot);
  }

  /** Puts the instance back. Does nothing for an entity without an object, or with another one. */
  detach(eid: number, object?: Object3D): void {
    const binding = this.#byEntity.get(eid);
    if (!binding || (object && object !== binding.object)) return;
    this.#byEntity.delete(eid);
    if (binding.slot >= 0) this.#unbind(binding);
    if (binding.adopted) binding.object.removeFromParent();
  }

  /** Follows entities whose slot has changed and lets go of those that stopped streaming. */
  follow(): void {
    for (const binding of this.#byEntity.values()) {
      const slot = this.#host.slotOfEntity(binding.eid);
      if (slot === binding.slot) continue;
      if (slot < 0) {
        this.detach(binding.eid);
        continue;
      }
      if (binding.slot >= 0) this.#unbind(binding);
      this.#bind(binding, slot);
    }
  }

  showTaken(slot: number, payload: number, transforms: SlotTransforms): void {
    const binding = this.#bySlot.get(slot)!;
    const changed = payload !== binding.payload;
    if (changed) this.#setPayload(binding, payload);
    this.#place(binding, slot, transforms);
    if (changed) binding.options.onLod?.(payload);
  }

  moveTaken(slot: number, _payload: number, transforms: SlotTransforms): void {
    this.#place(this.#bySlot.get(slot)!, slot, transforms);
  }

  /** What shows the payload follows `castsShadow` of its resources. */
  castShadows(payload: number): void {
    for (const { payload: shown, body } of this.#byEntity.values())
      if (shown === payload && body)
        for (const mesh of body.children)
          mesh.castShadow = this.#shadows.castShadow && this.#resources.get(payload)!.castsShadow;
  }

  values(): IterableIterator<Attachment> {
    return this.#byEntity.values();
  }

  dispose(): void {
    for (const eid of [...this.#byEntity.keys()]) this.detach(eid);
  }

  #bind(binding: Binding, slot: number): void {
    binding.slot = slot;
    binding.placed = this.#batches.take(slot, binding.matrix);
    this.#bySlot.set(slot, binding);
    this.#setPayload(binding, this.#batches.payloadOf(slot));
    if (binding.placed) {
      applySlotTransform(binding.object, binding.matrix, this.#quantization(binding));
    }
    binding.options.onLod?.(binding.payload);
  }

  #unbind(binding: Binding): void {
    this.#bySlot.delete(binding.slot);
    this.#batches.give(binding.slot, binding.matrix);
    binding.slot = -1;
    this.#setPayload(binding, -1);
  }

  #setPayload(binding: Binding, payload: number): void {
    binding.payload = payload;
    binding.body?.removeFromParent();
    binding.body = null;
    const resources = this.#resources.get(payload);
    if (!resources || binding.options.fill === false) return;
    binding.body = createBody(resources, this.#shadows);
    binding.object.add(binding.body);
  }

  #place(binding: Binding, slot: number, transforms: SlotTransforms): void {
    const quantization = this.#quantization(binding);
    writeInstanceMatrix(binding.matrix, 0, transforms, slot, quantization);
    binding.placed = true;
    applySlotTransform(binding.object, binding.matrix, quantization);
  }

  #quantization(binding: Binding): Dequantization {
    return this.#resources.get(binding.payload) ?? METERS;
  }
}

/** The meshes of a payload, scaled from quantized units to meters. */
function createBody(resources: PayloadResources, shadows: BatchOptions): Group {
  const body = new Group();
  body.name = resources.label;
  body.position.fromArray(resources.offset);
  body.scale.setScalar(resources.scale);
  for (const { geometry, material } of resources.parts) {
    const mesh = new BodyMesh(geometry, material);
    mesh.castShadow = shadows.castShadow && resources.castsShadow;
    mesh.receiveShadow = shadows.receiveShadow;
    body.add(mesh);
  }
  return body;
}
