/** What a scorer reads and writes, in arrays of its own: whatever it does to them harms nobody. */
import { MAX_LODS } from '../base/limits.ts';
import type { ScorerColumns } from './scorer.ts';

export class ScorerTable implements ScorerColumns {
  count = 0;
  names: string[] = [];
  lodCounts: Uint8Array = new Uint8Array(0);
  importances: Float64Array = new Float64Array(0);
  areas: Float64Array = new Float64Array(0);
  gains: Float64Array = new Float64Array(0);
  prices: Float64Array = new Float64Array(0);
  classic: Float64Array = new Float64Array(0);
  distances: Float64Array = new Float64Array(0);
  inView: Uint8Array = new Uint8Array(0);
  residentMasks: Uint8Array = new Uint8Array(0);
  pendingMasks: Uint8Array = new Uint8Array(0);
  waitingMasks: Uint8Array = new Uint8Array(0);
  pinnedMasks: Uint8Array = new Uint8Array(0);
  encodedBytes: Float64Array = new Float64Array(0);
  residentBytes: Float64Array = new Float64Array(0);
  /** What the scorer writes. */
  scores: Float64Array = new Float64Array(0);

  /** Makes every column exactly as long as there are assets. Allocates when their number changed. */
  resize(count: number): void {
    if (count === this.count) return;
    this.count = count;
    this.names.length = count;
    this.lodCounts = new Uint8Array(count);
    this.importances = new Float64Array(count);
    this.areas = new Float64Array(count * MAX_LODS);
    this.gains = new Float64Array(count * MAX_LODS);
    this.prices = new Float64Array(count * MAX_LODS);
    this.classic = new Float64Array(count);
    this.distances = new Float64Array(count);
    this.inView = new Uint8Array(count);
    this.residentMasks = new Uint8Array(count);
    this.pendingMasks = new Uint8Array(count);
    this.waitingMasks = new Uint8Array(count);
    this.pinnedMasks = new Uint8Array(count);
    this.encodedBytes = new Float64Array(count * MAX_LODS);
    this.residentBytes = new Float64Array(count * MAX_LODS);
    this.scores = new Float64Array(count * MAX_LODS);
  }
}
