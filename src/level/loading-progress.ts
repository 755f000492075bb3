/**
 * How far something awaited is, and for how long still. Pure: told what is left, it says both.
 *
 * Progress never falls, though more may come to be awaited: what is left of the bar is divided by what
 * is left of the bytes. While nothing is added that is the share of the bytes that have come; when
 * something is, the bar stays where it is and goes on more slowly.
 */

/** What is known of the way that bytes take. */
export interface LoadingPace {
  nowMs: number;
  /** Of everything that has arrived so far, awaited or not. */
  arrivedBytes: number;
  /** On its way beside what is awaited. */
  otherBytes: number;
  /** What could come if nothing were in its way; 0 while nobody knows. */
  linkBytesPerSecond: number;
}

/** Doubles that change each frame; in an array, so that writing them makes no objects. */
const PROGRESS = 0;
const LEFT = 1;
const SINCE_MS = 2;
const RATE_BYTES = 3;
const RATE_SECONDS = 4;
const ARRIVED = 5;
const OTHER = 6;
const PRIOR_BYTES = 7;
const PRIOR_SECONDS = 8;
const FIGURES = 9;

/** What is measured counts half after so long: about what a link takes to become another. */
const HALF_LIFE_SECONDS = 3;

/**
 * What the link alone would carry counts as if this share of the bytes had come by it. More would be
 * believed for too long while the link is still a guess.
 */
const PRIOR_SHARE = 0.05;

/** Share of what is on its way beside what is awaited that comes before it, about. */
const OTHERS_BEFORE = 0.5;

/** The bar is full only when all is there, which bytes alone do not say. */
const MOST_BY_BYTES = 0.99;

export class LoadingProgress {
  readonly #figures = new Float64Array(FIGURES);
  #isBegun = false;

  /** 0 to 1, never falling. */
  get progress(): number {
    return Math.min(MOST_BY_BYTES, this.#figures[PROGRESS]!);
  }

  /** Takes in how things stand now: encoded bytes of what is awaited. */
  update(left: number, total: number, pace: LoadingPace): void {
    const f = this.#figures;
    const { nowMs, arrivedBytes, otherBytes, linkBytesPerSecond } = pace;
    if (!this.#isBegun) {
      if (total <= 0) return;
      this.#isBegun = true;
      f[PROGRESS] = 1 - left / total;
    } else {
      const before = f[LEFT]!;
      if (left < before) f[PROGRESS] = 1 - (1 - f[PROGRESS]!) * (left / before);
      if (before > 0) this.#measure(arrivedBytes - f[ARRIVED]!, (nowMs - f[SINCE_MS]!) / 1000);
    }
    if (f[PRIOR_BYTES] === 0) f[PRIOR_BYTES] = left * PRIOR_SHARE;
    // What is known of the link gets better while it is used.
    if (linkBytesPerSecond > 0) f[PRIOR_SECONDS] = f[PRIOR_BYTES]! / linkBytesPerSecond;
    f[LEFT] = left;
    f[OTHER] = otherBytes;
    f[ARRIVED] = arrivedBytes;
    f[SINCE_MS] = nowMs;
  }

  /**
   * Seconds until what is left is there, at the pace at which anything came lately; -1 while that is
   * not known. What is on its way for others takes its share of the link.
   */
  secondsLeft(): number {
    const f = this.#figures;
    if (!this.#isBegun) return -1;
    if (f[LEFT] === 0) return 0;
    const bytes = f[LEFT]! + f[OTHER]! * OTHERS_BEFORE;
    if (f[PRIOR_SECONDS] === 0) return -1;
    const seconds = f[RATE_SECONDS]! + f[PRIOR_SECONDS]!;
    return (bytes * seconds) / (f[RATE_BYTES]! + f[PRIOR_BYTES]!);
  }

  #measure(bytes: number, seconds: number): void {
    const f = this.#figures;
    // Before the first byte there is only silence, which says nothing of the pace.
    if (f[PRIOR_SECONDS] === 0) return;
    const keep = 0.5 ** (seconds / HALF_LIFE_SECONDS);
    f[RATE_BYTES] = f[RATE_BYTES]! * keep + bytes;
    f[RATE_SECONDS] = f[RATE_SECONDS]! * keep + seconds;
  }
}
