/**
 * The one way in which every valuing reference works, the clairvoyant one and those that guess: load
 * what takes away most error for its cost, evict what takes away least, drop what has lost its point.
 * They differ in the table of expected error alone.
 */
import { LOD_COUNT, STATE_COUNT } from '../constants.ts';
import type { Pose, Subject, SubjectContext } from '../subject.ts';
import { HistoryEviction } from './evict-by-history.ts';
import { type MakeRoom, ValueEviction } from './evict-by-value.ts';
import { type Candidate, type Loading, Store } from './store.ts';

/** What a policy expects of each object. */
export interface Valuer {
  /** `errors[object * STATE_COUNT + best + 1]`: error expected with `best` shown. */
  readonly errors: Float64Array;
  readonly inRange: Uint8Array;
  /** Takes the pose of a frame; true where the tables must be made at once. */
  see?(frame: number, pose: Pose): boolean;
  announce?(pose: Pose): void;
  /** Makes the tables of a frame. */
  update(frame: number): void;
  /** What a level that lands in `arrivalS` takes away; without it the difference of the table. */
  gain?(object: number, from: number, to: number, arrivalS: number): number;
}

export interface ValuePolicyOptions {
  /** Fill slots the moment they become free, not only once a frame. */
  refillsOnCompletion: boolean;
  /** A victim times this must be worth less than what replaces it. */
  guard: number;
  /** Price of a slot's latency, by bandwidth × latency ÷ concurrency. */
  latencyPrice: number;
  eviction: 'value' | 'heat';
}

export const VALUE_POLICY_DEFAULTS: ValuePolicyOptions = {
  refillsOnCompletion: false,
  guard: 1.25,
  latencyPrice: 1,
  eviction: 'value',
};

/** Frames between two looks (10 Hz). */
export const RESCORE_FRAMES = 3;
/** A request is dropped for what is this much denser, while this share of it is still to come. */
const CANCEL_FACTOR = 6;
const CANCEL_REMAINING = 0.25;
/** Gains below this are nothing. */
const LEAST_GAIN = 1e-9;
/** Candidates that find no room before a refill gives up. */
const MOST_BLOCKED = 40;
/** Transfer time and bytes of completions are remembered with this decay each. */
const RATE_DECAY = 0.97;
const FIRST_BYTES = 2e5;

export class ValuePolicy implements Subject {
  private readonly store: Store;
  private readonly valuer: Valuer;
  private readonly options: ValuePolicyOptions;
  private readonly byValue: ValueEviction;
  private readonly byHeat: HistoryEviction | null;
  private readonly makeRoom: MakeRoom;
  /** Bytes that could have come while a slot waits. */
  private readonly latencyBytes: number;
  private candidates: Candidate[] = [];
  private next = 0;
  private transferS: number;
  private transferBytes = FIRST_BYTES;

  constructor(context: SubjectContext, valuer: Valuer, options: Partial<ValuePolicyOptions> = {}) {
    const { bytesPerS, latencyS, concurrency } = context.link.options;
    this.options = { ...VALUE_POLICY_DEFAULTS, ...options };
    this.store = new Store(context);
    this.valuer = valuer;
    this.byValue = new ValueEviction(this.store, valuer.errors, this.options.guard);
    const isHeat = this.options.eviction === 'heat';
    this.byHeat = isHeat ? new HistoryEviction(this.store, 'heat') : null;
    this.makeRoom = (this.byHeat ?? this.byValue).makeRoom;
    this.latencyBytes = ((bytesPerS * latencyS) / concurrency) * this.options.latencyPrice;
    this.transferS = (3 * FIRST_BYTES) / bytesPerS;
    this.store.onLoaded = (asset, transferS) => this.loaded(asset, transferS);
  }

  announce(pose: Pose): void {
    this.valuer.announce?.(pose);
  }

  delivered(): void {
    if (this.options.refillsOnCompletion) this.refill();
  }

  frame(frame: number, pose: Pose): void {
    const mustLook = this.valuer.see?.(frame, pose) ?? false;
    if (mustLook || frame % RESCORE_FRAMES === 0) {
      this.valuer.update(frame);
      this.byValue.invalidate();
      this.rank();
      this.dropPointless();
    }
    this.refill();
    this.byHeat?.see(pose);
    this.byHeat?.begin(frame + 1);
  }

  best(): Int8Array {
    return this.store.best;
  }

  usedBytes(): number {
    return this.store.usedBytes;
  }

  private loaded(asset: number, transferS: number): void {
    this.transferS = this.transferS * RATE_DECAY + transferS;
    this.transferBytes = this.transferBytes * RATE_DECAY + this.store.bytesOf(asset);
    this.byValue.invalidate();
    this.byHeat?.loaded(asset);
  }

  /** The densest step of every object in range, densest first. */
  private rank(): void {
    const { best, loadingLevel } = this.store;
    const { inRange } = this.valuer;
    this.candidates = [];
    this.next = 0;
    for (let object = 0; object < best.length; object++) {
      if (inRange[object] === 0) continue;
      const from = Math.max(best[object]!, loadingLevel[object]!);
      if (from >= LOD_COUNT - 1) continue;
      if (loadingLevel[object]! >= 0 && loadingLevel[object]! < best[object]!) continue;
      const candidate = this.densestStep(object, from);
      if (candidate) this.candidates.push(candidate);
    }
    this.candidates.sort((a, b) => b.score - a.score);
  }

  private densestStep(object: number, from: number): Candidate | null {
    const { store, valuer } = this;
    const { latencyS } = store.context.link.options;
    const secondsPerByte = this.transferS / this.transferBytes;
    const first = object * LOD_COUNT;
    const row = object * STATE_COUNT + 1;
    let [density, level, gain] = [0, -1, 0];
    for (let to = from + 1; to < LOD_COUNT; to++) {
      const bytes = store.bytesOf(first + to);
      const gained = valuer.gain
        ? valuer.gain(object, from, to, latencyS + bytes * secondsPerByte)
        : valuer.errors[row + from]! - valuer.errors[row + to]!;
      if (gained <= LEAST_GAIN) continue;
      const gainedByCost = gained / (bytes + this.latencyBytes);
      if (gainedByCost <= density) continue;
      density = gainedByCost;
      level = to;
      gain = gained;
    }
    return level < 0 ? null : { asset: first + level, object, level, score: density, gain };
  }

  private dropPointless(): void {
    const { store, candidates } = this;
    if (store.loading.length === 0) return;
    const waiting = Math.min(store.context.link.options.concurrency, candidates.length) - 1;
    const density = waiting >= 0 ? candidates[waiting]!.score : 0;
    for (let at = store.loading.length - 1; at >= 0; at--) {
      const loading = store.loading[at]!;
      if (this.hasLostItsPoint(loading, density)) store.cancel(loading);
    }
  }

  private hasLostItsPoint(loading: Loading, waitingDensity: number): boolean {
    const { object, level, bytes, request } = loading;
    const { errors, inRange } = this.valuer;
    const best = this.store.best[object]!;
    const row = object * STATE_COUNT + 1;
    const gain = best >= level ? 0 : errors[row + best]! - errors[row + level]!;
    if (inRange[object] === 0 || gain <= LEAST_GAIN) return true;
    return (
      waitingDensity > (CANCEL_FACTOR * gain) / Math.max(1, request.remaining) &&
      request.remaining > CANCEL_REMAINING * bytes
    );
  }

  private refill(): void {
    const { store, candidates } = this;
    let blocked = 0;
    while (store.context.link.hasFreeSlot && this.next < candidates.length) {
      const candidate = candidates[this.next++]!;
      if (store.isPointless(candidate)) continue;
      if (this.makeRoom(candidate)) store.start(candidate);
      else if (++blocked > MOST_BLOCKED) break;
    }
  }
}
