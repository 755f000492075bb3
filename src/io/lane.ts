/**
 * One origin: its queue, its open reads and what is known of its link. Keeps as many reads open as
 * the link needs, never more than its connections, and one of those free for critical work.
 */
import type { Clock } from '../base/clock.ts';
import type { IoSettings } from './engine-options.ts';
import type { Fetch } from './fetch.ts';
import { createLinkMeter, type LinkEstimate } from './link-meter.ts';
import { HEADER_BYTES, planAbort, planMerge, planReads } from './link-plan.ts';
import { FetchQueue, type MergeLimits } from './queue.ts';
import { type Read, type ReadEvents, Reads } from './reads.ts';
import type { ReadReport, Source } from './source.ts';

/** Requests after which the link is known well enough to use fewer connections than there are. */
const KNOWN_SAMPLES = 4;
/**
 * Reads of one size that share a link end together, and then it idles for a latency while all ask
 * again. So the size changes from read to read, evenly spread around the plan by the golden ratio.
 */
const STEP = 0.6180339887498949;
const SPREAD = 0.8;
/** How much one read changes the mean size of a read. */
const SIZE_GAIN = 0.2;
/** With fewer connections than this, none is kept free. */
const RESERVE_FROM = 3;

/** What the lane tells the engine. */
export type LaneEvents = Pick<ReadEvents, 'onFetched' | 'onError'> & {
  /** A read begins; its fetches have left the queue. */
  onStart(lane: Lane, fetches: Fetch[]): void;
  /** More bytes of a read have come over the link. */
  onLinkBytes(lane: Lane, count: number): void;
  /** A read ended well. */
  onReport(lane: Lane, read: Read, report: ReadReport): void;
  /** A read has ended and its place is free. Called after the others. */
  onEnd(): void;
};

export class Lane {
  readonly queue: FetchQueue = new FetchQueue();
  readonly reads: Reads;
  /** When its sources began to refuse as `Unavailable`, or -1. */
  unavailableSinceMs = -1;
  readonly #settings: IoSettings;
  readonly #events: LaneEvents;
  readonly #meter = createLinkMeter();
  #meanReadBytes = 0;
  #meanFetchBytes = 0;
  #phase = 0;

  constructor(clock: Clock, settings: IoSettings, events: LaneEvents) {
    this.#settings = settings;
    this.#events = events;
    this.reads = new Reads(clock, settings, {
      abortBytes: () => settings.abortBytes ?? planAbort(this.link),
      onFetched: (fetch, bytes, fetchMs) => {
        this.#meanFetchBytes = smooth(this.#meanFetchBytes, bytes.length);
        events.onFetched(fetch, bytes, fetchMs);
      },
      onError: events.onError,
      onBytes: (_, count, isFirst, isAlone) => {
        this.#meter.bytes(this.reads.oldestStartMs, clock.now(), count, isFirst, isAlone);
        events.onLinkBytes(this, count);
      },
      onReport: (read, report, elapsedMs) => {
        if (report.linkBytes > 0) this.#measure(read, report.firstByteMs, elapsedMs);
        events.onReport(this, read, report);
      },
      onEnd: () => events.onEnd(),
    });
  }

  get link(): Readonly<LinkEstimate> {
    return this.#meter.estimate;
  }

  /** Tickets that keep the link busy for two latencies: with fewer, reads cannot merge or overlap. */
  get wantedTickets(): number {
    const { bandwidthBytesPerSecond, latencySeconds } = this.link;
    if (this.#meanFetchBytes === 0) return 0;
    return Math.ceil((2 * bandwidthBytesPerSecond * latencySeconds) / this.#meanFetchBytes);
  }

  /** Normal reads that may be open at a time. */
  get concurrency(): number {
    const most = this.#maxNormal;
    if (this.#meter.samples < KNOWN_SAMPLES) return most;
    return planReads(this.link, this.#meanReadBytes, most);
  }

  get #maxNormal(): number {
    const { maxInFlight, reservedForCritical } = this.#settings;
    const reserved = maxInFlight >= RESERVE_FROM ? reservedForCritical : 0;
    return Math.max(1, maxInFlight - reserved);
  }

  /** How far reads merge at this moment; what the options fix is not derived. */
  get mergeLimits(): MergeLimits {
    const { mergeGapBytes, mergeMaxBytes, mergeSeconds, mergeCapBytes } = this.#settings;
    const planned = planMerge(this.link, this.#meanReadBytes, {
      maxReads: this.#maxNormal,
      mergeSeconds,
      mergeCapBytes,
    });
    // A guess of the bandwidth that is too high would fill a slow link with gaps.
    return {
      mergeGapBytes: mergeGapBytes ?? (this.#meter.isKnown ? planned.mergeGapBytes : HEADER_BYTES),
      mergeMaxBytes: mergeMaxBytes ?? planned.mergeMaxBytes * (1 + SPREAD * (2 * this.#phase - 1)),
    };
  }

  /** Begins the next read if there is a place for it. */
  startNext(sourceOf: (fetch: Fetch) => Source): boolean {
    const { queue, reads } = this;
    if (queue.size === 0 || reads.size >= this.#settings.maxInFlight) return false;
    const normalCount = reads.size - reads.criticalCount;
    if (queue.criticalCount === 0 && normalCount >= this.concurrency) return false;
    this.#phase = (this.#phase + STEP) % 1;
    const fetches = queue.take(this.mergeLimits);
    for (const fetch of fetches) fetch.state = 'reading';
    this.#events.onStart(this, fetches);
    reads.start(sourceOf(fetches[0]!), fetches);
    return true;
  }

  #measure(read: Read, reportedMs: number, elapsedMs: number): void {
    const size = read.end - read.start;
    this.#meanReadBytes = smooth(this.#meanReadBytes, size);
    const firstByteMs = reportedMs || read.firstByteMs;
    if (firstByteMs > 0) this.#meter.firstByte(firstByteMs);
    else this.#meter.whole(elapsedMs, size, Math.max(read.width, this.reads.size));
  }
}

function smooth(mean: number, sample: number): number {
  return mean > 0 ? mean + (sample - mean) * SIZE_GAIN : sample;
}
