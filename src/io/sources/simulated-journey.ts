/** One read on a simulated link, from the request to its last byte or to what ends it before. */
import type { Clock } from '../../base/clock.ts';
import { ErrorCode, StreamError } from '../../base/errors.ts';
import type { PartCutter } from '../parts.ts';
import type { Bytes, Part, ReadReport } from '../source.ts';
import type { Connectivity } from './connectivity.ts';
import { cancelledRead } from './read-error.ts';
import type { Fate, FaultCounts } from './simulated-faults.ts';
import type { Flow, Pipe } from './simulated-pipe.ts';

export interface JourneySetup {
  file: string;
  parts: readonly Part[];
  cutter: PartCutter;
  /** The bytes of the span, from where they really are. */
  bytes: Promise<Bytes>;
  fate: Fate;
  isChanged: boolean;
  signal: AbortSignal | undefined;
  clock: Clock;
  pipe: Pipe;
  connectivity: Connectivity;
  counts: FaultCounts;
  latencyMs: number;
  retryAfterMs: number;
  connectTimeoutMs: number | undefined;
  stallTimeoutMs: number | undefined;
}

/** Resolves with the cost, or rejects with what happened; parts go to the cutter as they come. */
export function travel(setup: JourneySetup): Promise<ReadReport> {
  return new Promise((resolve, reject) => {
    new Journey(setup, resolve, reject).begin();
  });
}

class Journey {
  readonly #setup: JourneySetup;
  readonly #resolve: (report: ReadReport) => void;
  readonly #reject: (error: unknown) => void;
  readonly #startMs: number;
  readonly #size: number;
  readonly #flow: Flow;
  #bytes: Bytes | null = null;
  /** Bytes of the span that have come, and that have been handed on. */
  #arrived = 0;
  #pushed = 0;
  #firstByteMs = 0;
  #isOver = false;
  #stops: (() => void)[] = [];

  constructor(
    setup: JourneySetup,
    resolve: (report: ReadReport) => void,
    reject: (error: unknown) => void,
  ) {
    this.#setup = setup;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#startMs = setup.clock.now();
    this.#size = setup.cutter.end - setup.cutter.start;
    this.#flow = this.#makeFlow();
  }

  begin(): void {
    const { file, signal, clock, connectivity, bytes, fate, latencyMs, connectTimeoutMs } =
      this.#setup;
    bytes.then(
      (read) => this.#onBytes(read),
      (error: unknown) => this.#end(() => this.#reject(error)),
    );
    if (signal?.aborted) {
      this.#fail(cancelledRead(file));
      return;
    }
    const abort = (): void => this.#fail(cancelledRead(file));
    signal?.addEventListener('abort', abort, { once: true });
    this.#stops.push(
      () => signal?.removeEventListener('abort', abort),
      connectivity.onChange(() => {
        if (connectivity.isOnline() || this.#isOver) return;
        this.#setup.counts.outage++;
        this.#fail(new StreamError(ErrorCode.Network, `the network went while reading ${file}`));
      }),
    );
    if (fate.fault !== 'connectStall')
      this.#stops.push(clock.after(latencyMs, () => this.#onHead()));
    else if (connectTimeoutMs !== undefined)
      this.#after(
        connectTimeoutMs,
        ErrorCode.Timeout,
        `did not answer within ${connectTimeoutMs} ms`,
      );
  }

  /** The head of the answer is there. */
  #onHead(): void {
    const { fate, pipe, retryAfterMs, cutter } = this.#setup;
    if (fate.fault === 'failure') this.#hit(ErrorCode.Network, 'failed');
    else if (fate.fault === 'serverError')
      this.#hit(ErrorCode.Server, 'answered HTTP 503', retryAfterMs);
    else if (fate.fault === 'notFound') this.#hit(ErrorCode.NotFound, 'answered HTTP 404');
    else if (fate.fault === 'wrongRange')
      this.#hit(
        ErrorCode.ShortRead,
        `answered with another range than ${cutter.start}-${cutter.end - 1}`,
      );
    else {
      this.#stops.push(() => pipe.remove(this.#flow));
      pipe.add(this.#flow);
    }
  }

  /** Bytes before the span that come along. */
  get #before(): number {
    return this.#setup.fate.fault === 'wholeFile' ? this.#setup.cutter.start : 0;
  }

  #makeFlow(): Flow {
    const { file, parts, cutter, fate } = this.#setup;
    const isCut = fate.fault === 'shortRead' || fate.fault === 'reset' || fate.fault === 'stall';
    const limit = isCut ? Math.floor(this.#size * fate.where) : this.#size;
    const ends = parts.map(({ end }) => end - cutter.start).filter((end) => end < limit);
    const before = this.#before;
    const packets = packetEnds(limit);
    const milestones = [...new Set([...packets, ...ends, limit])]
      .sort((a, b) => a - b)
      .map((end) => end + before);
    return {
      file,
      start: cutter.start - before,
      milestones,
      onStart: () => {
        this.#firstByteMs = this.#setup.clock.now() - this.#startMs;
      },
      onProgress: (bytes) => {
        this.#arrived = bytes - before;
        this.#deliver();
        if (isCut && this.#arrived === limit) this.#breakOff();
      },
    };
  }

  #breakOff(): void {
    const { fate, stallTimeoutMs } = this.#setup;
    const seen = `${this.#arrived} bytes, expected ${this.#size}`;
    if (fate.fault === 'shortRead') this.#hit(ErrorCode.ShortRead, `was short: ${seen}`);
    else if (fate.fault === 'reset') this.#hit(ErrorCode.Network, `broke off after ${seen}`);
    else if (stallTimeoutMs !== undefined)
      this.#after(stallTimeoutMs, ErrorCode.Timeout, `stalled after ${seen}`);
  }

  #onBytes(bytes: Bytes): void {
    const { fate, isChanged, counts, parts, cutter } = this.#setup;
    if (this.#isOver) return;
    this.#bytes = bytes;
    if (isChanged) {
      counts.changed++;
      for (const { start } of parts) bytes[start - cutter.start]! ^= 0x55;
    } else if (fate.fault === 'corrupt') {
      counts.corrupt++;
      flipBit(bytes, parts, cutter.start, fate.where);
    }
    this.#deliver();
  }

  #deliver(): void {
    if (!this.#bytes || this.#isOver) return;
    const { cutter, fate, counts } = this.#setup;
    if (this.#pushed < this.#arrived) {
      cutter.push(this.#bytes.subarray(this.#pushed, this.#arrived));
      this.#pushed = this.#arrived;
    }
    if (this.#arrived < this.#size) return;
    if (fate.fault === 'wholeFile') counts.wholeFile++;
    const linkBytes = this.#size + this.#before;
    const report = { linkBytes, cachedBytes: 0, firstByteMs: this.#firstByteMs };
    this.#end(() => this.#resolve(report));
  }

  /** The fault that was drawn takes effect. */
  #hit(code: ErrorCode, what: string, retryAfterMs = 0): void {
    if (this.#isOver) return;
    this.#setup.counts[this.#setup.fate.fault!]++;
    this.#fail(
      new StreamError(code, `simulated: the read of ${this.#setup.file} ${what}`, retryAfterMs),
    );
  }

  #after(delayMs: number, code: ErrorCode, what: string): void {
    this.#stops.push(this.#setup.clock.after(delayMs, () => this.#hit(code, what)));
  }

  #fail(error: StreamError): void {
    this.#end(() => this.#reject(error));
  }

  #end(settle: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const stop of this.#stops.splice(0)) stop();
    settle();
  }
}

/** Bytes of the first packet of an answer, and between two signs of progress after it. */
const FIRST_PACKET_BYTES = 1400;
const PROGRESS_BYTES = 64 * 1024;

/** Where bytes show: a link brings them packet by packet, not a read at a time. */
function packetEnds(limit: number): number[] {
  const ends: number[] = [];
  for (let end = FIRST_PACKET_BYTES; end < limit; end += PROGRESS_BYTES) ends.push(end);
  return ends;
}

/** Flips one bit of the parts, not of what lies between them. */
function flipBit(bytes: Bytes, parts: readonly Part[], start: number, where: number): void {
  const total = parts.reduce((sum, part) => sum + part.end - part.start, 0);
  let bit = Math.floor(where * total * 8);
  for (const part of parts) {
    const bits = (part.end - part.start) * 8;
    if (bit < bits) {
      bytes[part.start - start + (bit >> 3)]! ^= 1 << (bit & 7);
      return;
    }
    bit -= bits;
  }
}
