/**
 * All fetches: which range is read next, what shares a read, what is repeated, what is given up.
 * Tickets join a fetch and get their bytes from it or an error; the decoding is others' business.
 * Places are refilled at every completion, not at the next frame.
 */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { ErrorCode, StreamError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { IoSettings } from './engine-options.ts';
import { createFetch, type Fetch, fetchKey, type OpenTicket, rankFetch } from './fetch.ts';
import type { IoCounters } from './io-stats.ts';
import { Lane } from './lane.ts';
import { type LinkEstimate, START_ESTIMATE } from './link-meter.ts';
import { decideRetry, GIVE_UP } from './retry.ts';
import type { Bytes, Source } from './source.ts';

/** A source cannot be asked for now (device offline, origin failing), or can be asked again. */
export interface AvailabilityEvent {
  isAvailable: boolean;
  /** The source's name. */
  source: string;
  /** Why not; empty when it is available. */
  message: string;
}

export interface FetchEvents {
  /** The ticket's bytes, in a buffer of its own. */
  onBytes(open: OpenTicket, bytes: Bytes, fetchMs: number): void;
  /** The ticket will get no bytes. */
  onGivenUp(open: OpenTicket, error: StreamError): void;
  /** Whether reading must wait. */
  isClogged(): boolean;
  /** Something has ended: perhaps all has. */
  onIdle(): void;
  /** A source began to refuse as `Unavailable`, or answers again. */
  onAvailability(event: AvailabilityEvent): void;
}

interface SourceSlot {
  source: Source;
  lane: Lane;
  stopListening: () => void;
}

export class Fetches {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #settings: IoSettings;
  readonly #counters: IoCounters;
  readonly #events: FetchEvents;
  readonly #slots: (SourceSlot | null)[] = [];
  readonly #lanes = new Map<string | Source, Lane>();
  /** Fetches that another ticket may join, by `fetchKey`. */
  readonly #shared = new Map<string, Fetch>();
  readonly #waiting = new Set<Fetch>();
  /** Of the lane that last brought bytes. */
  #link: Readonly<LinkEstimate> = START_ESTIMATE;
  #isPumpDue = false;
  #isPumping = false;

  constructor(
    ports: { clock: Clock; random: Random },
    settings: IoSettings,
    counters: IoCounters,
    events: FetchEvents,
  ) {
    this.#clock = ports.clock;
    this.#random = ports.random;
    this.#settings = settings;
    this.#counters = counters;
    this.#events = events;
  }

  get link(): Readonly<LinkEstimate> {
    return this.#link;
  }

  get queuedCount(): number {
    let count = this.#waiting.size;
    for (const lane of this.#lanes.values()) count += lane.queue.size;
    return count;
  }

  get inFlightCount(): number {
    let count = 0;
    for (const lane of this.#lanes.values()) count += lane.reads.size;
    return count;
  }

  /** Bytes of ranges that are being read and that no ticket waits for. */
  get unwantedBytes(): number {
    let bytes = 0;
    for (const lane of this.#lanes.values()) bytes += lane.reads.unwantedBytes;
    return bytes;
  }

  get concurrency(): number {
    let most = 0;
    for (const lane of this.#lanes.values()) most = Math.max(most, lane.concurrency);
    return most;
  }

  /** As `Lane.wantedTickets`, over all lanes. */
  get wantedTickets(): number {
    let sum = 0;
    for (const lane of this.#lanes.values()) sum += lane.wantedTickets;
    return sum;
  }

  hasSource(index: number): boolean {
    return Boolean(this.#slots[index]);
  }

  /** Returns the source's index; those of removed sources are used again. */
  addSource(source: Source): number {
    const key = source.origin ?? source;
    const lane = this.#lanes.get(key) ?? this.#makeLane();
    this.#lanes.set(key, lane);
    const free = this.#slots.indexOf(null);
    const index = free < 0 ? this.#slots.length : free;
    const stopListening = source.onAvailable?.(() => this.#wake(lane, source)) ?? (() => undefined);
    this.#slots[index] = { source, lane, stopListening };
    return index;
  }

  /** All tickets of the source have left. */
  removeSource(index: number): void {
    const slot = this.#slots[index];
    assert(slot, `there is no source ${index} to remove`);
    slot.stopListening();
    slot.lane.reads.abandon(index);
    this.#slots[index] = null;
    // Reads that run to their end for nobody must not be found under a number used again.
    for (const [key, fetch] of this.#shared) if (fetch.source === index) this.#shared.delete(key);
    const isIdle = slot.lane.reads.size === 0;
    if (isIdle && this.#slots.every((other) => other?.lane !== slot.lane))
      this.#lanes.delete(slot.source.origin ?? slot.source);
  }

  /** The ticket waits for its range from now on, together with others that do. */
  join(open: OpenTicket, fresh: boolean): void {
    const known = fresh ? undefined : this.#shared.get(fetchKey(open.ticket));
    if (known) {
      open.fetch = known;
      known.tickets.push(open);
      this.#counters.shared++;
      this.#rerank(known);
      return;
    }
    const { lane } = this.#slots[open.ticket.source]!;
    const fetch = createFetch(open, lane, fresh, this.#clock.now());
    open.fetch = fetch;
    if (!fresh) this.#shared.set(fetch.key, fetch);
    lane.queue.add(fetch);
    if (lane.queue.size > this.#settings.maxQueued) this.#dropLeast(lane);
    this.#pumpSoon();
  }

  /** The ticket no longer wants its bytes. Free while nothing is read for it. */
  leave(open: OpenTicket): void {
    const fetch = open.fetch;
    if (!fetch) return;
    open.fetch = null;
    const { tickets, lane } = fetch;
    if (fetch.state === 'queued') lane.queue.remove(fetch);
    tickets.splice(tickets.indexOf(open), 1);
    if (tickets.length > 0) {
      rankFetch(fetch);
      if (fetch.state === 'queued') lane.queue.add(fetch);
      return;
    }
    // A read that goes on for nobody can still be joined by whoever wants the range again.
    if (fetch.state === 'reading') lane.reads.forget(fetch);
    else this.#finish(fetch);
  }

  /** The ticket's priority has changed. */
  update(open: OpenTicket): void {
    if (open.fetch) this.#rerank(open.fetch);
  }

  /** Begins what there is room for. */
  pump(): void {
    // A source may fail at once: its place is then refilled by the loop that is running already.
    if (this.#isPumping) return;
    this.#isPumping = true;
    const sourceOf = (fetch: Fetch): Source => this.#slots[fetch.source]!.source;
    for (const lane of this.#lanes.values())
      while (!this.#events.isClogged() && lane.startNext(sourceOf));
    this.#isPumping = false;
    this.#events.onIdle();
  }

  /** Aborts all reads. All tickets have left. */
  dispose(): void {
    for (const slot of this.#slots) slot?.stopListening();
    for (const lane of this.#lanes.values()) lane.reads.dispose();
    this.#shared.clear();
  }

  /** In the next microtask, so that all tickets of a frame compete. */
  #pumpSoon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    queueMicrotask(() => {
      this.#isPumpDue = false;
      this.pump();
    });
  }

  #makeLane(): Lane {
    const counters = this.#counters;
    return new Lane(this.#clock, this.#settings, {
      onStart: (_, fetches) => this.#onStart(fetches),
      onLinkBytes: (lane, count) => {
        counters.fetchedBytes += count;
        this.#link = lane.link;
      },
      onFetched: (fetch, bytes, fetchMs) => this.#onFetched(fetch, bytes, fetchMs),
      onReport: (lane, read, report) => {
        counters.cachedBytes += report.cachedBytes;
        if (report.cachedBytes > 0) counters.cacheHits++;
        // What a cache had says nothing of the source behind it.
        if (report.linkBytes > 0) this.#onAvailable(lane, read.source);
      },
      onError: (fetches, error, fetchMs) => {
        for (const fetch of fetches) this.#onFailed(fetch, error, fetchMs);
      },
      onEnd: () => this.pump(),
    });
  }

  #onStart(fetches: Fetch[]): void {
    const counters = this.#counters;
    const nowMs = this.#clock.now();
    counters.requests++;
    for (const { tickets, queuedAtMs } of fetches) {
      counters.requestedTickets += tickets.length;
      counters.dispatchMicroseconds.record((nowMs - queuedAtMs) * 1000);
    }
  }

  #onFetched(fetch: Fetch, bytes: Bytes, fetchMs: number): void {
    const { tickets } = fetch;
    this.#finish(fetch);
    this.#counters.fetchMs.record(fetchMs);
    tickets.forEach((open, i) => {
      open.fetch = null;
      // Whoever decodes takes the buffer away: tickets that share a fetch must not share it.
      this.#events.onBytes(open, i < tickets.length - 1 ? bytes.slice() : bytes, fetchMs);
    });
  }

  #onFailed(fetch: Fetch, error: StreamError, fetchMs: number): void {
    for (const open of fetch.tickets) {
      open.fetchMs = fetchMs;
      open.failures++;
    }
    const waitMs = fetch.tickets.length > 0 ? this.#decide(fetch, error) : GIVE_UP;
    if (waitMs === GIVE_UP) {
      this.#finish(fetch);
      if (error.code === ErrorCode.Cancelled) this.#counters.cancelled++;
      for (const open of fetch.tickets.splice(0)) {
        open.fetch = null;
        this.#events.onGivenUp(open, error);
      }
      return;
    }
    // One bad range must not spoil its neighbors again; a bad link spoils them all alike.
    fetch.isAlone ||= error.code === ErrorCode.ShortRead;
    fetch.state = 'waiting';
    this.#waiting.add(fetch);
    this.#counters.retries++;
    fetch.stopWaiting = this.#clock.after(waitMs, () => {
      this.#requeue(fetch);
      this.pump();
    });
  }

  #decide(fetch: Fetch, { code, message, retryAfterMs }: StreamError): number {
    const { lane } = fetch;
    if (code === ErrorCode.Unavailable) {
      const nowMs = this.#clock.now();
      if (lane.unavailableSinceMs < 0) {
        lane.unavailableSinceMs = nowMs;
        const source = this.#slots[fetch.source]?.source.name ?? '';
        this.#events.onAvailability({ isAvailable: false, source, message });
      }
      const leftMs = lane.unavailableSinceMs + this.#settings.unavailablePatienceMs - nowMs;
      if (leftMs <= 0) return GIVE_UP;
      // Refused is not tried: it costs nothing and counts as no attempt.
      return Math.min(leftMs, retryAfterMs + this.#random() * this.#settings.backoffBaseMs);
    }
    fetch.failures++;
    return decideRetry(code, fetch.failures, retryAfterMs, this.#settings, this.#random);
  }

  #requeue(fetch: Fetch): void {
    this.#stopWaiting(fetch);
    fetch.state = 'queued';
    fetch.queuedAtMs = this.#clock.now();
    fetch.lane.queue.add(fetch);
  }

  #stopWaiting(fetch: Fetch): void {
    fetch.stopWaiting();
    this.#waiting.delete(fetch);
  }

  /** The source may be asked again: nothing waits any longer. */
  #wake(lane: Lane, source: Source): void {
    this.#onAvailable(lane, source.name);
    for (const fetch of [...this.#waiting]) if (fetch.lane === lane) this.#requeue(fetch);
    this.pump();
  }

  #onAvailable(lane: Lane, source: string): void {
    if (lane.unavailableSinceMs < 0) return;
    lane.unavailableSinceMs = -1;
    this.#events.onAvailability({ isAvailable: true, source, message: '' });
  }

  #rerank(fetch: Fetch): void {
    rankFetch(fetch);
    if (fetch.state === 'queued') fetch.lane.queue.update(fetch);
  }

  #dropLeast(lane: Lane): void {
    const least = lane.queue.leastWorthy();
    if (!least) return;
    lane.queue.remove(least);
    this.#finish(least);
    const what = `the queue is full (${this.#settings.maxQueued}) and this is worth least`;
    for (const open of least.tickets.splice(0)) {
      open.fetch = null;
      this.#events.onGivenUp(open, new StreamError(ErrorCode.Cancelled, what));
    }
  }

  #finish(fetch: Fetch): void {
    if (fetch.state === 'waiting') this.#stopWaiting(fetch);
    fetch.state = 'done';
    if (this.#shared.get(fetch.key) === fetch) this.#shared.delete(fetch.key);
  }
}
