/**
 * Pages of one size, shared by whoever holds a reference: texture pages, cluster pages. The pool
 * owns no bytes, only the numbers of the places; nothing fragments, nothing moves.
 */
import { assert, assertNumber } from '../base/assert.ts';
import { HandleTable, MAX_HANDLES, NO_HANDLE } from './handles.ts';

/** What `acquire` returns where all pages are held. Handles are above zero and below 2^30. */
export const NO_PAGE: number = NO_HANDLE;

/** A fixed number of pages. Allocates nothing after its construction. */
export class PagePool {
  readonly pages: number;
  readonly pageBytes: number;
  #handles: HandleTable;
  /** References to each page. */
  #references: Uint32Array;
  #held = 0;
  #peak = 0;

  /**
   * @param pages places, 1,048,576 at most
   * @param pageBytes bytes of each
   * @throws where one of them is no whole number in its range
   */
  constructor(pages: number, pageBytes: number) {
    assertNumber('PagePool: pages', pages, 1, MAX_HANDLES);
    assertNumber('PagePool: pageBytes', pageBytes, 1);
    assert(
      Number.isInteger(pages) && Number.isInteger(pageBytes),
      `PagePool: pages and pageBytes must be whole numbers, got ${pages} and ${pageBytes}`,
    );
    this.pages = pages;
    this.pageBytes = pageBytes;
    this.#handles = new HandleTable(pages);
    this.#references = new Uint32Array(pages);
  }

  /** Bytes of the pages that are held. */
  get usedBytes(): number {
    return this.#held * this.pageBytes;
  }

  get freeBytes(): number {
    return (this.pages - this.#held) * this.pageBytes;
  }

  /** Largest `usedBytes` so far. */
  get peakBytes(): number {
    return this.#peak * this.pageBytes;
  }

  /** A page with one reference, or `NO_PAGE`. The one that was given back longest ago. O(1). */
  acquire(): number {
    const handle = this.#handles.take();
    if (handle === NO_PAGE) return NO_PAGE;
    this.#references[this.#handles.find(handle)] = 1;
    this.#held++;
    this.#peak = Math.max(this.#peak, this.#held);
    return handle;
  }

  /** One reference more. Throws on a stale handle. */
  retain(handle: number): void {
    const page = this.placeOf(handle);
    this.#references[page] = this.#references[page]! + 1;
  }

  /** One reference less; true if it was the last and the page is free. Throws on a stale handle. */
  release(handle: number): boolean {
    const page = this.placeOf(handle);
    const left = this.#references[page]! - 1;
    this.#references[page] = left;
    if (left > 0) return false;
    this.#handles.drop(page);
    this.#held--;
    return true;
  }

  /** Where a page lies: 0 to `pages` - 1, times `pageBytes` in bytes. Throws on a stale handle. */
  placeOf(handle: number): number {
    const page = this.#handles.find(handle);
    if (page < 0) throw new Error(`farfield: PagePool: ${this.#handles.explain(handle)}`);
    return page;
  }

  /** Whether somebody holds the page of this handle. Never throws. */
  isHeld(handle: number): boolean {
    return this.#handles.find(handle) >= 0;
  }
}
