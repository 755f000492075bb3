/**
 * Fetches that wait for a read: by worth, and by place in their file. The first says who is next,
 * the second which neighbors may come along in the same read.
 */
import { IndexedHeap } from '../base/heap.ts';
import type { Fetch } from './fetch.ts';

export interface MergeLimits {
  /** Ranges further apart than this are read apart. */
  mergeGapBytes: number;
  /** A merged read takes at most this many bytes, gaps included. */
  mergeMaxBytes: number;
}

/**
 * What lies between members of a group has been reckoned with. Between two groups, which could have
 * been one, a gap counts for this many times its bytes: the same error on the flythrough at less waste.
 */
const BETWEEN_GROUPS = 3;

export class FetchQueue {
  readonly #normal = new IndexedHeap(256);
  readonly #critical = new IndexedHeap(16);
  /** The normal ones again, the least worthy first. */
  readonly #least = new IndexedHeap(256);
  /** Each fetch under the payload of its first ticket, its number in the heaps. */
  readonly #fetches = new Map<number, Fetch>();
  /** Queued fetches of each file, by first byte, then payload. */
  readonly #files = new Map<string, Fetch[]>();

  get size(): number {
    return this.#fetches.size;
  }

  get criticalCount(): number {
    return this.#critical.size;
  }

  /** O(log n), and a move of the file's list. */
  add(fetch: Fetch): void {
    this.#fetches.set(numberOf(fetch), fetch);
    this.#rank(fetch);
    const key = fileKey(fetch);
    const list = this.#files.get(key);
    if (list) list.splice(findPlace(list, fetch), 0, fetch);
    else this.#files.set(key, [fetch]);
  }

  /** Before its first ticket changes. */
  remove(fetch: Fetch): void {
    const number = numberOf(fetch);
    this.#fetches.delete(number);
    this.#normal.delete(number);
    this.#least.delete(number);
    this.#critical.delete(number);
    const key = fileKey(fetch);
    const list = this.#files.get(key)!;
    list.splice(findPlace(list, fetch), 1);
    if (list.length === 0) this.#files.delete(key);
  }

  /** Puts the fetch where its changed priority belongs. O(log n). */
  update(fetch: Fetch): void {
    this.#rank(fetch);
  }

  /** The one that would be read last of all that may be given up, or undefined. */
  leastWorthy(): Fetch | undefined {
    return this.#fetches.get(this.#least.peek());
  }

  /** Removes and returns the next fetch with those that share its read, by first byte. */
  take(limits: MergeLimits): Fetch[] {
    const heap = this.#critical.size > 0 ? this.#critical : this.#normal;
    const first = this.#fetches.get(heap.peek());
    if (!first) return [];
    const group = first.isAlone ? [first] : this.#gather(first, limits);
    for (const fetch of group) this.remove(fetch);
    return group;
  }

  /** Grows from the first fetch to its nearest neighbors while they fit. */
  #gather(first: Fetch, limits: MergeLimits): Fetch[] {
    const list = this.#files.get(fileKey(first))!;
    let low = findPlace(list, first);
    let high = low;
    let { start, end } = first;
    const gapTo = (fetch: Fetch | undefined): number => {
      if (!fetch || fetch.isAlone || fetch.critical !== first.critical)
        return Number.POSITIVE_INFINITY;
      const span = Math.max(end, fetch.end) - Math.min(start, fetch.start);
      if (span > limits.mergeMaxBytes) return Number.POSITIVE_INFINITY;
      const gap = Math.max(0, fetch.start - end, start - fetch.end);
      const { group } = first.tickets[0]!.ticket;
      if (group === undefined || first.critical) return gap;
      if (group === fetch.tickets[0]!.ticket.group) return Math.min(gap, limits.mergeGapBytes);
      return gap * BETWEEN_GROUPS;
    };
    for (;;) {
      const before = gapTo(list[low - 1]);
      const after = gapTo(list[high + 1]);
      if (Math.min(before, after) > limits.mergeGapBytes) return list.slice(low, high + 1);
      const next = list[after <= before ? ++high : --low]!;
      start = Math.min(start, next.start);
      end = Math.max(end, next.end);
    }
  }

  #rank(fetch: Fetch): void {
    const number = numberOf(fetch);
    if (fetch.critical) {
      this.#normal.delete(number);
      this.#least.delete(number);
      this.#critical.set(number, fetch.priority);
    } else {
      this.#critical.delete(number);
      this.#normal.set(number, fetch.priority);
      this.#least.set(number, -fetch.priority);
    }
  }
}

/** Payloads are unique among open tickets, so that their numbers are among queued fetches. */
function numberOf(fetch: Fetch): number {
  return fetch.tickets[0]!.ticket.payload;
}

function fileKey({ source, file }: Fetch): string {
  return `${source}/${file}`;
}

/** Where the fetch is, or would be, in a sorted list. */
function findPlace(list: Fetch[], fetch: Fetch): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = list[middle]!;
    const isBefore =
      other.start < fetch.start ||
      (other.start === fetch.start && numberOf(other) < numberOf(fetch));
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}
