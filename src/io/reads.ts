/**
 * Reads in flight. One read may serve several fetches; each is delivered as soon as its own bytes
 * are there and ends exactly once, whatever the source does: with bytes, with an error, or by a
 * timeout of its own.
 */
import type { Clock } from '../base/clock.ts';
import { ErrorCode, StreamError } from '../base/errors.ts';
import type { Fetch } from './fetch.ts';
import { readParts } from './parts.ts';
import type { Bytes, ReadReport, ReadSink, Source } from './source.ts';
import { toStreamError } from './sources/read-error.ts';

/** How long an aborted read may take to say so before its place is given away. */
const ABORT_GRACE_MS = 1000;

export interface ReadSettings {
  stallTimeoutMs: number;
  slowestBytesPerSecond: number;
}

export interface ReadEvents {
  /** Bytes still to come from which on an abort pays. */
  abortBytes(): number;
  /**
   * More bytes have come over the link. `isFirst`: the first of this read. `isAlone`: no other read
   * was in the middle of its bytes.
   */
  onBytes(read: Read, count: number, isFirst: boolean, isAlone: boolean): void;
  /** The fetch has its bytes, though perhaps nobody wants them any more. */
  onFetched(fetch: Fetch, bytes: Bytes, fetchMs: number): void;
  /** The read ended well; all its fetches were delivered. */
  onReport(read: Read, report: ReadReport, elapsedMs: number): void;
  /** The read failed; these fetches are without bytes. */
  onError(fetches: Fetch[], error: StreamError, fetchMs: number): void;
  /** A read has ended and its place is free. Called after the others. */
  onEnd(read: Read): void;
}

export interface Read {
  /** Name of the source. */
  readonly source: string;
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly startMs: number;
  readonly critical: boolean;
  /** Reads running when this one began, itself included. */
  readonly width: number;
  /** In the order of their parts; null once delivered or withdrawn. */
  readonly fetches: (Fetch | null)[];
  /** Fetches not yet delivered, wanted or not. */
  openCount: number;
  /** Bytes that have come, gaps included. */
  received: number;
  /** Milliseconds to the first byte as seen here; 0 until then, and when all came at once. */
  firstByteMs: number;
  lastMs: number;
}

interface Running extends Read {
  readonly sourceIndex: number;
  controller: AbortController;
  stopTimer: () => void;
}

export class Reads {
  readonly #clock: Clock;
  readonly #settings: ReadSettings;
  readonly #events: ReadEvents;
  readonly #reads = new Set<Running>();
  readonly #readOf = new Map<Fetch, Running>();
  #criticalCount = 0;

  constructor(clock: Clock, settings: ReadSettings, events: ReadEvents) {
    this.#clock = clock;
    this.#settings = settings;
    this.#events = events;
  }

  get size(): number {
    return this.#reads.size;
  }

  /** Bytes of what nobody wants any more and that is still to be delivered. */
  get unwantedBytes(): number {
    let bytes = 0;
    for (const { fetches } of this.#reads)
      for (const fetch of fetches)
        if (fetch !== null && fetch.tickets.length === 0) bytes += fetch.end - fetch.start;
    return bytes;
  }

  /** Share of a fetch's bytes that has not come yet; 1 before its read has begun. */
  missingShareOf(fetch: Fetch): number {
    const read = this.#readOf.get(fetch);
    if (!read) return 1;
    const missing = fetch.end - Math.max(fetch.start, read.start + read.received);
    return Math.max(0, missing) / (fetch.end - fetch.start);
  }

  get criticalCount(): number {
    return this.#criticalCount;
  }

  /** Reads the span of all fetches, which are in order of their first bytes. */
  start(source: Source, fetches: Fetch[]): void {
    const { file, start, critical, fresh } = fetches[0]!;
    const nowMs = this.#clock.now();
    const read: Running = {
      source: source.name,
      sourceIndex: fetches[0]!.source,
      file,
      start,
      end: fetches.reduce((most, fetch) => Math.max(most, fetch.end), start),
      startMs: nowMs,
      critical,
      width: this.#reads.size + 1,
      fetches,
      openCount: fetches.length,
      received: 0,
      firstByteMs: 0,
      lastMs: nowMs,
      controller: new AbortController(),
      stopTimer: () => undefined,
    };
    this.#reads.add(read);
    if (critical) this.#criticalCount++;
    for (const fetch of fetches) this.#readOf.set(fetch, read);
    this.#watch(read);
    void this.#run(source, read, fresh);
  }

  /** Nobody wants the fetch any more. Aborts its read when nothing else is wanted and it pays. */
  forget(fetch: Fetch): void {
    const read = this.#readOf.get(fetch);
    if (read) this.#abortIfIdle(read);
  }

  /** Aborts what is read from a source of which nobody wants anything any more. */
  abandon(source: number): void {
    for (const read of [...this.#reads])
      if (read.sourceIndex === source) {
        this.#fail(read, aborted(read));
        this.#abort(read);
      }
  }

  /** Aborts everything and waits for nothing; no event follows. */
  dispose(): void {
    for (const read of this.#reads) {
      read.stopTimer();
      read.controller.abort();
    }
    this.#reads.clear();
    this.#readOf.clear();
    this.#criticalCount = 0;
  }

  async #run(source: Source, read: Running, fresh: boolean): Promise<void> {
    const { file, controller } = read;
    const parts = read.fetches.map((fetch) => ({ start: fetch!.start, end: fetch!.end }));
    const sink: ReadSink = {
      onBytes: (count) => this.#onBytes(read, count),
      onPart: (index, bytes) => this.#onPart(read, index, bytes),
    };
    try {
      const options = { signal: controller.signal, fresh };
      const report = await readParts(source, file, parts, sink, options);
      if (read.openCount > 0 && this.#reads.has(read))
        throw new StreamError(
          ErrorCode.ShortRead,
          `${source.name} left out ${read.openCount} of ${parts.length} parts of ${file}`,
        );
      this.#end(read, (elapsedMs) => {
        const unseen = report.linkBytes - read.received;
        if (unseen > 0)
          this.#events.onBytes(read, unseen, read.received === 0, this.#isAlone(read));
        this.#events.onReport(read, report, elapsedMs);
      });
    } catch (error) {
      this.#end(read, () => this.#fail(read, toStreamError(source, error)));
    }
  }

  #onBytes(read: Running, count: number): void {
    if (!this.#reads.has(read)) return;
    const isFirst = read.received === 0;
    read.received += count;
    read.lastMs = this.#clock.now();
    if (isFirst && count < read.end - read.start) read.firstByteMs = read.lastMs - read.startMs;
    this.#events.onBytes(read, count, isFirst, isFirst && this.#isAlone(read));
  }

  /** When the oldest of the running reads began. */
  get oldestStartMs(): number {
    let oldest = this.#clock.now();
    for (const { startMs } of this.#reads) oldest = Math.min(oldest, startMs);
    return oldest;
  }

  #isAlone(read: Running): boolean {
    for (const other of this.#reads)
      if (other !== read && other.received > 0 && other.received < other.end - other.start)
        return false;
    return true;
  }

  #onPart(read: Running, index: number, bytes: Bytes): void {
    const fetch = read.fetches[index];
    if (!fetch || !this.#reads.has(read)) return;
    read.lastMs = this.#clock.now();
    this.#drop(read, index, fetch);
    if (read.openCount > 0) this.#abortIfIdle(read);
    this.#events.onFetched(fetch, bytes, read.lastMs - read.startMs);
  }

  #drop(read: Running, index: number, fetch: Fetch): void {
    read.fetches[index] = null;
    read.openCount--;
    this.#readOf.delete(fetch);
  }

  #abortIfIdle(read: Running): void {
    const isWanted = read.fetches.some((fetch) => fetch !== null && fetch.tickets.length > 0);
    if (isWanted || read.end - read.start - read.received <= this.#events.abortBytes()) return;
    // At once: nobody must join what will not come.
    this.#fail(read, aborted(read));
    this.#abort(read);
  }

  /** Silence ends a read. Each failed attempt doubles the patience: the link may be slower. */
  #watch(read: Running): void {
    const { stallTimeoutMs, slowestBytesPerSecond } = this.#settings;
    const patience = 2 ** Math.max(...read.fetches.map((fetch) => fetch?.failures ?? 0));
    const allowedMs = (): number => {
      // A source that shows no progress is given the time that the slowest link would take.
      const slowestMs = ((read.end - read.start) / slowestBytesPerSecond) * 1000;
      return (stallTimeoutMs + (read.received > 0 ? 0 : slowestMs)) * patience;
    };
    const check = (): void => {
      const leftMs = read.lastMs + allowedMs() - this.#clock.now();
      if (leftMs > 0) read.stopTimer = this.#clock.after(leftMs, check);
      else this.#expire(read, allowedMs());
    };
    read.stopTimer = this.#clock.after(allowedMs(), check);
  }

  #expire(read: Running, timeoutMs: number): void {
    const what = `bytes ${read.start} to ${read.end} of ${read.file}`;
    const seen = read.received > 0 ? `only ${read.received} bytes came, then nothing` : 'no answer';
    const message = `${what}: ${seen} within ${Math.round(timeoutMs)} ms`;
    this.#fail(read, new StreamError(ErrorCode.Timeout, message));
    this.#abort(read);
  }

  #abort(read: Running): void {
    read.stopTimer();
    read.stopTimer = this.#clock.after(ABORT_GRACE_MS, () => this.#end(read, () => undefined));
    read.controller.abort();
  }

  #fail(read: Running, error: StreamError): void {
    const left = read.fetches.filter((fetch) => fetch !== null);
    for (const [index, fetch] of read.fetches.entries()) if (fetch) this.#drop(read, index, fetch);
    if (left.length > 0) this.#events.onError(left, error, this.#clock.now() - read.startMs);
  }

  #end(read: Running, tell: (elapsedMs: number) => void): void {
    if (!this.#reads.has(read)) return;
    read.stopTimer();
    tell(this.#clock.now() - read.startMs);
    this.#reads.delete(read);
    if (read.critical) this.#criticalCount--;
    this.#events.onEnd(read);
  }
}

function aborted({ file, start, end }: Read): StreamError {
  return new StreamError(ErrorCode.Cancelled, `bytes ${start} to ${end} of ${file}: aborted`);
}
