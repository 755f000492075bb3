/**
 * Which payload each slot shows, and where its matrix is. The loops here run over tens of thousands
 * of slots in one frame: no object, no closure, no lookup by name inside them.
 */
import type { Group } from 'three';
import { assert } from '../base/assert.ts';
import type { ShowChanges, SlotTransforms } from '../memory/view.ts';
import { type BatchOptions, InstanceBatch } from './instance-batch.ts';
import type { PayloadResources } from './payload-resources.ts';

/** Index of a slot that is in no batch. */
const NOWHERE = 0xffffffff;

/** Index of a slot whose place is taken by an object of the game. */
const TAKEN = 0xfffffffe;

/** Told about slots that are taken, instead of a batch. */
export interface TakenSlots {
  /** A taken slot now shows `payload`, or nothing (-1). */
  showTaken(slot: number, payload: number, transforms: SlotTransforms): void;
  /** A taken slot has moved. */
  moveTaken(slot: number, payload: number, transforms: SlotTransforms): void;
}

export class Batches {
  readonly #root: Group;
  readonly #options: BatchOptions;
  readonly #batches = new Map<number, InstanceBatch>();
  readonly #touched: InstanceBatch[] = [];
  /** Index in its batch, by slot. */
  #indices: Uint32Array = new Uint32Array(0);
  /** Payload shown, by slot, or -1. */
  #payloads: Int32Array = new Int32Array(0);
  #taken: TakenSlots | null = null;

  constructor(root: Group, options: BatchOptions) {
    this.#root = root;
    this.#options = options;
  }

  /** Who is told about taken slots. Set once, before the first `take`. */
  set taken(taken: TakenSlots) {
    this.#taken = taken;
  }

  add(resources: PayloadResources): void {
    const batch = new InstanceBatch(resources, this.#root, this.#options);
    this.#batches.set(resources.payload, batch);
  }

  /** Removes the batch of a payload that no slot shows. */
  remove(payload: number): void {
    const batch = this.#of(payload);
    assert(
      batch.count === 0,
      `payload ${payload} (${batch.resources.label}) released while ${batch.count} slots show it`,
    );
    this.drop(payload);
  }

  /** Removes a batch whatever it shows; its slots show nothing afterwards. */
  drop(payload: number): void {
    const batch = this.#of(payload);
    for (let i = 0; i < batch.count; i++) {
      this.#indices[batch.slots[i]!] = NOWHERE;
      this.#payloads[batch.slots[i]!] = -1;
    }
    batch.dispose();
    this.#batches.delete(payload);
  }

  /** What shows the payload follows `castsShadow` of its resources. */
  castShadows(payload: number): void {
    this.#of(payload).castShadows();
  }

  values(): IterableIterator<InstanceBatch> {
    return this.#batches.values();
  }

  /** See `View.show`. Allocates nothing unless a batch or the slot space grows. */
  show(changes: ShowChanges, transforms: SlotTransforms): void {
    for (let i = 0; i < changes.count; i++) {
      const start = changes.starts[i]!;
      const end = changes.ends[i]!;
      if (end > this.#indices.length) this.#growSlots(Math.max(end, transforms.scales.length));
      const from = changes.from[i]!;
      const to = changes.to[i]!;
      if (from >= 0) this.#hide(start, end, this.#of(from));
      if (to >= 0) this.#reveal(start, end, this.#of(to), transforms);
      this.#payloads.fill(to, start, end);
      if (this.#taken) this.#tell(start, end, to, transforms);
    }
    this.#flush();
  }

  /** See `View.move`; slots that show nothing (-1) have no matrix to write. */
  move(slots: Uint32Array, payloads: Int32Array, count: number, transforms: SlotTransforms): void {
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      const payload = payloads[i]!;
      const index = this.#indices[slot] ?? NOWHERE;
      if (index === TAKEN) {
        this.#taken?.moveTaken(slot, payload, transforms);
        continue;
      }
      if (payload < 0) continue;
      const batch = this.#of(payload);
      if (batch.slots[index] !== slot || index >= batch.count) misplaced(slot, batch);
      batch.write(index, transforms);
      this.#touch(batch);
    }
    this.#flush();
  }

  /** Payload that a slot shows, or -1. */
  payloadOf(slot: number): number {
    return this.#payloads[slot] ?? -1;
  }

  /**
   * Takes a slot out of its batch until `give`. Copies its matrix to `matrix` (16 values) and
   * returns true, or returns false where the slot shows nothing and has none.
   */
  take(slot: number, matrix: Float32Array): boolean {
    if (slot >= this.#indices.length) this.#growSlots(slot + 1);
    const index = this.#indices[slot]!;
    assert(index !== TAKEN, `slot ${slot} is already shown by another object`);
    this.#indices[slot] = TAKEN;
    if (index === NOWHERE) return false;
    const batch = this.#of(this.#payloads[slot]!);
    matrix.set(batch.matrices.subarray(index * 16, index * 16 + 16));
    this.#removeAt(batch, index);
    this.#flush();
    return true;
  }

  /** Puts a taken slot back into the batch of the payload it shows, with that matrix. */
  give(slot: number, matrix: Float32Array): void {
    const payload = this.#payloads[slot]!;
    const batch = payload >= 0 ? this.#batches.get(payload) : undefined;
    this.#indices[slot] = NOWHERE;
    if (!batch) return;
    const index = batch.append(slot);
    batch.set(index, matrix);
    this.#indices[slot] = index;
    this.#touch(batch);
    this.#flush();
  }

  #hide(start: number, end: number, batch: InstanceBatch): void {
    const indices = this.#indices;
    for (let slot = start; slot < end; slot++) {
      const index = indices[slot]!;
      if (index === TAKEN) continue;
      if (batch.slots[index] !== slot || index >= batch.count) misplaced(slot, batch);
      this.#removeAt(batch, index);
      indices[slot] = NOWHERE;
    }
    this.#touch(batch);
  }

  #reveal(start: number, end: number, batch: InstanceBatch, transforms: SlotTransforms): void {
    const indices = this.#indices;
    for (let slot = start; slot < end; slot++) {
      const old = indices[slot]!;
      if (old === TAKEN) continue;
      if (old !== NOWHERE) {
        throw new Error(
          `farfield: slot ${slot} begins to show ${batch.resources.label} (payload ` +
            `${batch.payload}) while it still shows payload ${this.payloadOf(slot)}`,
        );
      }
      const index = batch.append(slot);
      batch.write(index, transforms);
      indices[slot] = index;
    }
    this.#touch(batch);
  }

  #tell(start: number, end: number, to: number, transforms: SlotTransforms): void {
    for (let slot = start; slot < end; slot++) {
      if (this.#indices[slot] === TAKEN) this.#taken!.showTaken(slot, to, transforms);
    }
  }

  #removeAt(batch: InstanceBatch, index: number): void {
    const moved = batch.remove(index);
    if (moved >= 0) this.#indices[moved] = index;
    this.#touch(batch);
  }

  #touch(batch: InstanceBatch): void {
    if (batch.touched) return;
    batch.touched = true;
    this.#touched.push(batch);
  }

  #flush(): void {
    for (const batch of this.#touched) {
      batch.touched = false;
      batch.flush();
    }
    this.#touched.length = 0;
  }

  #of(payload: number): InstanceBatch {
    const batch = this.#batches.get(payload);
    if (batch) return batch;
    throw new Error(`farfield: payload ${payload} is not uploaded, expected upload before show`);
  }

  /** By at least a quarter, so that slots added one by one do not copy all of this each time. */
  #growSlots(needed: number): void {
    const old = this.#indices.length;
    const slots = Math.max(needed, old + (old >> 2));
    const indices = new Uint32Array(slots).fill(NOWHERE);
    indices.set(this.#indices);
    this.#indices = indices;
    const payloads = new Int32Array(slots).fill(-1);
    payloads.set(this.#payloads);
    this.#payloads = payloads;
  }
}

function misplaced(slot: number, batch: InstanceBatch): never {
  throw new Error(
    `farfield: slot ${slot} does not show ${batch.resources.label} (payload ${batch.payload}), ` +
      'expected every change to name what the slot showed before',
  );
}
