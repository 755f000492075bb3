/**
 * Whether a metric is over its targets, with hysteresis: a state that begins 10 % above a target ends
 * no higher than 3 % above it, and both go by a mean over about a second, so that neither one hitch nor the jitter of
 * a display's refresh ever begins or ends one.
 */

/** What a metric should stay at or below, and what it must not exceed, in its unit. */
export interface MetricTarget {
  warning: number;
  /** Default: none. */
  critical?: number;
}

/** 0 at or below the target, 1 above `warning`, 2 above `critical`. */
export type WatchState = 0 | 1 | 2;
export const WATCH_NAMES: readonly ['normal', 'warning', 'critical'] = [
  'normal',
  'warning',
  'critical',
];

/** Shares of a target above which a state begins, and at or below which it ends. */
const BEGIN = 1.1;
const END = 1.03;
/** How long the mean looks back (ms), and what one sample counts for at least and at most (ms). */
const MEAN_MS = 1000;
const LEAST_MS = 5;
const MOST_MS = 50;
/** A sample counts as at most so many times the mean or the target. */
const HITCH = 2;

export class MetricWatch {
  readonly warning: number;
  readonly critical: number;
  state: WatchState = 0;
  /** Mean, and clock time (ms) of the last sample. Numbers of an array are not put into objects. */
  readonly #figures: Float64Array = new Float64Array(2).fill(Number.NaN);

  constructor({ warning, critical = Number.POSITIVE_INFINITY }: MetricTarget) {
    this.warning = warning;
    this.critical = critical;
  }

  /** What the state goes by. */
  get mean(): number {
    return Number.isNaN(this.#figures[0]) ? 0 : this.#figures[0]!;
  }

  /**
   * Takes a sample in and returns whether the state changed.
   *
   * @param input its value and its clock time (ms)
   */
  take(input: Float64Array): boolean {
    const value = input[0]!;
    const nowMs = input[1]!;
    const [mean, lastMs] = [this.#figures[0]!, this.#figures[1]!];
    this.#figures[1] = nowMs;
    // The first one alone is no reason to warn.
    if (Number.isNaN(mean)) this.#figures[0] = Math.min(value, this.warning);
    else {
      const elapsedMs = Math.min(MOST_MS, Math.max(LEAST_MS, nowMs - lastMs));
      const counted = Math.min(value, HITCH * Math.max(mean, this.warning));
      this.#figures[0] = mean + ((counted - mean) * elapsedMs) / MEAN_MS;
    }
    const before = this.state;
    this.#judge();
    return this.state !== before;
  }

  #judge(): void {
    const mean = this.#figures[0]!;
    if (mean > this.critical * BEGIN) this.state = 2;
    else if (this.state === 2 && mean <= this.critical * END) this.state = 1;
    if (this.state === 0 && mean > this.warning * BEGIN) this.state = 1;
    else if (this.state === 1 && mean <= this.warning * END) this.state = 0;
  }
}
