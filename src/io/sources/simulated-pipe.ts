/**
 * How bytes move over a simulated link: side by side, each read with its share of the bandwidth, or
 * one after the other where there is a head that must be moved first.
 */
import type { Clock } from '../../base/clock.ts';
import type { SimulatedLink } from './simulated-profiles.ts';

/** Bytes of one read on their way. */
export interface Flow {
  readonly file: string;
  /** Where in the file it begins; matters to a head. */
  readonly start: number;
  /** Counts of bytes, ascending, that `onProgress` is told of as they are reached; the last ends it. */
  readonly milestones: readonly number[];
  /** The first byte is about to move. */
  onStart(): void;
  onProgress(bytes: number): void;
}

export interface Pipe {
  add(flow: Flow): void;
  remove(flow: Flow): void;
  /** Times that a head had to be moved. */
  readonly seekCount: number;
}

/** How late a change of the bandwidth may be noticed. */
const TICK_MS = 50;

interface Moving {
  readonly flow: Flow;
  next: number;
  /** Bytes to the next milestone. */
  remainingBytes: number;
}

export function createPipe(clock: Clock, link: SimulatedLink): Pipe {
  const shared = new SharedPipe(clock, link);
  const head = new Head(clock, link, shared);
  return {
    get seekCount() {
      return head.seekCount;
    },
    add(flow) {
      if ((link.seekSeconds ?? 0) > 0) head.add(flow);
      else shared.add(flow);
    },
    remove(flow) {
      if (!head.remove(flow)) shared.remove(flow);
    },
  };
}

/** Processor sharing: n flows get an n-th of the bandwidth each. */
class SharedPipe {
  readonly #clock: Clock;
  readonly #link: SimulatedLink;
  readonly #moving: Moving[] = [];
  #sinceMs = 0;
  #rate = 0;
  #stopTimer = (): void => undefined;

  constructor(clock: Clock, link: SimulatedLink) {
    this.#clock = clock;
    this.#link = link;
  }

  add(flow: Flow): void {
    this.#advance();
    this.#moving.push({ flow, next: 0, remainingBytes: flow.milestones[0]! });
    flow.onStart();
    this.#settle();
  }

  remove(flow: Flow): void {
    const at = this.#moving.findIndex((moving) => moving.flow === flow);
    if (at < 0) return;
    this.#advance();
    this.#moving.splice(at, 1);
    this.#settle();
  }

  get #share(): number {
    return this.#rate / this.#moving.length;
  }

  #advance(): void {
    const nowMs = this.#clock.now();
    // Before it is multiplied: an infinite bandwidth over no time at all would be no number.
    const isMoving = nowMs > this.#sinceMs && this.#rate > 0;
    const moved = isMoving ? (this.#share * (nowMs - this.#sinceMs)) / 1000 : 0;
    for (const moving of this.#moving) moving.remainingBytes -= moved;
    this.#sinceMs = nowMs;
    this.#rate = Math.max(0, this.#link.bandwidthBytesPerSecond);
  }

  #settle(): void {
    this.#stopTimer();
    const reached: (() => void)[] = [];
    // What arrives within a nanosecond is rounding: waiting for it might not move the clock at all.
    const near = 1e-6 + this.#share * 1e-9;
    for (const moving of [...this.#moving]) this.#pass(moving, near, reached);
    const least = this.#moving.reduce(
      (min, { remainingBytes }) => Math.min(min, remainingBytes),
      Infinity,
    );
    if (this.#moving.length > 0) {
      const nextMs = this.#rate > 0 ? (least / this.#share) * 1000 : Number.POSITIVE_INFINITY;
      this.#stopTimer = this.#clock.after(Math.min(nextMs, TICK_MS), () => {
        this.#advance();
        this.#settle();
      });
    }
    for (const tell of reached) tell();
  }

  /** Notes every milestone that the flow has reached; at the last one it is gone. */
  #pass(moving: Moving, near: number, reached: (() => void)[]): void {
    const { flow } = moving;
    while (moving.remainingBytes <= near) {
      const bytes = flow.milestones[moving.next++]!;
      reached.push(() => flow.onProgress(bytes));
      if (moving.next === flow.milestones.length) {
        this.#moving.splice(this.#moving.indexOf(moving), 1);
        return;
      }
      moving.remainingBytes += flow.milestones[moving.next]! - bytes;
    }
  }
}

/** Serves one flow after the other, in order of arrival. */
class Head {
  readonly #clock: Clock;
  readonly #link: SimulatedLink;
  readonly #pipe: SharedPipe;
  #waiting: Flow[] = [];
  #served: Flow | null = null;
  /** What the pipe carries for it. */
  #moving: Flow | null = null;
  /** Where the head is; null when nobody knows. */
  #place: { file: string; at: number } | null = null;
  #stopSeek = (): void => undefined;
  #seekCount = 0;

  constructor(clock: Clock, link: SimulatedLink, pipe: SharedPipe) {
    this.#clock = clock;
    this.#link = link;
    this.#pipe = pipe;
  }

  get seekCount(): number {
    return this.#seekCount;
  }

  add(flow: Flow): void {
    this.#waiting.push(flow);
    if (!this.#served) this.#serve();
  }

  /** Whether the flow was here. */
  remove(flow: Flow): boolean {
    if (this.#waiting.includes(flow)) {
      this.#waiting = this.#waiting.filter((other) => other !== flow);
      return true;
    }
    if (this.#served !== flow) return false;
    this.#stopSeek();
    if (this.#moving) this.#pipe.remove(this.#moving);
    this.#place = null;
    this.#serve();
    return true;
  }

  #serve(): void {
    const flow = this.#waiting.shift();
    this.#served = flow ?? null;
    this.#moving = null;
    if (!flow) return;
    const isThere = this.#place?.file === flow.file && this.#place.at === flow.start;
    if (!isThere) this.#seekCount++;
    const seekMs = isThere ? 0 : (this.#link.seekSeconds ?? 0) * 1000;
    this.#stopSeek = this.#clock.after(seekMs, () => this.#transfer(flow));
  }

  #transfer(flow: Flow): void {
    const { file, start, milestones } = flow;
    this.#moving = {
      file,
      start,
      milestones,
      onStart: () => flow.onStart(),
      onProgress: (bytes) => {
        const isLast = bytes === milestones.at(-1);
        if (isLast) {
          this.#place = { file, at: start + bytes };
          this.#served = null;
        }
        flow.onProgress(bytes);
        if (isLast && !this.#served) this.#serve();
      },
    };
    this.#pipe.add(this.#moving);
  }
}
