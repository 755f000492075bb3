/**
 * The I/O engine: tickets in, completions out. Decides which range is read next, merges neighbors,
 * repeats what may come right, gives up on what does not, and hands bytes to the decoder. Places
 * are refilled at every completion, not at the next frame. Nothing it is asked to do throws or
 * rejects into a frame: every ticket ends as exactly one completion in the mailbox.
 */
import { assert, describe } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { ErrorCode, StreamError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { closeContent } from './codecs/transfer.ts';
import type { MeshContent } from './content.ts';
import type { DecodeResult, Decoder } from './decoder.ts';
import { checkIoOptions, type IoOptions } from './engine-options.ts';
import { createLinkMeter, type LinkEstimate } from './link-meter.ts';
import type { Mailbox } from './mailbox.ts';
import { type OpenTicket, TicketQueue } from './queue.ts';
import { Reads } from './reads.ts';
import { decideRetry, GIVE_UP } from './retry.ts';
import type { Bytes, Source } from './source.ts';
import type { Ticket } from './ticket.ts';

/** Reads merge up to this whatever the link: a request has a price of its own. */
const MERGE_FLOOR_BYTES = 128 * 1024;
/** Added to the priority of critical jobs, so that the decoder takes them first as well. */
const CRITICAL_BOOST = 1e12;
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
}

export interface IoEngine {
  /**
   * Takes a ticket; reading begins in the next microtask, so that all tickets of a frame compete.
   * Throws when the payload is already open or the source unknown: mistakes of the caller.
   */
  submit(ticket: Ticket): void;
  /** Changes a ticket's place in the queue; without effect once its read has begun. */
  reprioritize(payload: number, priority: number, critical: boolean): void;
  /**
   * Withdraws a ticket: its completion (`Cancelled`) is in the mailbox when this returns. False when
   * the payload is not open.
   */
  cancel(payload: number): boolean;
  /** Whether the payload has been submitted and not completed. */
  has(payload: number): boolean;
  /** Returns the index of the source; those of removed sources are used again. */
  addSource(source: Source): number;
  /** Cancels all tickets of the source and forgets it. */
  removeSource(index: number): void;
  /** Tickets waiting for a read, or for their next attempt. */
  readonly queuedCount: number;
  /** Reads running. */
  readonly inFlightCount: number;
  /** Tickets not yet completed. */
  readonly pendingCount: number;
  /** Bytes read since the beginning, gaps and retries included. */
  readonly fetchedBytes: number;
  /** The link as measured. */
  readonly link: Readonly<LinkEstimate>;
  /** Resolves when every ticket is completed and no read is running. */
  settled(): Promise<void>;
  /** Cancels everything. The decoder is left alone. */
  dispose(): Promise<void>;
}

export function createIoEngine(setup: IoEngineSetup): IoEngine {
  return new Engine(setup);
}

class Engine implements IoEngine {
  readonly #sources: (Source | null)[];
  readonly #decoder: Decoder;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #mailbox: Mailbox;
  readonly #settings: Required<IoOptions>;
  readonly #queue = new TicketQueue();
  readonly #open = new Map<number, OpenTicket>();
  readonly #reads: Reads;
  readonly #meter = createLinkMeter();
  #waitingCount = 0;
  #decodingCount = 0;
  #undecodedBytes = 0;
  #fetchedBytes = 0;
  #isPumpDue = false;
  #isPumping = false;
  #isDisposed = false;
  #settledWaiters: (() => void)[] = [];

  constructor({ sources, decoder, clock, random, mailbox, options = {} }: IoEngineSetup) {
    this.#sources = [...sources];
    this.#decoder = decoder;
    this.#clock = clock;
    this.#random = random;
    this.#mailbox = mailbox;
    this.#settings = checkIoOptions(options);
    this.#reads = new Reads(clock, this.#settings, {
      onBytes: (members, bytes, start, fetchMs, width) => {
        this.#measure(bytes.length, fetchMs, width);
        this.#onBytes(members, bytes, start, fetchMs);
      },
      onError: (members, error, fetchMs) => {
        for (const open of members) {
          open.fetchMs = fetchMs;
          this.#fail(open, error);
        }
      },
      onEnd: () => this.#pump(),
    });
  }

  get queuedCount(): number {
    return this.#queue.size + this.#waitingCount;
  }

  get inFlightCount(): number {
    return this.#reads.size;
  }

  get pendingCount(): number {
    return this.#open.size;
  }

  get fetchedBytes(): number {
    return this.#fetchedBytes;
  }

  get link(): Readonly<LinkEstimate> {
    return this.#meter.estimate;
  }

  submit(ticket: Ticket): void {
    const { payload, label, start, end } = ticket;
    assert(
      Number.isInteger(payload) && payload >= 0 && payload < MAX_PAYLOAD,
      `a ticket's payload must be an integer from 0 to ${MAX_PAYLOAD - 1}, got ${describe(payload)}`,
    );
    assert(!this.#open.has(payload), `payload ${payload} (${label}) is already open`);
    assert(
      this.#sources[ticket.source],
      `payload ${payload} names unknown source ${ticket.source}`,
    );
    assert(
      Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end > start,
      `payload ${payload} asks for bytes ${start} to ${end}, expected integers, 0 <= start < end`,
    );
    const open: OpenTicket = {
      ticket: { ...ticket, priority: rankable(ticket.priority) },
      state: 'queued',
      failures: 0,
      hasRefetched: false,
      fetchedBytes: 0,
      fetchMs: 0,
      decodeMs: 0,
      stopWaiting: () => undefined,
    };
    this.#open.set(payload, open);
    if (this.#isDisposed) {
      this.#complete(open, ErrorCode.Cancelled, 'streaming is disposed', null);
      return;
    }
    this.#queue.add(open);
    this.#pumpSoon();
  }

  reprioritize(payload: number, priority: number, critical: boolean): void {
    const open = this.#open.get(payload);
    if (!open) return;
    open.ticket.priority = rankable(priority);
    open.ticket.critical = critical;
    if (open.state === 'queued') this.#queue.update(open);
  }

  cancel(payload: number): boolean {
    const open = this.#open.get(payload);
    if (!open) return false;
    const { state } = open;
    if (state === 'queued') this.#queue.remove(open);
    if (state === 'waiting') this.#stopWaiting(open);
    this.#complete(open, ErrorCode.Cancelled, 'no longer wanted', null);
    if (state === 'fetching') this.#reads.forget(open);
    if (state === 'decoding') this.#decoder.cancel(payload);
    this.#checkSettled();
    return true;
  }

  has(payload: number): boolean {
    return this.#open.has(payload);
  }

  addSource(source: Source): number {
    const free = this.#sources.indexOf(null);
    if (free < 0) return this.#sources.push(source) - 1;
    this.#sources[free] = source;
    return free;
  }

  removeSource(index: number): void {
    assert(this.#sources[index], `there is no source ${index} to remove`);
    for (const { ticket } of [...this.#open.values()])
      if (ticket.source === index) this.cancel(ticket.payload);
    this.#sources[index] = null;
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
    this.#reads.dispose();
    this.#checkSettled();
  }

  #pumpSoon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    queueMicrotask(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    // A source may fail at once: its place is then refilled by the loop that is running already.
    if (this.#isPumping) return;
    this.#isPumping = true;
    const { maxInFlight, mergeGapBytes } = this.#settings;
    while (this.#queue.size > 0 && this.#reads.size < maxInFlight && !this.#isClogged()) {
      const members = this.#queue.take({ mergeGapBytes, mergeMaxBytes: this.#mergeMaxBytes() });
      for (const open of members) open.state = 'fetching';
      this.#reads.start(this.#sources[members[0]!.ticket.source]!, members);
    }
    this.#isPumping = false;
    this.#checkSettled();
  }

  /** Backpressure: what has been fetched must be decoded before more is fetched. */
  #isClogged(): boolean {
    if (this.#decodingCount === 0) return false;
    const { maxPendingDecodes, maxUndecodedBytes } = this.#settings;
    return (
      this.#decoder.pendingCount >= maxPendingDecodes || this.#undecodedBytes >= maxUndecodedBytes
    );
  }

  /** On a slow link a long read would hold its place for too long. */
  #mergeMaxBytes(): number {
    const { mergeMaxBytes, mergeSeconds } = this.#settings;
    const carried = this.link.bandwidthBytesPerSecond * mergeSeconds;
    return Math.min(mergeMaxBytes, Math.max(MERGE_FLOOR_BYTES, carried));
  }

  #measure(bytes: number, fetchMs: number, width: number): void {
    const nowMs = this.#clock.now();
    this.#meter.record(nowMs - fetchMs, nowMs, bytes, width);
    this.#fetchedBytes += bytes;
  }

  #onBytes(members: OpenTicket[], bytes: Bytes, start: number, fetchMs: number): void {
    for (const open of members) {
      const { ticket } = open;
      const size = ticket.end - ticket.start;
      const from = ticket.start - start;
      open.fetchMs = fetchMs;
      open.fetchedBytes += size;
      // The decoder takes the buffer away: members of one read must not share it.
      const isSole = members.length === 1 && size === bytes.length;
      const own = isSole ? bytes : bytes.slice(from, from + size);
      void this.#decode(open, own);
    }
  }

  async #decode(open: OpenTicket, bytes: Bytes): Promise<void> {
    const { payload, kind, checksum, decodedBytes, label, critical, priority } = open.ticket;
    open.state = 'decoding';
    this.#decodingCount++;
    this.#undecodedBytes += bytes.length;
    const size = bytes.length;
    let result: DecodeResult;
    try {
      result = await this.#decoder.decode({
        payload,
        kind,
        bytes,
        checksum,
        decodedBytes,
        priority: critical ? priority + CRITICAL_BOOST : priority,
        label,
      });
    } catch (error) {
      const message = `the decoder failed (${error instanceof Error ? error.message : error})`;
      result = { code: ErrorCode.Decode, message, content: null, decodeMs: 0 };
    }
    this.#decodingCount--;
    this.#undecodedBytes -= size;
    if (open.state === 'decoding') this.#onDecoded(open, result);
    else closeContent(result.content);
    this.#pump();
  }

  #onDecoded(open: OpenTicket, result: DecodeResult): void {
    open.decodeMs = result.decodeMs;
    if (result.code === ErrorCode.None) this.#complete(open, result.code, '', result.content);
    else this.#fail(open, new StreamError(result.code, result.message));
  }

  #fail(open: OpenTicket, error: StreamError): void {
    open.failures++;
    const { code, retryAfterMs } = error;
    const waitMs = decideRetry(code, open, retryAfterMs, this.#settings, this.#random);
    if (code === ErrorCode.Checksum) open.hasRefetched = true;
    if (waitMs === GIVE_UP) {
      const attempts = open.failures > 1 ? ` (attempt ${open.failures}, the last)` : '';
      this.#complete(open, code, error.message + attempts, null);
      return;
    }
    open.state = 'waiting';
    this.#waitingCount++;
    const stop = this.#clock.after(waitMs, () => {
      this.#stopWaiting(open);
      open.state = 'queued';
      this.#queue.add(open);
      this.#pump();
    });
    open.stopWaiting = stop;
  }

  #stopWaiting(open: OpenTicket): void {
    open.stopWaiting();
    this.#waitingCount--;
  }

  #complete(open: OpenTicket, code: ErrorCode, message: string, content: MeshContent | null): void {
    const { payload, epoch, label } = open.ticket;
    open.state = 'done';
    this.#open.delete(payload);
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
    if (this.#settledWaiters.length === 0 || this.#open.size > 0 || this.#reads.size > 0) return;
    const waiters = this.#settledWaiters;
    this.#settledWaiters = [];
    for (const resolve of waiters) resolve();
  }
}

/** A priority that can be compared with every other. */
function rankable(priority: number): number {
  if (Number.isNaN(priority)) return -Number.MAX_VALUE;
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, priority));
}
