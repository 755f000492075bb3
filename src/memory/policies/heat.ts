/**
 * Heat: every use adds to an entry's heat, which decays by e in `decaySeconds`; the coldest goes first.
 * What has just come has no use yet and would go at once, before it is ever shown: it is born with the
 * heat that entries have on average when they are used, times `birthCredit`.
 *
 * All heats decay alike, so their order changes only with uses: the heap is keyed by
 * `ln(heat) + time / decaySeconds`, which stays as it is. O(log n) a use.
 *
 * Based on: D. Lee, J. Choi, J.-H. Kim, S. H. Noh, S. L. Min, Y. Cho, C. S. Kim. LRFU: A Spectrum of
 * Policies that Subsumes the Least Recently Used and Least Frequently Used Policies. IEEE Trans.
 * Computers 50(12), 2001: the combined recency and frequency of section 2, weighted by what a use counts.
 */
import { grown } from '../../base/grown.ts';
import { IndexedHeap } from '../../base/heap.ts';
import type { EvictionPolicy, MayEvict } from './eviction-policy.ts';

/** What heat is made of; the caller owns and fills it. */
export interface HeatFeed {
  /** `[seconds]`: now, on any clock that does not run back. */
  now: Float64Array;
  /** By entry: how much a use counts, above 0. May be replaced by a longer one. */
  amounts: Float64Array;
}

export interface HeatOptions {
  decaySeconds?: number;
  /** 0 to 1000; 0 = none: a newcomer is the coldest of all. */
  birthCredit?: number;
}

/** Of the average heat at a use, what one use changes. */
const MEAN_SHARE = 1 / 64;

export class HeatPolicy implements EvictionPolicy {
  readonly name: string = 'heat';
  capacity: number;
  readonly #feed: HeatFeed;
  readonly #decaySeconds: number;
  readonly #birthCredit: number;
  readonly #heap = new IndexedHeap(64);
  /** `ln(heat) + time / decaySeconds`, by entry. */
  #keys: Float64Array = new Float64Array(64);
  #isThere: Uint8Array = new Uint8Array(64);
  /** Entries that were passed over since `begin`. */
  #passed: Int32Array = new Int32Array(64);
  #passedCount = 0;
  #meanHeat = 0;

  constructor(capacity: number, feed: HeatFeed, options: HeatOptions = {}) {
    this.capacity = capacity;
    this.#feed = feed;
    this.#decaySeconds = options.decaySeconds ?? 10;
    this.#birthCredit = options.birthCredit ?? 1;
  }

  miss(): void {}

  insert(id: number): void {
    if (id >= this.#keys.length) this.#grow(id + 1);
    this.#isThere[id] = 1;
    this.#keys[id] = Math.log(this.#meanHeat * this.#birthCredit) + this.#age();
    this.#heap.set(id, -this.#keys[id]!);
  }

  use(id: number): void {
    if (this.#isThere[id] !== 1) return;
    const age = this.#age();
    const heat = Math.exp(this.#keys[id]! - age) + this.#feed.amounts[id]!;
    this.#meanHeat += (heat - this.#meanHeat) * MEAN_SHARE;
    this.#keys[id] = Math.log(heat) + age;
    this.#heap.set(id, -this.#keys[id]!);
  }

  begin(): void {
    for (let i = 0; i < this.#passedCount; i++) {
      const id = this.#passed[i]!;
      if (this.#isThere[id] === 1) this.#heap.set(id, -this.#keys[id]!);
    }
    this.#passedCount = 0;
  }

  victim(may: MayEvict): number {
    for (let id = this.#heap.peek(); id >= 0; id = this.#heap.peek()) {
      if (may(id)) return id;
      this.#heap.delete(id);
      if (this.#passedCount === this.#passed.length)
        this.#passed = grown(this.#passed, this.#passedCount * 2);
      this.#passed[this.#passedCount++] = id;
    }
    return -1;
  }

  evict(id: number): void {
    this.forget(id);
  }

  forget(id: number): void {
    this.#heap.delete(id);
    if (id < this.#isThere.length) this.#isThere[id] = 0;
  }

  #age(): number {
    return this.#feed.now[0]! / this.#decaySeconds;
  }

  #grow(needed: number): void {
    const rows = Math.max(needed, this.#keys.length * 2);
    this.#keys = grown(this.#keys, rows);
    this.#isThere = grown(this.#isThere, rows);
  }
}
