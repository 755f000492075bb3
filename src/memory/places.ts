/**
 * A place for terrain among assets that are ordered by something else than value. Tiles keep the
 * place that `value` would give them: a tile worth more per link time than two thirds of the assets
 * gets a score above those of two thirds of them, whatever the unit of the scores. So neither can
 * starve the other.
 */
import { grown } from '../base/grown.ts';
import { MAX_SCORE } from './scorer.ts';

/** Values and scores of the assets that compete, each sorted by itself. */
export class Places {
  #values: Float64Array = new Float64Array(256);
  #scores: Float64Array = new Float64Array(256);
  #count = 0;

  clear(): void {
    this.#count = 0;
  }

  /** Adds one competitor. */
  add(value: number, score: number): void {
    if (this.#count === this.#values.length) {
      this.#values = grown(this.#values, this.#count * 2);
      this.#scores = grown(this.#scores, this.#count * 2);
    }
    this.#values[this.#count] = value;
    this.#scores[this.#count++] = score;
  }

  /** Call after the last `add`, before the first `scoreOf`. */
  sort(): void {
    this.#values.subarray(0, this.#count).sort();
    this.#scores.subarray(0, this.#count).sort();
  }

  /** The score that stands where this value stands; grows with the value. O(log n). */
  scoreOf(value: number): number {
    const last = this.#count - 1;
    if (last < 0) return Math.min(MAX_SCORE, value);
    const above = this.#firstAtLeast(value);
    const [values, scores] = [this.#values, this.#scores];
    if (above > last) return beyond(value, values[last]!, scores[last]!);
    if (above === 0) return scores[0]! * (values[0]! > 0 ? value / values[0]! : 1);
    const step = values[above]! - values[above - 1]!;
    const share = (value - values[above - 1]!) / step;
    return scores[above - 1]! + share * (scores[above]! - scores[above - 1]!);
  }

  #firstAtLeast(value: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#values[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Better than all: as many times the best score as the value is the best value. */
function beyond(value: number, bestValue: number, bestScore: number): number {
  const times = bestValue > 0 ? value / bestValue : 2;
  return Math.min(MAX_SCORE, bestScore * times);
}
