/**
 * A binary buddy allocator: blocks of powers of two, halved and joined with their other halves.
 *
 * Based on: Knowlton, K. C. A Fast Storage Allocator. 1965.
 */
import type { Allocator } from './allocator.ts';

const MIN_BYTES = 4096;
const NONE = -1;

/** @param capacityBytes a power of two */
export function createBuddy(capacityBytes: number): Allocator {
  return new Buddy(capacityBytes);
}

class Buddy implements Allocator {
  readonly name = 'buddy';
  freeBytes: number;
  #orders: number;
  /** First free block of each order, blocks being numbers of the smallest block. */
  #heads: Int32Array;
  #next: Int32Array;
  #previous: Int32Array;
  /** Order of the free block that begins here, -1 where none does. */
  #freeOrder: Int8Array;
  #order: Int8Array;

  constructor(capacityBytes: number) {
    const blocks = capacityBytes / MIN_BYTES;
    this.#orders = Math.log2(blocks) + 1;
    if (!Number.isInteger(this.#orders))
      throw new Error(`bench: a buddy allocator needs a power of two, got ${capacityBytes}`);
    this.freeBytes = capacityBytes;
    this.#heads = new Int32Array(this.#orders).fill(NONE);
    this.#next = new Int32Array(blocks);
    this.#previous = new Int32Array(blocks);
    this.#freeOrder = new Int8Array(blocks).fill(NONE);
    this.#order = new Int8Array(blocks);
    this.#push(0, this.#orders - 1);
  }

  allocate(sizeBytes: number): number {
    const units = Math.ceil(sizeBytes / MIN_BYTES);
    const order = units <= 1 ? 0 : 32 - Math.clz32(units - 1);
    let from = order;
    while (from < this.#orders && this.#heads[from] === NONE) from++;
    if (from >= this.#orders) return -1;
    const block = this.#heads[from]!;
    this.#unlink(block, from);
    for (let half = from - 1; half >= order; half--) this.#push(block + 2 ** half, half);
    this.#order[block] = order;
    this.freeBytes -= 2 ** order * MIN_BYTES;
    return block;
  }

  free(handle: number): void {
    let block = handle;
    let order = this.#order[handle]!;
    this.freeBytes += 2 ** order * MIN_BYTES;
    while (order < this.#orders - 1) {
      const buddy = block ^ (1 << order);
      if (this.#freeOrder[buddy] !== order) break;
      this.#unlink(buddy, order);
      block = Math.min(block, buddy);
      order++;
    }
    this.#push(block, order);
  }

  largestFreeBytes(): number {
    let order = this.#orders - 1;
    while (order >= 0 && this.#heads[order] === NONE) order--;
    return order < 0 ? 0 : 2 ** order * MIN_BYTES;
  }

  #push(block: number, order: number): void {
    const head = this.#heads[order]!;
    this.#next[block] = head;
    this.#previous[block] = NONE;
    if (head !== NONE) this.#previous[head] = block;
    this.#heads[order] = block;
    this.#freeOrder[block] = order;
  }

  #unlink(block: number, order: number): void {
    const [next, previous] = [this.#next[block]!, this.#previous[block]!];
    if (previous === NONE) this.#heads[order] = next;
    else this.#next[previous] = next;
    if (next !== NONE) this.#previous[next] = previous;
    this.#freeOrder[block] = NONE;
  }
}
