import { grown } from './grown.ts';

/**
 * An indexed binary max-heap over small integers: the priority of any item can change in place in
 * O(log n), which is what a queue whose order follows the camera needs. Ties go to the lower item,
 * so that the order never depends on history.
 */
export class IndexedHeap {
  #items: Int32Array;
  #places: Int32Array;
  #priorities: Float64Array;
  #size = 0;

  /** @param capacity items are integers in [0, capacity); grows by itself beyond it */
  constructor(capacity: number) {
    this.#items = new Int32Array(capacity);
    this.#places = new Int32Array(capacity).fill(-1);
    this.#priorities = new Float64Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  has(item: number): boolean {
    return item < this.#places.length && this.#places[item]! >= 0;
  }

  priorityOf(item: number): number {
    return this.has(item) ? this.#priorities[item]! : Number.NEGATIVE_INFINITY;
  }

  /** Inserts the item, or moves it to where the new priority belongs. */
  set(item: number, priority: number): void {
    if (item >= this.#places.length) this.#grow(item + 1);
    const old = this.#priorities[item]!;
    this.#priorities[item] = priority;
    let place = this.#places[item]!;
    if (place < 0) {
      place = this.#size++;
      this.#put(place, item);
      this.#up(place);
    } else if (priority > old) this.#up(place);
    else this.#down(place);
  }

  /** The item of highest priority, or -1. */
  peek(): number {
    return this.#size > 0 ? this.#items[0]! : -1;
  }

  /** Removes and returns the item of highest priority, or -1. */
  pop(): number {
    const item = this.peek();
    if (item >= 0) this.delete(item);
    return item;
  }

  delete(item: number): boolean {
    if (!this.has(item)) return false;
    const place = this.#places[item]!;
    this.#places[item] = -1;
    const last = this.#items[--this.#size]!;
    if (last !== item) {
      this.#put(place, last);
      this.#up(place);
      this.#down(this.#places[last]!);
    }
    return true;
  }

  clear(): void {
    for (let place = 0; place < this.#size; place++) this.#places[this.#items[place]!] = -1;
    this.#size = 0;
  }

  #grow(needed: number): void {
    const capacity = Math.max(needed, this.#places.length * 2, 16);
    const used = this.#places.length;
    this.#items = grown(this.#items, capacity);
    this.#places = grown(this.#places, capacity).fill(-1, used);
    this.#priorities = grown(this.#priorities, capacity);
  }

  #put(place: number, item: number): void {
    this.#items[place] = item;
    this.#places[item] = place;
  }

  #before(a: number, b: number): boolean {
    const difference = this.#priorities[a]! - this.#priorities[b]!;
    return difference > 0 || (difference === 0 && a < b);
  }

  #up(from: number): void {
    let place = from;
    const item = this.#items[place]!;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#before(item, this.#items[parent]!)) break;
      this.#put(place, this.#items[parent]!);
      place = parent;
    }
    this.#put(place, item);
  }

  #down(from: number): void {
    let place = from;
    const item = this.#items[place]!;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#before(this.#items[child + 1]!, this.#items[child]!))
        child++;
      if (!this.#before(this.#items[child]!, item)) break;
      this.#put(place, this.#items[child]!);
      place = child;
    }
    this.#put(place, item);
  }
}
