/**
 * Numbers for things that come and go: an index and a generation in one integer of 30 bits, which
 * no engine has to put on the heap. An index that was dropped comes back with another generation,
 * so that a number kept for too long is recognized. Dropped indices wait in a queue: one comes back
 * as late as possible, and its 1,023 generations last the longer.
 */
import { describe } from '../base/assert.ts';
import { grown } from '../base/grown.ts';

/** What is returned where there is no handle. Handles are above zero. */
export const NO_HANDLE = -1;

const INDEX_BITS = 20;
const INDEX_MASK: number = 2 ** INDEX_BITS - 1;
const MAX_GENERATION = 1023;

/** Most handles of one table that are live at a time: 1,048,576. */
export const MAX_HANDLES: number = 2 ** INDEX_BITS;

const FIRST_LENGTH = 1024;

/** Live indices are told from dropped ones by the link: a live one has none. */
const LIVE = -2;
const END = -1;

/** Indices from 0 on, each live or dropped, and the generation each is in. */
export class HandleTable {
  #generations: Uint16Array;
  /** The next index in the queue of dropped ones. */
  #links: Int32Array;
  #first = END;
  #last = END;
  #length = 0;
  #limit: number;

  /** @param limit most live handles, 1,048,576 at most */
  constructor(limit: number = MAX_HANDLES) {
    this.#limit = Math.min(limit, MAX_HANDLES);
    const length = Math.min(FIRST_LENGTH, this.#limit);
    this.#generations = new Uint16Array(length);
    this.#links = new Int32Array(length);
    this.#fill();
  }

  /** Indices that columns of the caller must have room for. Grows by doubling. */
  get length(): number {
    return this.#length;
  }

  /** A new handle, or `NO_HANDLE` where as many as may be are live. */
  take(): number {
    if (this.#first === END) this.#grow();
    const index = this.#first;
    if (index === END) return NO_HANDLE;
    this.#first = this.#links[index]!;
    if (this.#first === END) this.#last = END;
    this.#links[index] = LIVE;
    return this.handleAt(index);
  }

  /** Ends the handle of a live index. */
  drop(index: number): void {
    const generation = this.#generations[index]!;
    this.#generations[index] = generation === MAX_GENERATION ? 1 : generation + 1;
    this.#append(index);
  }

  /** The index of a live handle, -1 for anything else. */
  find(handle: number): number {
    const index = handle & INDEX_MASK;
    return index < this.#length && this.#links[index] === LIVE && this.handleAt(index) === handle
      ? index
      : -1;
  }

  /** The handle of a live index. */
  handleAt(index: number): number {
    return (this.#generations[index]! << INDEX_BITS) | index;
  }

  /** What is wrong with a handle that `find` does not know, for an error message. */
  explain(handle: number): string {
    const isNumber = Number.isInteger(handle) && handle >= 2 ** INDEX_BITS;
    const index = handle & INDEX_MASK;
    if (!isNumber || handle >= (MAX_GENERATION + 1) * MAX_HANDLES || index >= this.#length)
      return `${describe(handle)} is no handle of this table`;
    const generation = handle >>> INDEX_BITS;
    const state = this.#links[index] === LIVE ? 'in use again' : 'free';
    return (
      `${handle} is stale: place ${index} is in generation ${this.#generations[index]} ` +
      `and ${state}, the handle is of generation ${generation}`
    );
  }

  #append(index: number): void {
    this.#links[index] = END;
    if (this.#last === END) this.#first = index;
    else this.#links[this.#last] = index;
    this.#last = index;
  }

  #grow(): void {
    const length = Math.min(this.#limit, this.#length * 2);
    if (length === this.#length) return;
    this.#generations = grown(this.#generations, length);
    this.#links = grown(this.#links, length);
    this.#fill();
  }

  #fill(): void {
    while (this.#length < this.#links.length) {
      this.#generations[this.#length] = 1;
      this.#append(this.#length++);
    }
  }
}
