/**
 * Ranges of one large stretch of bytes, given out by best fit and moved together a little per frame.
 * The arena owns no bytes, only their addresses: the caller holds an ArrayBuffer or a GPU buffer and
 * makes the copies. Memory that is given out once and divided here neither grows nor fragments in
 * the driver's hands.
 *
 * Based on: Wilson, P. R. et al. Dynamic Storage Allocation: A Survey and Critical Review. 1995.
 */
import { assert, assertNumber, describe } from '../../base/assert.ts';
import { grown } from '../../base/grown.ts';
import { HandleTable, NO_HANDLE } from '../handles.ts';
import { Blocks, NONE } from './blocks.ts';
import { Defragmenter } from './defragmenter.ts';
import type { MoveList } from './move-list.ts';

/** What `allocate` returns where nothing fits. Handles are above zero and below 2^30. */
export const NO_RANGE: number = NO_HANDLE;

/** Units of one arena: offsets are 32-bit integers. 32 GiB at the default alignment. */
const MAX_UNITS: number = 2 ** 31 - 1;

const DEFAULT_ALIGNMENT = 16;

export interface RangeArenaOptions {
  /** Offsets and sizes are multiples of it: a power of two, in bytes. Default 16. */
  alignment?: number;
  /**
   * Below this fragmentation `defragment` moves nothing, unless a hole is wanted: 0 to 1. Each
   * step down costs more bytes a frame (`docs/benchmarks.md`). Default 0.2.
   */
  calmFragmentation?: number;
}

/** What an arena holds at the moment. */
export interface RangeArenaStats {
  capacityBytes: number;
  /** Bytes of live ranges, each rounded up to the alignment, and of a move in progress. */
  usedBytes: number;
  /** `capacityBytes` less `usedBytes`. */
  freeBytes: number;
  /** The largest request that would be served now. */
  largestFreeBytes: number;
  /** Share of the free bytes that is outside of the largest free block; 0 when nothing is free. */
  fragmentation: number;
  /** Largest `usedBytes` so far. */
  peakBytes: number;
  /** Live ranges. */
  ranges: number;
}

/** A best-fit allocator of offsets. All sizes and offsets are bytes. */
export class RangeArena {
  readonly capacityBytes: number;
  readonly alignment: number;
  #blocks: Blocks;
  #handles = new HandleTable();
  #defragmenter: Defragmenter;
  /** Block of each live handle, by the handle's index. */
  #blockOf: Int32Array;
  #ranges = 0;
  #peakUnits = 0;

  /**
   * @param capacityBytes length of what is divided, a multiple of the alignment
   * @throws where an option is out of its range
   */
  constructor(capacityBytes: number, options: RangeArenaOptions = {}) {
    const { alignment = DEFAULT_ALIGNMENT, calmFragmentation = 0.2 } = options;
    assertNumber('RangeArena: alignment', alignment, 1, 2 ** 30);
    assert(
      Number.isInteger(Math.log2(alignment)),
      `RangeArena: alignment must be a power of two, got ${alignment}`,
    );
    assertNumber('RangeArena: calmFragmentation', calmFragmentation, 0, 1);
    assertNumber('RangeArena: capacityBytes', capacityBytes, alignment, MAX_UNITS * alignment);
    assert(
      capacityBytes % alignment === 0,
      `RangeArena: capacityBytes must be a multiple of the alignment (${alignment}), got ${capacityBytes}`,
    );
    this.capacityBytes = capacityBytes;
    this.alignment = alignment;
    this.#blocks = new Blocks(capacityBytes / alignment);
    this.#blockOf = new Int32Array(this.#handles.length);
    this.#defragmenter = new Defragmenter(this.#blocks, {
      alignment,
      calmFragmentation,
      handleAt: (owner) => this.#handles.handleAt(owner),
      moved: (owner, block) => {
        this.#blockOf[owner] = block;
      },
    });
  }

  get usedBytes(): number {
    return (this.#blocks.units - this.#blocks.freeUnits) * this.alignment;
  }

  get freeBytes(): number {
    return this.#blocks.freeUnits * this.alignment;
  }

  /** O(log n). */
  get largestFreeBytes(): number {
    return this.#blocks.largestUnits() * this.alignment;
  }

  get fragmentation(): number {
    const { freeUnits } = this.#blocks;
    return freeUnits === 0 ? 0 : 1 - this.#blocks.largestUnits() / freeUnits;
  }

  get peakBytes(): number {
    return this.#peakUnits * this.alignment;
  }

  /** Live ranges. */
  get ranges(): number {
    return this.#ranges;
  }

  /** The figures as an object; the getters give them one by one and allocate nothing. */
  stats(): RangeArenaStats {
    const { capacityBytes, usedBytes, freeBytes, largestFreeBytes } = this;
    const { fragmentation, peakBytes, ranges } = this;
    return {
      capacityBytes,
      usedBytes,
      freeBytes,
      largestFreeBytes,
      fragmentation,
      peakBytes,
      ranges,
    };
  }

  /**
   * A range of at least `sizeBytes`: the low end of the smallest free block that holds it, the
   * lowest of equal ones. O(log n). Allocates nothing, but for tables that double.
   *
   * @returns its handle, or `NO_RANGE` where no single free block is large enough (see
   *   `defragment`) or 1,048,576 ranges are live
   * @throws where `sizeBytes` is no whole number above zero
   */
  allocate(sizeBytes: number): number {
    assert(
      Number.isSafeInteger(sizeBytes) && sizeBytes > 0,
      `RangeArena: sizeBytes must be a whole number above 0, got ${describe(sizeBytes)}`,
    );
    const units = Math.ceil(sizeBytes / this.alignment);
    const hole = this.#findHole(units);
    if (hole === NONE) return NO_RANGE;
    const handle = this.#handles.take();
    if (handle === NO_RANGE) return NO_RANGE;
    const index = this.#handles.find(handle);
    if (index >= this.#blockOf.length) this.#blockOf = grown(this.#blockOf, this.#handles.length);
    this.#blockOf[index] = this.#blocks.carve(hole, units, index);
    this.#ranges++;
    this.#peakUnits = Math.max(this.#peakUnits, this.#blocks.units - this.#blocks.freeUnits);
    return handle;
  }

  /** Ends a range and joins its bytes with free neighbors. O(log n). Throws on a stale handle. */
  free(handle: number): void {
    const index = this.#indexOf(handle, 'free');
    const block = this.#blockOf[index]!;
    this.#defragmenter.forget(block);
    this.#blocks.release(block);
    this.#handles.drop(index);
    this.#ranges--;
  }

  /** Where a range begins, a multiple of the alignment. Changes in `defragment` alone. */
  offsetOf(handle: number): number {
    return (
      this.#blocks.offsets[this.#blockOf[this.#indexOf(handle, 'offsetOf')]!]! * this.alignment
    );
  }

  /** Bytes of a range: what was asked for, rounded up to the alignment. */
  sizeOf(handle: number): number {
    return this.#blocks.sizes[this.#blockOf[this.#indexOf(handle, 'sizeOf')]!]! * this.alignment;
  }

  /** Whether the handle is of a range of this arena that was not freed. Never throws. */
  isLive(handle: number): boolean {
    return this.#handles.find(handle) >= 0;
  }

  /**
   * Says that bytes of a live range are about to be written after it was filled. A move of it that
   * is spread over several frames begins anew, so that no piece is stale.
   */
  noteWrite(handle: number): void {
    this.#defragmenter.forget(this.#blockOf[this.#indexOf(handle, 'noteWrite')]!);
  }

  /**
   * Moves live ranges towards each other, a little per call: call it once a frame. Appends to
   * `moves` what must be copied, and commits it: from here on `offsetOf` gives the new offsets, and
   * free bytes are where the copies will have left them. So the caller makes the copies, in their
   * order, before anything else reads or writes the bytes or allocates from this arena; `MoveList`
   * says how. Rows that overlap are flagged by `MoveList.overlaps`; they appear where a hole is
   * wanted and nothing but sliding a range down opens it.
   *
   * With `wantedBytes` (a request that was refused) it works on one free block of that size, where
   * it can be had by copying the fewest bytes. Without, it makes the largest free block larger
   * until the fragmentation is calm. Deterministic. Makes no objects, but for lists that double.
   *
   * A wanted hole opens in the end whenever enough is free and `maxBytes` holds the largest range.
   * Where ranges are larger than that, one that no hole takes stays where it is; with free bytes of
   * 3 % of the capacity and ranges of twice `maxBytes` every request was served all the same.
   *
   * @param maxBytes most bytes that are to be copied now; a larger range is copied in pieces, over
   *   several calls
   * @param wantedBytes a free block of this size is wanted; 0: none
   * @returns bytes to copy now, at most `maxBytes`
   */
  defragment(maxBytes: number, moves: MoveList, wantedBytes: number = 0): number {
    assertNumber('RangeArena: maxBytes', maxBytes, 0);
    assertNumber('RangeArena: wantedBytes', wantedBytes, 0);
    const budgetUnits = Math.floor(Math.min(maxBytes, this.capacityBytes) / this.alignment);
    const wantedUnits = Math.ceil(wantedBytes / this.alignment);
    return this.#defragmenter.run(budgetUnits, moves, wantedUnits) * this.alignment;
  }

  /** The hole for a request, also where a move in progress must give its place up. */
  #findHole(units: number): number {
    const hole = this.#blocks.holes.atLeast(units);
    if (hole !== NONE || !this.#defragmenter.yieldTo(units)) return hole;
    return this.#blocks.holes.atLeast(units);
  }

  #indexOf(handle: number, what: string): number {
    const index = this.#handles.find(handle);
    if (index < 0)
      throw new Error(`farfield: RangeArena.${what}: ${this.#handles.explain(handle)}`);
    return index;
  }
}
