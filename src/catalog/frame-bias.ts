/**
 * Detail by frame time: a factor on the tolerated error that rises while frames take longer than they
 * should and falls when they do not. Between the two lies a band in which nothing changes, wider than
 * what one step does to a frame, and after each step it waits until its effect has been measured: so it
 * comes to rest. Where frames never get shorter than the target (a display that waits for its
 * refresh), more detail is tried after a while, and after twice as long each time it was in vain.
 * Where less detail makes frames no shorter, detail is not what is slow, and is given back.
 */

/** Figures of the control; the defaults are argued for where they stand. */
interface FrameBand {
  /** Mean frame time ÷ target above which detail falls. */
  slow: number;
  /** The same below which detail comes back. */
  fast: number;
  /** This near to the target (share of it) it may be a display's refresh that frames wait for. */
  met: number;
  /** How long the mean looks back, and how long a step is given to take effect (seconds). */
  windowSeconds: number;
  settleSeconds: number;
  /** Before more detail is tried where that may be so (seconds). */
  waitSeconds: number;
}

/**
 * Work goes with the square of the detail at most: a step of 1.05 back makes frames up to 1.1 times as
 * long, one of 1.25 ahead up to 1.6 times as short, and it is only that large when frames are.
 */
export const FRAME_BAND: FrameBand = {
  slow: 1.1,
  fast: 0.85,
  met: 0.02,
  windowSeconds: 0.8,
  settleSeconds: 1.5,
  waitSeconds: 10,
};

const LOWER_STEP = 1.05;
const RAISE_MIN = 1.05;
const RAISE_MAX = 1.25;
/** One frame counts as at most so many times the mean, and as long as so many targets: a hitch is no load. */
const HITCH = 2;
/** Frames longer than this are pauses (seconds). */
const PAUSE_SECONDS = 0.5;
const WAIT_MAX_SECONDS = 120;
/** Camera travel after which what was learned no longer holds (meters). */
const FORGET_METERS = 30;
/** A rise by this that has not taken the mean below this share of what it was is in vain. */
const VAIN_RISE = 1.5;
const VAIN_SHARE = 0.95;

export class FrameBias {
  /** Factor on the tolerated error, at least 1. */
  bias = 1;
  readonly targetMs: number;
  /** What the last frame took (ms). */
  lastMs = 0;
  /** The game's own measure of frames threw, and that was told. */
  hasFailed = false;
  readonly #maxBias: number;
  readonly #band: FrameBand;
  /** Filtered frame time ÷ target. */
  #mean = 1;
  #seconds = 0;
  /** No step before this. */
  #nextSeconds = 0;
  #raisedSeconds = Number.NEGATIVE_INFINITY;
  #loweredSeconds = Number.NEGATIVE_INFINITY;
  #waitSeconds: number;
  #isSlow = false;
  #odometer = 0;
  /** Where the running rise began; 0 while there is none. */
  #startBias = 0;
  #startMean = 0;
  /** Until then detail is not what is slow. */
  #vainUntil = 0;
  #vainSeconds: number;

  /** @param targetMs what a frame should take; `Infinity` turns it off */
  constructor(targetMs: number, maxBias: number, band: FrameBand = FRAME_BAND) {
    this.targetMs = targetMs;
    this.#maxBias = maxBias;
    this.#band = band;
    this.#waitSeconds = band.waitSeconds;
    this.#vainSeconds = band.waitSeconds * 2;
  }

  /**
   * Takes one frame in.
   *
   * @param frameMs what it took
   * @param dtSeconds since the last one
   * @param odometer travel of the camera (meters)
   */
  step(frameMs: number, dtSeconds: number, odometer: number): void {
    const isPaused = !(dtSeconds > 0 && dtSeconds <= PAUSE_SECONDS);
    if (this.targetMs === Number.POSITIVE_INFINITY || isPaused || !(frameMs >= 0)) return;
    const { slow, fast, met, windowSeconds } = this.#band;
    this.#seconds += dtSeconds;
    const ratio = Math.min(frameMs / this.targetMs, Math.max(1, this.#mean) * HITCH);
    const seconds = Math.min(dtSeconds, (Math.max(1, this.#mean) * HITCH * this.targetMs) / 1000);
    this.#mean += (ratio - this.#mean) * Math.min(1, seconds / windowSeconds);
    if (this.#seconds < this.#nextSeconds) return;
    if (this.#seconds < this.#vainUntil) this.#giveBack();
    else if (this.#mean > slow) this.#raise(odometer);
    else {
      this.#isSlow = false;
      const waited = this.#seconds - this.#raisedSeconds;
      const isDue = Math.abs(this.#mean - 1) <= met && waited >= this.#waitSeconds;
      if (this.bias > 1 && (this.#mean < fast || isDue)) this.#lower();
    }
  }

  #raise(odometer: number): void {
    if (this.bias >= this.#maxBias) return;
    const { settleSeconds, waitSeconds } = this.#band;
    if (this.#startBias === 0 && !this.#isSlow) {
      // Once more when the mean has followed: a moment is no load, and what it comes to is not known yet.
      this.#isSlow = true;
      this.#nextSeconds = this.#seconds + settleSeconds;
      return;
    }
    if (this.#startBias === 0) {
      this.#startBias = this.bias;
      this.#startMean = this.#mean;
      const isElsewhere = Math.abs(odometer - this.#odometer) > FORGET_METERS;
      this.#odometer = odometer;
      // More detail was tried last, in vain: the next try waits longer.
      const isRetry = this.#loweredSeconds > this.#raisedSeconds;
      if (isElsewhere) this.#waitSeconds = waitSeconds;
      else if (isRetry) this.#waitSeconds = Math.min(WAIT_MAX_SECONDS, this.#waitSeconds * 2);
    } else if (this.bias >= this.#startBias * VAIN_RISE) {
      if (this.#mean > this.#startMean * VAIN_SHARE) {
        this.#vainUntil = this.#seconds + this.#vainSeconds;
        this.#vainSeconds = Math.min(WAIT_MAX_SECONDS, this.#vainSeconds * 2);
        return;
      }
      this.#startBias = this.bias;
      this.#startMean = this.#mean;
      this.#vainSeconds = waitSeconds * 2;
    }
    const step = Math.min(RAISE_MAX, Math.max(RAISE_MIN, Math.sqrt(this.#mean)));
    this.bias = Math.min(this.#maxBias, this.bias * step);
    this.#raisedSeconds = this.#seconds;
    this.#nextSeconds = this.#seconds + settleSeconds;
  }

  #lower(): void {
    this.#startBias = 0;
    this.#isSlow = false;
    this.bias = Math.max(1, this.bias / LOWER_STEP);
    this.#loweredSeconds = this.#seconds;
    this.#nextSeconds = this.#seconds + this.#band.settleSeconds;
  }

  /** Back to where the rise that helped nothing began, in the steps in which it came. */
  #giveBack(): void {
    if (this.bias <= this.#startBias || this.#startBias === 0) {
      this.#startBias = 0;
      return;
    }
    this.bias = Math.max(this.#startBias, this.bias / RAISE_MAX);
    this.#nextSeconds = this.#seconds + this.#band.settleSeconds / 2;
  }
}
