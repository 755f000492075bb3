/** The last samples of one metric, as many as there is room for and as old as may be. */

/** What a window holds, in the unit of the metric; all 0 while it is empty. */
export interface MetricStats {
  count: number;
  min: number;
  avg: number;
  max: number;
  p50: number;
  p95: number;
  p99: number;
  /** The latest. */
  last: number;
}

export class MetricWindow {
  /**
   * The value that `record` takes in, and its clock time (ms). Numbers of an array: arguments that are
   * fractions would be put into objects.
   */
  readonly input: Float64Array = new Float64Array(2);
  readonly #values: Float64Array;
  readonly #times: Float64Array;
  /** The values at hand in order, and `null` until somebody asks. */
  #sorted: Float64Array | null = null;
  #next = 0;
  #count = 0;

  constructor(size: number) {
    this.#values = new Float64Array(size);
    this.#times = new Float64Array(size);
  }

  /** Takes `input` in; the oldest sample goes where there is no room. Allocates nothing. */
  record(): void {
    this.#values[this.#next] = this.input[0]!;
    this.#times[this.#next] = this.input[1]!;
    this.#next = (this.#next + 1) % this.#values.length;
    if (this.#count < this.#values.length) this.#count++;
  }

  /**
   * Of the samples not older than `sinceMs` (clock time). Percentiles are by nearest rank, the ⌈p · n⌉-th
   * smallest value: definition 1 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The
   * American Statistician 50 (1996). Each is a value that occurred.
   */
  stats(sinceMs: number): MetricStats {
    const sorted = this.#sortedSince(sinceMs);
    const count = sorted.length;
    const rank = (share: number): number => sorted[Math.max(1, Math.ceil(share * count)) - 1] ?? 0;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += sorted[i]!;
    return {
      count,
      min: sorted[0] ?? 0,
      avg: count > 0 ? sum / count : 0,
      max: sorted[count - 1] ?? 0,
      p50: rank(0.5),
      p95: rank(0.95),
      p99: rank(0.99),
      last: count > 0 ? this.#at(0) : 0,
    };
  }

  #sortedSince(sinceMs: number): Float64Array {
    const size = this.#values.length;
    this.#sorted ??= new Float64Array(size);
    let count = 0;
    for (let age = 0; age < this.#count; age++) {
      const at = (this.#next + size - 1 - age) % size;
      // Clock time never goes back: all that came before is older still.
      if (this.#times[at]! < sinceMs) break;
      this.#sorted[count++] = this.#values[at]!;
    }
    return this.#sorted.subarray(0, count).sort();
  }

  /** The value that came so many samples before the latest. */
  #at(age: number): number {
    const size = this.#values.length;
    return this.#values[(this.#next + size - 1 - age) % size]!;
  }
}
