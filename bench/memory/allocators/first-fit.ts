/**
 * First fit in the order of addresses: holes in sorted columns, found by a walk from the lowest,
 * joined with their neighbors when they come free.
 *
 * Based on: Knuth, D. E. The Art of Computer Programming 1, 2.5: algorithms A and B. 1968.
 */
import type { Allocator } from './allocator.ts';

const ALIGNMENT_BYTES = 16;

export function createFirstFit(capacityBytes: number): Allocator {
  return new FirstFit(capacityBytes);
}

class FirstFit implements Allocator {
  readonly name = 'first fit';
  freeBytes: number;
  /** Holes by address. */
  #offsets = new Float64Array(1 << 16);
  #sizes = new Float64Array(1 << 16);
  #count = 1;
  /** Ranges by handle. */
  #rangeOffsets: number[] = [];
  #rangeSizes: number[] = [];
  #spare: number[] = [];

  constructor(capacityBytes: number) {
    this.freeBytes = capacityBytes;
    this.#sizes[0] = capacityBytes;
  }

  allocate(sizeBytes: number): number {
    const bytes = Math.ceil(sizeBytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    const [sizes, count] = [this.#sizes, this.#count];
    let hole = 0;
    while (hole < count && sizes[hole]! < bytes) hole++;
    if (hole === count) return -1;
    const offset = this.#offsets[hole]!;
    if (sizes[hole] === bytes) this.#remove(hole);
    else {
      this.#offsets[hole] = offset + bytes;
      this.#sizes[hole] = this.#sizes[hole]! - bytes;
    }
    this.freeBytes -= bytes;
    const handle = this.#spare.pop() ?? this.#rangeOffsets.length;
    this.#rangeOffsets[handle] = offset;
    this.#rangeSizes[handle] = bytes;
    return handle;
  }

  free(handle: number): void {
    const offset = this.#rangeOffsets[handle]!;
    const bytes = this.#rangeSizes[handle]!;
    this.#spare.push(handle);
    this.freeBytes += bytes;
    const above = this.#firstAbove(offset);
    const [offsets, sizes] = [this.#offsets, this.#sizes];
    const joinsBelow = above > 0 && offsets[above - 1]! + sizes[above - 1]! === offset;
    const joinsAbove = above < this.#count && offset + bytes === offsets[above];
    if (joinsBelow) {
      sizes[above - 1] = sizes[above - 1]! + bytes + (joinsAbove ? sizes[above]! : 0);
      if (joinsAbove) this.#remove(above);
    } else if (joinsAbove) {
      offsets[above] = offset;
      sizes[above] = sizes[above]! + bytes;
    } else this.#insert(above, offset, bytes);
  }

  largestFreeBytes(): number {
    let largest = 0;
    for (let hole = 0; hole < this.#count; hole++) largest = Math.max(largest, this.#sizes[hole]!);
    return largest;
  }

  #firstAbove(offset: number): number {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#offsets[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #insert(place: number, offset: number, bytes: number): void {
    if (this.#count === this.#sizes.length) throw new Error('bench: first fit has too many holes');
    for (const column of [this.#offsets, this.#sizes])
      column.copyWithin(place + 1, place, this.#count);
    this.#offsets[place] = offset;
    this.#sizes[place] = bytes;
    this.#count++;
  }

  #remove(place: number): void {
    for (const column of [this.#offsets, this.#sizes])
      column.copyWithin(place, place + 1, this.#count);
    this.#count--;
  }
}
