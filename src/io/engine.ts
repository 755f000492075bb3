/**
 * The I/O engine: tickets in, completions out. Every ticket is fetched (`fetches.ts`), decoded
 * (`decode-stage.ts`) and ends as exactly one completion in the mailbox. Nothing it is asked to do
 * throws or rejects into a frame.
 */
import { assert, describe } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { ErrorCode, StreamError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { PayloadContent } from './content.ts';
import { DecodeStage } from './decode-stage.ts';
import type { DecodeResult, Decoder } from './decoder.ts';
import { checkIoOptions, type IoOptions } from './engine-options.ts';
import { type OpenTicket, rankable } from './fetch.ts';
import { type AvailabilityEvent, Fetches } from './fetches.ts';
import { IoCounters, type IoStats } from './io-stats.ts';
import type { LinkEstimate } from './link-meter.ts';
import type { Mailbox } from './mailbox.ts';
import type { Bytes, Source } from './source.ts';
import type { Ticket } from './ticket.ts';

/** Payload indices are heap places: a larger one is a mistake, and would cost its size in memory. */
const MAX_PAYLOAD = 2 ** 24;

export interface IoEngineSetup {
  /** Index in this list = `Ticket.source`. */
  sources: readonly Source[];
  /** Not owned: whoever made it disposes it. */
  decoder: Decoder;
  clock: Clock;
  random: Random;
  mailbox: Mailbox;
  options?: IoOptions;
  /** Told, outside any frame, when a source stops and starts to be available. */
  onAvailability?: (event: AvailabilityEvent) => void;
}

export interface IoEngine {
  /**
   * Takes a ticket; reading begins in the next microtask, so that all tickets of a frame compete.
   * Tickets of the same range share one read. Throws when the payload is already open or the source
   * unknown: mistakes of the caller.
   */
  submit(ticket: Ticket): void;
  /** Changes a ticket's place among those that wait for a read or for a decoder. */
  reprioritize(payload: number, priority: number, critical: boolean): void;
  /**
   * Withdraws a ticket: its completion (`Cancelled`) is in the mailbox when this returns. False when
   * the payload is not open.
   */
  cancel(payload: number): boolean;
  /** Whether the payload has been submitted and not completed. */
  has(payload: number): boolean;
  /** Whether its bytes are being read, or are here already. */
  isStarted(payload: number): boolean;
  /** Share of the payload's bytes that has not come yet, 0 to 1; 1 for one that is not open. */
  missingShareOf(payload: number): number;
  /** Returns the index of the source; those of removed sources are used again. */
  addSource(source: Source): number;
  /** Cancels all tickets of the source and forgets it. */
  removeSource(index: number): void;
  /** Ranges waiting for a read, or for their next attempt. */
  readonly queuedCount: number;
  /** Reads running. */
  readonly inFlightCount: number;
  /** Bytes of ranges that are read to their end though nobody wants them any more. */
  readonly unwantedBytes: number;
  /** Tickets not yet completed. */
  readonly pendingCount: number;
  /** Bytes read since the beginning, gaps and retries included. */
  readonly fetchedBytes: number;
  /** The link as measured; of several origins the one that last brought bytes. */
  readonly link: Readonly<LinkEstimate>;
  /**
   * Tickets that would keep the links busy for two latencies: whoever submits fewer at a time wastes
   * link time on a fast link that is far away. 0 until something has been fetched.
   */
  readonly wantedTickets: number;
  /** Figures of everything that happened so far; a new object each call. */
  stats(): IoStats;
  /** Resolves when every ticket is completed and no read is running. */
  settled(): Promise<void>;
  /** Cancels everything. The decoder is left alone. */
  dispose(): Promise<void>;
}

export function createIoEngine(setup: IoEngineSetup): IoEngine {
  return new Engine(setup);
}

class Engine implements IoEngine {
  readonly #decoder: Decoder;
  readonly #mailbox: Mailbox;
  readonly #open = new Map<number, OpenTicket>();
  readonly #counters = new IoCounters();
  readonly #fetches: Fetches;
  readonly #decoding: DecodeStage;
  #isDisposed = false;
  #settledWaiters: (() => void)[] = [];

  constructor({
    sources,
    decoder,
    clock,
    random,
    mailbox,
    options = {},
    onAvailability,
  }: IoEngineSetup) {
    const settings = checkIoOptions(options);
    this.#decoder = decoder;
    this.#mailbox = mailbox;
    this.#fetches = new Fetches({ clock, random }, settings, this.#counters, {
      onBytes: (open, bytes, fetchMs) => this.#onBytes(open, bytes, fetchMs),
      onGivenUp: (open, error) => this.#giveUp(open, error),
      isClogged: () => this.#decoding.isClogged,
      onIdle: () => this.#checkSettled(),
      onAvailability: (event) => onAvailability?.(event),
    });
    this.#decoding = new DecodeStage(
      decoder,
      settings,
      (open, result) => this.#onDecoded(open, result),
      () => this.#fetches.pump(),
    );
    for (const source of sources) this.#fetches.addSource(source);
  }

  get queuedCount(): number {
    return this.#fetches.queuedCount;
  }

  get inFlightCount(): number {
    return this.#fetches.inFlightCount;
  }

  get unwantedBytes(): number {
    return this.#fetches.unwantedBytes;
  }

  get pendingCount(): number {
    return this.#open.size;
  }

  get fetchedBytes(): number {
    return this.#counters.fetchedBytes;
  }

  get link(): Readonly<LinkEstimate> {
    return this.#fetches.link;
  }

  get wantedTickets(): number {
    return this.#fetches.wantedTickets;
  }

  stats(): IoStats {
    const now = {
      queued: this.queuedCount,
      inFlight: this.inFlightCount,
      concurrency: this.#fetches.concurrency,
      pending: this.pendingCount,
      undecodedBytes: this.#decoding.undecodedBytes,
      link: { ...this.link },
    };
    return this.#counters.snapshot(now, this.#decoder.stats);
  }

  submit(ticket: Ticket): void {
    this.#check(ticket);
    const open: OpenTicket = {
      ticket: { ...ticket, priority: rankable(ticket.priority) },
      fetch: null,
      state: 'fetching',
      failures: 0,
      hasRefetched: false,
      fetchedBytes: 0,
      fetchMs: 0,
      decodeMs: 0,
    };
    this.#open.set(ticket.payload, open);
    if (this.#isDisposed) this.#complete(open, ErrorCode.Cancelled, 'streaming is disposed', null);
    else this.#fetches.join(open, false);
  }

  reprioritize(payload: number, priority: number, critical: boolean): void {
    const open = this.#open.get(payload);
    if (!open) return;
    open.ticket.priority = rankable(priority);
    open.ticket.critical = critical;
    if (open.state === 'decoding') this.#decoding.reprioritize(open);
    else this.#fetches.update(open);
  }

  cancel(payload: number): boolean {
    const open = this.#open.get(payload);
    if (!open) return false;
    const { state } = open;
    this.#complete(open, ErrorCode.Cancelled, 'no longer wanted', null);
    if (state === 'decoding') this.#decoding.withdraw(open);
    else this.#fetches.leave(open);
    this.#checkSettled();
    return true;
  }

  has(payload: number): boolean {
    return this.#open.has(payload);
  }

  isStarted(payload: number): boolean {
    const open = this.#open.get(payload);
    return open !== undefined && (open.state !== 'fetching' || open.fetch?.state === 'reading');
  }

  missingShareOf(payload: number): number {
    const open = this.#open.get(payload);
    if (!open) return 1;
    return open.fetch ? open.fetch.lane.reads.missingShareOf(open.fetch) : 0;
  }

  addSource(source: Source): number {
    return this.#fetches.addSource(source);
  }

  removeSource(index: number): void {
    assert(this.#fetches.hasSource(index), `there is no source ${index} to remove`);
    for (const { ticket } of [...this.#open.values()])
      if (ticket.source === index) this.cancel(ticket.payload);
    this.#fetches.removeSource(index);
  }

  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#settledWaiters.push(resolve);
      this.#checkSettled();
    });
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    for (const payload of [...this.#open.keys()]) this.cancel(payload);
    this.#fetches.dispose();
    this.#checkSettled();
  }

  #check({ payload, label, source, start, end }: Ticket): void {
    assert(
      Number.isInteger(payload) && payload >= 0 && payload < MAX_PAYLOAD,
      `a ticket's payload must be an integer from 0 to ${MAX_PAYLOAD - 1}, got ${describe(payload)}`,
    );
    assert(!this.#open.has(payload), `payload ${payload} (${label}) is already open`);
    assert(this.#fetches.hasSource(source), `payload ${payload} names unknown source ${source}`);
    assert(
      Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end > start,
      `payload ${payload} asks for bytes ${start} to ${end}, expected integers, 0 <= start < end`,
    );
  }

  #onBytes(open: OpenTicket, bytes: Bytes, fetchMs: number): void {
    open.state = 'decoding';
    open.fetchMs = fetchMs;
    open.fetchedBytes += bytes.length;
    void this.#decoding.decode(open, bytes);
  }

  #onDecoded(open: OpenTicket, result: DecodeResult): void {
    const { code, message, content, decodeMs } = result;
    const { start, end } = open.ticket;
    open.decodeMs = decodeMs;
    if (code === ErrorCode.None) {
      this.#counters.usefulBytes += end - start;
      this.#complete(open, code, '', content);
    } else if (code === ErrorCode.Checksum && !open.hasRefetched) {
      open.hasRefetched = true;
      open.failures++;
      open.state = 'fetching';
      this.#counters.retries++;
      this.#fetches.join(open, true);
    } else {
      open.failures++;
      this.#giveUp(open, new StreamError(code, message));
    }
  }

  #giveUp(open: OpenTicket, { code, message }: StreamError): void {
    const attempts = open.failures > 1 ? ` (attempt ${open.failures}, the last)` : '';
    this.#complete(open, code, message + attempts, null);
  }

  #complete(
    open: OpenTicket,
    code: ErrorCode,
    message: string,
    content: PayloadContent | null,
  ): void {
    const { payload, epoch, label } = open.ticket;
    open.state = 'done';
    this.#open.delete(payload);
    this.#counters.complete(code);
    const isNamed = message === '' || message.startsWith(`${label}: `);
    this.#mailbox.push({
      payload,
      epoch,
      code,
      message: isNamed ? message : `${label}: ${message}`,
      content,
      fetchedBytes: open.fetchedBytes,
      fetchMs: open.fetchMs,
      decodeMs: open.decodeMs,
    });
  }

  #checkSettled(): void {
    if (this.#settledWaiters.length === 0 || this.#open.size > 0) return;
    if (this.#fetches.inFlightCount > 0) return;
    const waiters = this.#settledWaiters;
    this.#settledWaiters = [];
    for (const resolve of waiters) resolve();
  }
}
