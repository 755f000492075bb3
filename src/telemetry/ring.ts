/** The last N samples of a figure, with percentiles on demand. Recording allocates nothing. */

export interface RingSummary {
  count: number;
  min: number;
  mean: number;
  median: number;
  p99: number;
  max: number;
}

export class Ring {
  readonly #samples: Float64Array;
  #next = 0;
  #count = 0;

  constructor(size: number) {
    this.#samples = new Float64Array(size);
  }

  record(value: number): void {
    this.#samples[this.#next] = value;
    this.#next = (this.#next + 1) % this.#samples.length;
    this.#count = Math.min(this.#count + 1, this.#samples.length);
  }

  get last(): number {
    return this.#count === 0
      ? 0
      : this.#samples[(this.#next + this.#samples.length - 1) % this.#samples.length]!;
  }

  summary(): RingSummary {
    const sorted = this.#samples.slice(0, this.#count).sort();
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    let sum = 0;
    for (const value of sorted) sum += value;
    return {
      count: this.#count,
      min: at(0),
      mean: this.#count > 0 ? sum / this.#count : 0,
      median: at(0.5),
      p99: at(0.99),
      max: sorted.at(-1) ?? 0,
    };
  }
}
