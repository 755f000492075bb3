/**
 * The slot table: where everything that can be shown stands. Slots `[0, entitySlots)` belong to the
 * game's entities (slot = entity id); after them come the placements of opened worlds in cell
 * order, then their terrain tiles. 26 bytes a slot.
 */
import type { SlotTransforms } from '../memory/view.ts';

/** `targetLods` and `shownLods` of a slot that shows nothing and wants nothing. */
export const NO_LOD = 255;

export class SlotTable implements SlotTransforms {
  /** Slots in use, entity slots included. */
  count: number;
  readonly entitySlots: number;
  positions: Float32Array;
  rotations: Int16Array;
  scales: Float32Array;
  /** LOD that the distance asks for; the asset's LOD count means "hidden". */
  targetLods: Uint8Array;
  /** LOD that is on screen, or NO_LOD. */
  shownLods: Uint8Array;

  constructor(entitySlots: number) {
    this.count = entitySlots;
    this.entitySlots = entitySlots;
    this.positions = new Float32Array(entitySlots * 3);
    this.rotations = new Int16Array(entitySlots * 4);
    this.scales = new Float32Array(entitySlots).fill(1);
    this.targetLods = new Uint8Array(entitySlots).fill(NO_LOD);
    this.shownLods = new Uint8Array(entitySlots).fill(NO_LOD);
    for (let slot = 0; slot < entitySlots; slot++) this.rotations[slot * 4 + 3] = 32767;
  }

  get byteLength(): number {
    return this.count * 26;
  }

  /** Makes room for `count` slots at the end and returns the first. Replaces the arrays. */
  append(count: number): number {
    const first = this.count;
    const total = first + count;
    const positions = new Float32Array(total * 3);
    positions.set(this.positions.subarray(0, first * 3));
    const rotations = new Int16Array(total * 4);
    rotations.set(this.rotations.subarray(0, first * 4));
    const scales = new Float32Array(total).fill(1);
    scales.set(this.scales.subarray(0, first));
    const targetLods = new Uint8Array(total).fill(NO_LOD);
    targetLods.set(this.targetLods.subarray(0, first));
    const shownLods = new Uint8Array(total).fill(NO_LOD);
    shownLods.set(this.shownLods.subarray(0, first));
    Object.assign(this, { positions, rotations, scales, targetLods, shownLods, count: total });
    for (let slot = first; slot < total; slot++) this.rotations[slot * 4 + 3] = 32767;
    return first;
  }

  /** Drops all slots from `first` on. */
  truncate(first: number): void {
    this.count = first;
  }
}
