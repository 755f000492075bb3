/**
 * Tickets that wait for a read: by worth, and by place in their file. The first says who is next,
 * the second which neighbors may come along in the same read.
 */
import { IndexedHeap } from '../base/heap.ts';
import type { Ticket } from './ticket.ts';

/** A submitted ticket that has not been completed. */
export interface OpenTicket {
  readonly ticket: Ticket;
  state: 'queued' | 'waiting' | 'fetching' | 'decoding' | 'done';
  failures: number;
  hasRefetched: boolean;
  fetchedBytes: number;
  fetchMs: number;
  decodeMs: number;
  /** Ends the wait before the next attempt. */
  stopWaiting: () => void;
}

export interface MergeLimits {
  /** Ranges further apart than this are read apart. */
  mergeGapBytes: number;
  /** A merged read takes at most this many bytes, gaps included. */
  mergeMaxBytes: number;
}

export class TicketQueue {
  readonly #normal = new IndexedHeap(256);
  readonly #critical = new IndexedHeap(16);
  readonly #open = new Map<number, OpenTicket>();
  /** Queued tickets of each file, by first byte, then payload. */
  readonly #files = new Map<string, OpenTicket[]>();

  get size(): number {
    return this.#open.size;
  }

  /** O(log n), and a move of the file's list. */
  add(open: OpenTicket): void {
    this.#open.set(open.ticket.payload, open);
    this.#rank(open);
    const key = fileKey(open.ticket);
    const list = this.#files.get(key);
    if (list) list.splice(findPlace(list, open.ticket), 0, open);
    else this.#files.set(key, [open]);
  }

  remove(open: OpenTicket): void {
    const { payload } = open.ticket;
    this.#open.delete(payload);
    this.#normal.delete(payload);
    this.#critical.delete(payload);
    const key = fileKey(open.ticket);
    const list = this.#files.get(key)!;
    list.splice(findPlace(list, open.ticket), 1);
    if (list.length === 0) this.#files.delete(key);
  }

  /** Puts the ticket where its changed priority belongs. O(log n). */
  update(open: OpenTicket): void {
    this.#rank(open);
  }

  /** Removes and returns the next ticket with those that share its read, by first byte. */
  take(limits: MergeLimits): OpenTicket[] {
    const payload = this.#critical.size > 0 ? this.#critical.peek() : this.#normal.peek();
    const first = this.#open.get(payload);
    if (!first) return [];
    const group = isFresh(first) ? this.#gather(first, limits) : [first];
    for (const open of group) this.remove(open);
    return group;
  }

  /** Grows from the first ticket to its nearest neighbors while they fit. */
  #gather(first: OpenTicket, limits: MergeLimits): OpenTicket[] {
    const list = this.#files.get(fileKey(first.ticket))!;
    let low = findPlace(list, first.ticket);
    let high = low;
    let { start, end } = first.ticket;
    const gapTo = (open: OpenTicket | undefined): number => {
      if (!open || !isFresh(open) || open.ticket.critical !== first.ticket.critical)
        return Number.POSITIVE_INFINITY;
      const span = Math.max(end, open.ticket.end) - Math.min(start, open.ticket.start);
      if (span > limits.mergeMaxBytes) return Number.POSITIVE_INFINITY;
      return Math.max(0, open.ticket.start - end, start - open.ticket.end);
    };
    for (;;) {
      const before = gapTo(list[low - 1]);
      const after = gapTo(list[high + 1]);
      if (Math.min(before, after) > limits.mergeGapBytes) return list.slice(low, high + 1);
      const next = list[after <= before ? ++high : --low]!.ticket;
      start = Math.min(start, next.start);
      end = Math.max(end, next.end);
    }
  }

  #rank({ ticket: { payload, priority, critical } }: OpenTicket): void {
    (critical ? this.#normal : this.#critical).delete(payload);
    (critical ? this.#critical : this.#normal).set(payload, priority);
  }
}

/** One that has failed before travels alone: it may be what made its read fail. */
function isFresh(open: OpenTicket): boolean {
  return open.failures === 0 && !open.hasRefetched;
}

function fileKey(ticket: Ticket): string {
  return `${ticket.source}/${ticket.file}`;
}

/** Where the ticket is, or would be, in a sorted list. */
function findPlace(list: OpenTicket[], ticket: Ticket): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = list[middle]!.ticket;
    const isBefore =
      other.start < ticket.start ||
      (other.start === ticket.start && other.payload < ticket.payload);
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}
