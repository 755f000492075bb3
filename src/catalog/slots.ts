/**
 * The slot table: where everything that can be shown stands. Slots `[0, entitySlots)` belong to the
 * game's entities (slot = entity id); after them come the placements of opened worlds in cell
 * order, then their terrain tiles. 26 bytes a slot.
 */
import { grown } from '../base/grown.ts';
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
    this.positions = grown(this.positions, total * 3, first * 3);
    this.rotations = grown(this.rotations, total * 4, first * 4);
    this.scales = grown(this.scales, total, first).fill(1, first);
    this.targetLods = grown(this.targetLods, total, first).fill(NO_LOD, first);
    this.shownLods = grown(this.shownLods, total, first).fill(NO_LOD, first);
    this.count = total;
    for (let slot = first; slot < total; slot++) this.rotations[slot * 4 + 3] = 32767;
    return first;
  }

  /** Drops all slots from `first` on. */
  truncate(first: number): void {
    this.count = first;
  }
}
