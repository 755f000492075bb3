/**
 * The slot table: where everything that can be shown stands. Slots `[0, entitySlots)` belong to the
 * game's entities (slot = entity id); after them come the placements of opened worlds in cell
 * order, then their terrain tiles. 26 bytes a slot.
 */
import { grown } from '../base/grown.ts';
import type { PlacementColumns } from '../io/bundle/format.ts';
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
    this.scales = new Float32Array(entitySlots);
    this.targetLods = new Uint8Array(entitySlots);
    this.shownLods = new Uint8Array(entitySlots);
    this.clear(0, entitySlots);
  }

  get byteLength(): number {
    const { positions, rotations, scales, targetLods, shownLods } = this;
    return (
      positions.byteLength +
      rotations.byteLength +
      scales.byteLength +
      targetLods.byteLength +
      shownLods.byteLength
    );
  }

  /**
   * Makes room for `count` slots beyond those in use, one array a step: what is in use is copied.
   * New slots hold zeros. Nothing may be appended or dropped between the first step and the last.
   */
  *reserve(count: number): Generator<void> {
    const used = this.count;
    const total = used + count;
    this.positions = grown(this.positions, total * 3, used * 3);
    yield;
    this.rotations = grown(this.rotations, total * 4, used * 4);
    yield;
    this.scales = grown(this.scales, total, used);
    yield;
    this.targetLods = grown(this.targetLods, total, used);
    this.shownLods = grown(this.shownLods, total, used);
    yield;
  }

  /** Takes the next `count` slots, for which there is room, and returns the first. */
  append(count: number): number {
    const first = this.count;
    this.count += count;
    return first;
  }

  /** Fills slots from `first` on; they show nothing yet. */
  place(first: number, { positions, rotations, scales }: PlacementColumns): void {
    this.positions.set(positions, first * 3);
    this.rotations.set(rotations, first * 4);
    this.scales.set(scales, first);
    this.targetLods.fill(NO_LOD, first, first + scales.length);
    this.shownLods.fill(NO_LOD, first, first + scales.length);
  }

  /** Slots that stand upright at the origin, at scale 1, and show nothing. */
  clear(first: number, end: number): void {
    this.scales.fill(1, first, end);
    this.targetLods.fill(NO_LOD, first, end);
    this.shownLods.fill(NO_LOD, first, end);
    for (let slot = first; slot < end; slot++) this.rotations[slot * 4 + 3] = 32767;
  }

  /** Drops all slots from `first` on. */
  truncate(first: number): void {
    this.count = first;
  }
}
