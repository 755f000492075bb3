/**
 * Eviction by value: what would be lost least for its bytes goes first, and only for something that
 * is worth more.
 */
import { LOD_COUNT, STATE_COUNT } from '../constants.ts';
import type { Candidate, Store } from './store.ts';

interface Victim {
  asset: number;
  loss: number;
  /** Loss by bytes. */
  density: number;
}

/** A level that a better one stands in front of is worth this much of its fallback value. */
const SUPERSEDED_WORTH = 0.02;

/** Frees memory for a candidate; false where nothing that is worth less can be found. */
export type MakeRoom = (candidate: Candidate) => boolean;

export class ValueEviction {
  private readonly store: Store;
  private readonly errors: Float64Array;
  private readonly guard: number;
  private victims: Victim[] = [];
  private next = 0;
  private isStale = true;

  /**
   * `errors[object * STATE_COUNT + best + 1]` is what a policy expects to be wrong with `best` shown;
   * a victim times `guard` must be worth less than what it makes room for.
   */
  constructor(store: Store, errors: Float64Array, guard: number) {
    this.store = store;
    this.errors = errors;
    this.guard = guard;
  }

  /** What is resident or expected has changed: the victims are to be ranked anew. */
  invalidate(): void {
    this.isStale = true;
  }

  readonly makeRoom: MakeRoom = (candidate) => {
    const { store, guard } = this;
    const need = store.bytesOf(candidate.asset);
    let free = store.freeBytes;
    if (need <= free) return true;
    if (this.isStale) this.rank();
    const chosen: number[] = [];
    let loss = 0;
    let at = this.next;
    while (free < need && at < this.victims.length) {
      const victim = this.victims[at++]!;
      if (!store.isResident(victim.asset)) continue;
      if (victim.density * guard > candidate.score) break;
      chosen.push(victim.asset);
      free += store.bytesOf(victim.asset);
      loss += victim.loss;
    }
    if (free < need || loss * guard > candidate.gain) return false;
    for (const asset of chosen) store.evict(asset);
    this.next = at;
    return true;
  };

  private rank(): void {
    const { store } = this;
    this.victims = store.resident.map((asset) => {
      const loss = this.lossOf(asset);
      return { asset, loss, density: loss / store.bytesOf(asset) };
    });
    this.victims.sort((a, b) => a.density - b.density);
    this.next = 0;
    this.isStale = false;
  }

  private lossOf(asset: number): number {
    const object = Math.floor(asset / LOD_COUNT);
    const level = asset % LOD_COUNT;
    const row = object * STATE_COUNT + 1;
    const below = this.store.levelBelow(object, level);
    const loss = Math.max(0, this.errors[row + below]! - this.errors[row + level]!);
    return level === this.store.best[object] ? loss : SUPERSEDED_WORTH * loss;
  }
}
