/**
 * The byte budget, a tree of two levels: the total, and pools with guarantees, shares and limits.
 *
 *     resident + reserved + unwanted + overhead + idle guarantees <= budget
 *
 * and for every pool `resident + reserved <= its limit`. Bytes are reserved before they are asked for
 * and settled when they have arrived. A budget, or a limit, that is lowered below what is in use comes
 * down over frames: nothing new is admitted until then, and `limitBytes`, which only falls, holds in
 * its place.
 */
import { assert, assertNumber } from '../../base/assert.ts';
import type { Charge } from './charge.ts';
import { NamedBudgets } from './named-budgets.ts';
import { PoolLimits } from './pool-limits.ts';
import { PoolUse } from './pool-use.ts';
import { POOL_COUNT, Pool, type PoolOptions, type PoolSettings } from './pools.ts';

export class Budget {
  readonly limits: PoolLimits;
  /** Resident, reserved and planned bytes by pool. */
  readonly use: PoolUse = new PoolUse();
  /** Budgets of the game's own, out of the pool of levels. */
  readonly named: NamedBudgets;
  /** What the GPU's copies of geometry may come to. */
  geometryLimitBytes: number = Number.POSITIVE_INFINITY;
  #budgetBytes: number;
  #limitBytes: number;
  #promised = 0;
  #unwanted = 0;
  #overhead = 0;
  #shared = 0;
  #peak = 0;

  /** @param budgetBytes total for all pools, CPU and GPU copies together */
  constructor(budgetBytes: number, pools: PoolSettings = {}) {
    assertNumber('budgetBytes', budgetBytes, 1);
    this.#budgetBytes = budgetBytes;
    this.#limitBytes = budgetBytes;
    this.limits = new PoolLimits(pools, budgetBytes);
    this.named = new NamedBudgets(this);
  }

  get budgetBytes(): number {
    return this.#budgetBytes;
  }

  /** Changes the budget. Below what is in use, `excessBytes` says how much has to be evicted. */
  set budgetBytes(bytes: number) {
    assertNumber('budgetBytes', bytes, 1);
    this.#budgetBytes = bytes;
    this.limits.resolve(bytes);
    this.#limitBytes = Math.max(bytes, Math.min(this.#limitBytes, this.usedBytes));
    this.sharePromises();
  }

  /** What holds now: the budget, or on the way down to it what was in use at the end of a frame. */
  get limitBytes(): number {
    return this.#limitBytes;
  }

  setPool(pool: Pool, options: PoolOptions): void {
    this.limits.set(pool, options);
    this.limits.resolve(this.#budgetBytes);
    this.sharePromises();
  }

  /** What can be promised to named budgets; below 0 where the rest takes more than there is. */
  get promisableBytes(): number {
    const { overheadBytes, sharedBytes, limits } = this;
    return this.#budgetBytes - overheadBytes - sharedBytes - limits.guaranteedBytes;
  }

  /** Bytes promised to named budgets and not given out by them yet. */
  get promisedBytes(): number {
    return this.#promised;
  }

  /** For `NamedBudgets`, when what they ask for has changed. What changes here is shared out at once. */
  sharePromises(): void {
    this.#promised = this.named.shareOut(Math.max(0, this.promisableBytes));
  }

  /** Bytes that nobody waits for any more, but that still come: an abort would have cost more. */
  get unwantedBytes(): number {
    return this.#unwanted;
  }

  set unwantedBytes(bytes: number) {
    this.#unwanted = bytes;
    this.#notePeak();
  }

  /** Bytes of the view that no payload accounts for: staging, instances, what its buffers have free. */
  get overheadBytes(): number {
    return this.#overhead;
  }

  set overheadBytes(bytes: number) {
    // Set in every frame.
    if (bytes === this.#overhead) return;
    this.#overhead = bytes;
    this.sharePromises();
    this.#notePeak();
  }

  /**
   * GPU bytes of the buffers that geometry shares, whatever lies in them; 0: it has its own. Rows then
   * do not pay for that copy; it is counted here, as these bytes or as what it comes to beyond.
   */
  get sharedBytes(): number {
    return this.#shared;
  }

  set sharedBytes(bytes: number) {
    this.#shared = bytes;
    this.sharePromises();
    this.#notePeak();
  }

  /** Resident plus reserved plus unwanted plus overhead, and the buffers that geometry shares. */
  get usedBytes(): number {
    return this.use.heldBytes + this.geometryBytes + this.#unwanted + this.#overhead;
  }

  /** What the GPU's copies of geometry take where they share buffers: at least the whole of those. */
  get geometryBytes(): number {
    return Math.max(this.#shared, this.use.geometryBytes);
  }

  get freeBytes(): number {
    return this.#budgetBytes - this.usedBytes;
  }

  /** Bytes over what holds now. Above 0 only until `evict` has run. */
  get overBytes(): number {
    return Math.max(0, this.usedBytes - this.#limitBytes);
  }

  /** Bytes to come down by, over frames: the budget was lowered, or more of it was promised. */
  get excessBytes(): number {
    return Math.max(0, this.usedBytes + this.#idleGuarantees() - this.#budgetBytes);
  }

  /** The same of one pool whose limit was lowered. */
  poolExcessBytes(pool: Pool): number {
    return Math.max(0, this.use.heldOf(pool) - this.limits.maxBytes[pool]!);
  }

  get peakBytes(): number {
    return this.#peak;
  }

  get residentBytes(): number {
    return this.use.residentBytes;
  }

  get reservedBytes(): number {
    return this.use.heldBytes - this.use.residentBytes;
  }

  /** Call at the end of a frame's evictions: what has come down stays down. */
  tighten(): void {
    this.#limitBytes = Math.max(this.#budgetBytes, Math.min(this.#limitBytes, this.usedBytes));
  }

  /**
   * Bytes that one more payload lacks beside what is held and what is planned: of the total, or of the
   * limit that lacks most. At most 0: it fits.
   */
  lackOf({ pool, reserveBytes, textureBytes, sharedBytes }: Charge): number {
    const { use, limits } = this;
    const own = reserveBytes - textureBytes;
    const geometry = use.geometryBytes + use.plannedGeometryBytes + sharedBytes;
    let total = use.heldBytes + this.#unwanted + this.#overhead + this.#promised;
    total += use.plannedBytes + reserveBytes + Math.max(this.#shared, geometry);
    for (let other = 0; other < POOL_COUNT; other++) {
      let held = use.plannedOf(other as Pool);
      if (other === pool) held += own;
      if (other === Pool.Texture) held += textureBytes;
      total += Math.max(0, limits.minBytes[other]! - held);
    }
    return Math.max(
      total - this.#budgetBytes,
      use.plannedOf(pool) + own - limits.maxBytes[pool]!,
      textureBytes > 0
        ? use.plannedOf(Pool.Texture) + textureBytes - limits.maxBytes[Pool.Texture]!
        : Number.NEGATIVE_INFINITY,
      sharedBytes > 0 ? geometry - this.geometryLimitBytes : Number.NEGATIVE_INFINITY,
    );
  }

  /** Counts a payload as asked for in the running plan: what it takes is no longer free. */
  plan({ pool, reserveBytes, textureBytes, sharedBytes }: Charge): void {
    this.use.plan(pool, reserveBytes, textureBytes, sharedBytes);
  }

  /** Counts a resident payload as gone in the running plan (-1), or no longer as gone (1). */
  planVictim({ pool, residentBytes, textureBytes, sharedBytes }: Charge, sign: -1 | 1): void {
    this.use.plan(pool, sign * residentBytes, sign * textureBytes, sign * sharedBytes);
  }

  /** Takes a payload's bytes out of what is free, or returns false and takes nothing. */
  reserve(charge: Charge): boolean {
    if (this.lackOf(charge) > 0) return false;
    const { pool, reserveBytes, textureBytes, sharedBytes } = charge;
    this.use.hold(pool, reserveBytes - textureBytes);
    this.use.hold(Pool.Texture, textureBytes);
    this.use.geometryBytes += sharedBytes;
    this.#notePeak();
    return true;
  }

  /** Turns a reservation into resident bytes; textures and shared geometry stay as they are. */
  settle({ pool, reserveBytes, residentBytes, textureBytes }: Charge): void {
    assert(
      residentBytes <= reserveBytes,
      `settled ${residentBytes} bytes on a reservation of ${reserveBytes}`,
    );
    this.use.settle(pool, reserveBytes - textureBytes, residentBytes - textureBytes);
    this.use.settle(Pool.Texture, textureBytes, textureBytes);
  }

  /** Gives a reservation back unused. */
  unreserve({ pool, reserveBytes, textureBytes, sharedBytes }: Charge): void {
    this.use.drop(pool, reserveBytes - textureBytes);
    this.use.drop(Pool.Texture, textureBytes);
    this.use.geometryBytes -= sharedBytes;
  }

  /** Gives resident bytes back. */
  release({ pool, residentBytes, textureBytes, sharedBytes }: Charge): void {
    this.use.release(pool, residentBytes - textureBytes);
    this.use.release(Pool.Texture, textureBytes);
    this.use.geometryBytes -= sharedBytes;
  }

  /** Gives bytes to a named budget out of what it was promised, or takes them back (below 0). */
  give(bytes: number): void {
    if (bytes >= 0) {
      this.use.hold(Pool.Levels, bytes);
      this.use.settle(Pool.Levels, bytes, bytes);
    } else this.use.release(Pool.Levels, -bytes);
    this.sharePromises();
    this.#notePeak();
  }

  #idleGuarantees(): number {
    let bytes = this.#promised;
    for (let pool = 0; pool < POOL_COUNT; pool++)
      bytes += Math.max(0, this.limits.minBytes[pool]! - this.use.heldOf(pool as Pool));
    return bytes;
  }

  #notePeak(): void {
    const { usedBytes } = this;
    if (usedBytes > this.#peak) this.#peak = usedBytes;
  }
}
