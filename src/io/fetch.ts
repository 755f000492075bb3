/**
 * What the engine knows of its work: a ticket somebody waits for, and the fetch of one byte range
 * that serves it. Tickets of the same range share one fetch; it is worth what the best of them is.
 */
import type { Lane } from './lane.ts';
import type { Ticket } from './ticket.ts';

/** A submitted ticket that has not been completed. */
export interface OpenTicket {
  readonly ticket: Ticket;
  /** The fetch that will bring its bytes; null once they are there. */
  fetch: Fetch | null;
  state: 'fetching' | 'decoding' | 'done';
  /** Fetches that ended without bytes or with wrong ones. */
  failures: number;
  hasRefetched: boolean;
  fetchedBytes: number;
  fetchMs: number;
  decodeMs: number;
}

/** One byte range of a file, on its way. */
export interface Fetch {
  readonly lane: Lane;
  readonly source: number;
  readonly file: string;
  readonly start: number;
  readonly end: number;
  /** Names the range: tickets of the same key share the fetch. */
  readonly key: string;
  /** Caches are passed by: what came before was damaged. */
  readonly fresh: boolean;
  /** Who wants the bytes; empty while a read nobody wants any more runs to its end. */
  readonly tickets: OpenTicket[];
  state: 'queued' | 'waiting' | 'reading' | 'done';
  priority: number;
  critical: boolean;
  /** Attempts that failed, those refused as `Unavailable` not counted. */
  failures: number;
  /** It may be what made its read fail: read it alone. */
  isAlone: boolean;
  queuedAtMs: number;
  /** Ends the wait before the next attempt. */
  stopWaiting: () => void;
}

export function createFetch(open: OpenTicket, lane: Lane, fresh: boolean, nowMs: number): Fetch {
  const { source, file, start, end, priority, critical } = open.ticket;
  return {
    lane,
    source,
    file,
    start,
    end,
    key: fetchKey(open.ticket),
    fresh,
    tickets: [open],
    state: 'queued',
    priority,
    critical,
    failures: 0,
    isAlone: fresh,
    queuedAtMs: nowMs,
    stopWaiting: () => undefined,
  };
}

/** `Fetch.key` of the fetch that brings what the ticket asks for. */
export function fetchKey({ source, file, start, end }: Ticket): string {
  return `${source}/${start}-${end}/${file}`;
}

/** The fetch is worth what its best ticket is. */
export function rankFetch(fetch: Fetch): void {
  fetch.critical = false;
  fetch.priority = -Number.MAX_VALUE;
  for (const { ticket } of fetch.tickets) {
    if (ticket.critical) fetch.critical = true;
    if (ticket.priority > fetch.priority) fetch.priority = ticket.priority;
  }
}

/** A priority that can be compared with every other. */
export function rankable(priority: number): number {
  if (Number.isNaN(priority)) return -Number.MAX_VALUE;
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, priority));
}
