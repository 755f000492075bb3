/**
 * How much may be asked for and uploaded, by frame time: a share that falls by half at a time while
 * frames are late or the streaming's own part of them is too long, and comes back evenly over seconds.
 * A share that has just fallen is held a while before it comes back, so that where full load is what
 * makes frames late it swings no faster than that.
 */
import { assertNumber } from '../base/assert.ts';

export interface ThrottleOptions {
  /** The streaming's own part of a frame (ms, `begin`, `update` and `commit`) that is too long; Infinity = off. */
  ownMs: number;
  /** What is left of requests in flight and of uploads at the least; of requests at least two. */
  leastShare: number;
  /** From the least to all of it (seconds). */
  recoverSeconds: number;
}

export const THROTTLE_DEFAULTS: Readonly<ThrottleOptions> = {
  ownMs: 2,
  leastShare: 0.25,
  recoverSeconds: 4,
};

/** Throws where a figure cannot work, naming it, what was seen and what was expected. */
export function resolveThrottle(options: Partial<ThrottleOptions> = {}): ThrottleOptions {
  const throttle = { ...THROTTLE_DEFAULTS, ...options };
  const where = 'installStreaming: throttle';
  if (throttle.ownMs !== Number.POSITIVE_INFINITY)
    assertNumber(`${where}.ownMs`, throttle.ownMs, 0.01, 1000);
  assertNumber(`${where}.leastShare`, throttle.leastShare, 0.01, 1);
  assertNumber(`${where}.recoverSeconds`, throttle.recoverSeconds, 0.1, 600);
  return throttle;
}

/** Frames over this many times their target are late: the same as where detail begins to fall. */
const LATE = 1.1;
/** Below this share of what is too long, load comes back; in between it stays. */
const FINE = 0.95;
/** How far back the mean looks, and how long a fall is given to take effect (seconds). */
const WINDOW_SECONDS = 0.2;
const SETTLE_SECONDS = 0.1;
/** After a fall, before anything comes back (seconds). */
const HOLD_SECONDS = 2;
/** One frame counts as at most so many times what is too long: a hitch is no load. */
const HITCH = 2;
/** Frames longer than this are pauses (seconds). */
const PAUSE_SECONDS = 0.5;
/** Requests that are always allowed. */
const LEAST_LOADS = 2;

export class LoadLimit {
  /** Of requests in flight and of uploads, `leastShare` to 1. */
  share = 1;
  /**
   * What the next step goes by: own milliseconds since the last one, frame time (ms; 0 = not measured).
   * An array, because numbers of arrays are not boxed.
   */
  readonly measured: Float64Array = new Float64Array(2);
  readonly #options: ThrottleOptions;
  readonly #targetMs: number;
  /** Filtered load: 1 is too much. */
  #mean = 0;
  #settleSeconds = 0;
  #holdSeconds = 0;

  /** @param targetMs what a frame should take; Infinity = only our own part counts */
  constructor(options: ThrottleOptions, targetMs: number) {
    this.#options = options;
    this.#targetMs = targetMs;
  }

  /** Takes one frame in: what was measured of it is forgotten. */
  step(dtSeconds: number): void {
    const { measured } = this;
    const { ownMs, leastShare, recoverSeconds } = this.#options;
    const own = measured[OWN_MS]! / ownMs;
    const late = measured[FRAME_MS]! / (this.#targetMs * LATE);
    measured.fill(0);
    if (!(dtSeconds > 0 && dtSeconds <= PAUSE_SECONDS)) return;
    const load = Math.min(HITCH, Math.max(own, late));
    this.#mean += (load - this.#mean) * Math.min(1, Math.min(dtSeconds, 0.1) / WINDOW_SECONDS);
    this.#settleSeconds -= dtSeconds;
    this.#holdSeconds -= dtSeconds;
    if (this.#mean > 1) {
      if (this.#settleSeconds > 0) return;
      this.share = Math.max(leastShare, this.share / 2);
      this.#settleSeconds = SETTLE_SECONDS;
      this.#holdSeconds = HOLD_SECONDS;
    } else if (this.share < 1 && this.#mean < FINE && this.#holdSeconds <= 0)
      this.share = Math.min(1, this.share + ((1 - leastShare) * dtSeconds) / recoverSeconds);
  }

  /** Requests in flight that are allowed now, of so many. */
  of(maxInFlight: number): number {
    if (this.share === 1) return maxInFlight;
    return Math.min(maxInFlight, Math.max(LEAST_LOADS, Math.round(maxInFlight * this.share)));
  }
}

/** Places in `measured`. */
export const OWN_MS = 0;
export const FRAME_MS = 1;
