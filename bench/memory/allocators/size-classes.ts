/**
 * Size classes: eight to a doubling, each with pages of its own that are cut into equal slots. A
 * page that becomes empty goes back to the pool.
 *
 * Based on: Bonwick, J. The Slab Allocator. 1994; Evans, J. A Scalable Concurrent malloc(3). 2006.
 */
import { NO_PAGE, PagePool } from '../../../src/memory/page-pool.ts';
import type { Allocator } from './allocator.ts';

export const PAGE_BYTES: number = 64 * 1024;
const MIN_SLOT_BYTES = 64;
const STEPS_PER_DOUBLING = 8;
const SLOTS = PAGE_BYTES / MIN_SLOT_BYTES;
const NONE = -1;

/** Ranges up to a page. */
export function createSizeClasses(capacityBytes: number): Allocator {
  return new SizeClasses(Math.floor(capacityBytes / PAGE_BYTES));
}

class SizeClasses implements Allocator {
  readonly name = 'size classes';
  #pool: PagePool;
  #slotBytes: number[] = [];
  /** First page of each class with a free slot. */
  #partial: Int32Array;
  #next: Int32Array;
  #previous: Int32Array;
  /** Of each page: its handle in the pool, its class, its live slots, its first free slot. */
  #page: Int32Array;
  #class: Uint8Array;
  #live: Int32Array;
  #free: Int32Array;
  #nextSlot: Int16Array;

  constructor(pages: number) {
    this.#pool = new PagePool(pages, PAGE_BYTES);
    for (let bytes = MIN_SLOT_BYTES; bytes <= PAGE_BYTES; bytes += stepOf(bytes))
      this.#slotBytes.push(bytes);
    this.#partial = new Int32Array(this.#slotBytes.length).fill(NONE);
    this.#next = new Int32Array(pages);
    this.#previous = new Int32Array(pages);
    this.#page = new Int32Array(pages);
    this.#class = new Uint8Array(pages);
    this.#live = new Int32Array(pages);
    this.#free = new Int32Array(pages);
    this.#nextSlot = new Int16Array(pages * SLOTS);
  }

  /** Bytes of pages that hold nothing. */
  get freeBytes(): number {
    return this.#pool.freeBytes;
  }

  largestFreeBytes(): number {
    return Math.min(PAGE_BYTES, this.#pool.freeBytes);
  }

  allocate(sizeBytes: number): number {
    const kind = this.#classOf(sizeBytes);
    let place = this.#partial[kind]!;
    if (place === NONE) {
      place = this.#openPage(kind);
      if (place === NONE) return -1;
    }
    const slot = this.#free[place]!;
    this.#free[place] = this.#nextSlot[place * SLOTS + slot]!;
    this.#live[place] = this.#live[place]! + 1;
    if (this.#free[place] === NONE) this.#unlink(place, kind);
    return place * SLOTS + slot;
  }

  free(handle: number): void {
    const place = Math.floor(handle / SLOTS);
    const kind = this.#class[place]!;
    if (this.#free[place] === NONE) this.#link(place, kind);
    this.#nextSlot[handle] = this.#free[place]!;
    this.#free[place] = handle % SLOTS;
    this.#live[place] = this.#live[place]! - 1;
    if (this.#live[place]! > 0) return;
    this.#unlink(place, kind);
    this.#pool.release(this.#page[place]!);
  }

  #classOf(sizeBytes: number): number {
    if (sizeBytes <= MIN_SLOT_BYTES) return 0;
    const doubling = 31 - Math.clz32((sizeBytes - 1) / MIN_SLOT_BYTES);
    const base = MIN_SLOT_BYTES * 2 ** doubling;
    const step = Math.ceil((sizeBytes - base) / (base / STEPS_PER_DOUBLING));
    return doubling * STEPS_PER_DOUBLING + step;
  }

  #openPage(kind: number): number {
    const page = this.#pool.acquire();
    if (page === NO_PAGE) return NONE;
    const place = this.#pool.placeOf(page);
    const slots = Math.floor(PAGE_BYTES / this.#slotBytes[kind]!);
    for (let slot = 0; slot < slots; slot++)
      this.#nextSlot[place * SLOTS + slot] = slot + 1 < slots ? slot + 1 : NONE;
    this.#page[place] = page;
    this.#class[place] = kind;
    this.#live[place] = 0;
    this.#free[place] = 0;
    this.#link(place, kind);
    return place;
  }

  #link(place: number, kind: number): void {
    const head = this.#partial[kind]!;
    this.#next[place] = head;
    this.#previous[place] = NONE;
    if (head !== NONE) this.#previous[head] = place;
    this.#partial[kind] = place;
  }

  #unlink(place: number, kind: number): void {
    const [next, previous] = [this.#next[place]!, this.#previous[place]!];
    if (previous === NONE) this.#partial[kind] = next;
    else this.#next[previous] = next;
    if (next !== NONE) this.#previous[next] = previous;
  }
}

/** From one class to the next: an eighth of the power of two below. */
function stepOf(bytes: number): number {
  return 2 ** Math.floor(Math.log2(bytes)) / STEPS_PER_DOUBLING;
}
