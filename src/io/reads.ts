/**
 * Reads in flight. One read may serve several tickets; each ends exactly once, whatever the source
 * does: with bytes, with an error, or by a timeout of its own.
 */
import type { Clock } from '../base/clock.ts';
import { ErrorCode, StreamError } from '../base/errors.ts';
import type { OpenTicket } from './queue.ts';
import type { Bytes, Source } from './source.ts';

/** How long an aborted read may take to say so before its place is given away. */
const ABORT_GRACE_MS = 1000;

export interface ReadSettings {
  stallTimeoutMs: number;
  slowestBytesPerSecond: number;
  abortBytes: number;
}

export interface ReadEvents {
  /**
   * The read brought its bytes; `bytes` begin at byte `start` of the file. `width`: the most
   * reads that ran beside it, itself included, as far as its two ends show.
   */
  onBytes(members: OpenTicket[], bytes: Bytes, start: number, fetchMs: number, width: number): void;
  /** The read failed. Members that were cancelled are not among `members`. */
  onError(members: OpenTicket[], error: StreamError, fetchMs: number): void;
  /** A read has ended and its place is free. Called after the others. */
  onEnd(): void;
}

interface Read {
  members: OpenTicket[];
  file: string;
  start: number;
  end: number;
  startMs: number;
  /** Reads running when this one began, itself included. */
  width: number;
  controller: AbortController;
  stopTimer: () => void;
}

export class Reads {
  readonly #clock: Clock;
  readonly #settings: ReadSettings;
  readonly #events: ReadEvents;
  readonly #reads = new Set<Read>();
  readonly #readOf = new Map<OpenTicket, Read>();

  constructor(clock: Clock, settings: ReadSettings, events: ReadEvents) {
    this.#clock = clock;
    this.#settings = settings;
    this.#events = events;
  }

  get size(): number {
    return this.#reads.size;
  }

  /** Reads the span of all members at once. */
  start(source: Source, members: OpenTicket[]): void {
    const { file } = members[0]!.ticket;
    const read: Read = {
      members,
      file,
      start: Math.min(...members.map(({ ticket }) => ticket.start)),
      end: Math.max(...members.map(({ ticket }) => ticket.end)),
      startMs: this.#clock.now(),
      width: this.#reads.size + 1,
      controller: new AbortController(),
      stopTimer: () => undefined,
    };
    this.#reads.add(read);
    for (const open of members) this.#readOf.set(open, read);
    // Each failed attempt doubles the patience: a link may be slower than anybody thought.
    const patience = 2 ** Math.max(...members.map(({ failures }) => failures));
    const slowestMs = ((read.end - read.start) / this.#settings.slowestBytesPerSecond) * 1000;
    const timeoutMs = (this.#settings.stallTimeoutMs + slowestMs) * patience;
    read.stopTimer = this.#clock.after(timeoutMs, () => this.#expire(read, timeoutMs));
    void this.#run(source, read);
  }

  /** A member does not want its bytes any more. Aborts the read if that is worth it. */
  forget(open: OpenTicket): void {
    const read = this.#readOf.get(open);
    if (!read) return;
    this.#readOf.delete(open);
    read.members = read.members.filter((member) => member !== open);
    if (read.members.length === 0 && read.end - read.start > this.#settings.abortBytes)
      this.#abort(read);
  }

  /** Aborts everything and waits for nothing; no event follows. */
  dispose(): void {
    for (const read of this.#reads) {
      read.stopTimer();
      read.controller.abort();
    }
    this.#reads.clear();
    this.#readOf.clear();
  }

  async #run(source: Source, read: Read): Promise<void> {
    const { file, start, end, controller } = read;
    try {
      const bytes = await source.read(file, start, end, controller.signal);
      if (bytes.length !== end - start)
        throw new StreamError(
          ErrorCode.ShortRead,
          `${source.name} returned ${bytes.length} bytes of ${file}, expected ${end - start}`,
        );
      this.#end(read, (fetchMs) => {
        const members = this.#release(read);
        const width = Math.max(read.width, this.#reads.size + 1);
        this.#events.onBytes(members, bytes, start, fetchMs, width);
      });
    } catch (error) {
      this.#end(read, (fetchMs) => this.#fail(read, toStreamError(source, error), fetchMs));
    }
  }

  #expire(read: Read, timeoutMs: number): void {
    const what = `bytes ${read.start} to ${read.end} of ${read.file}`;
    const message = `no answer for ${what} within ${Math.round(timeoutMs)} ms`;
    this.#fail(read, new StreamError(ErrorCode.Timeout, message), timeoutMs);
    this.#abort(read);
  }

  #abort(read: Read): void {
    read.stopTimer();
    read.stopTimer = this.#clock.after(ABORT_GRACE_MS, () => this.#end(read, () => undefined));
    read.controller.abort();
  }

  #fail(read: Read, error: StreamError, fetchMs: number): void {
    const members = this.#release(read);
    if (members.length > 0) this.#events.onError(members, error, fetchMs);
  }

  /** Members that still want the outcome. From here on the read has none. */
  #release(read: Read): OpenTicket[] {
    const { members } = read;
    read.members = [];
    for (const open of members) this.#readOf.delete(open);
    return members;
  }

  #end(read: Read, tell: (fetchMs: number) => void): void {
    if (!this.#reads.delete(read)) return;
    read.stopTimer();
    tell(this.#clock.now() - read.startMs);
    this.#events.onEnd();
  }
}

/** Sources should reject with nothing else; one that does not is taken for a broken connection. */
function toStreamError(source: Source, error: unknown): StreamError {
  if (error instanceof StreamError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new StreamError(ErrorCode.Network, `${source.name} failed (${reason})`);
}
