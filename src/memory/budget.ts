/**
 * The byte budget: `resident + reserved + unwanted <= budget` after every call, for every pool and in
 * total. Bytes are reserved before they are asked for and settled when they have arrived.
 */
import { assert, assertNumber } from '../base/assert.ts';

/** Kinds of content that share the budget. */
export const Pool = { Mesh: 0, Terrain: 1, Custom: 2 } as const;
export type Pool = (typeof Pool)[keyof typeof Pool];
export const POOL_NAMES: readonly string[] = ['mesh', 'terrain', 'custom'];

/** Fractions of the budget at which the game is told. */
const WARNING_SHARE = 0.8;
const CRITICAL_SHARE = 0.95;

export type MemoryState = 'normal' | 'warning' | 'critical';

export class Budget {
  #budgetBytes: number;
  readonly #resident = new Float64Array(POOL_NAMES.length);
  readonly #reserved = new Float64Array(POOL_NAMES.length);
  #unwanted = 0;
  #used = 0;
  #peak = 0;

  /** @param budgetBytes total for all pools, CPU and GPU copies together */
  constructor(budgetBytes: number) {
    assertNumber('budgetBytes', budgetBytes, 1);
    this.#budgetBytes = budgetBytes;
  }

  get budgetBytes(): number {
    return this.#budgetBytes;
  }

  /** Changes the budget. Below what is in use, `overBytes` says how much has to be evicted. */
  set budgetBytes(bytes: number) {
    assertNumber('budgetBytes', bytes, 1);
    this.#budgetBytes = bytes;
  }

  /** Bytes that nobody waits for any more, but that still come: an abort would have cost more. */
  get unwantedBytes(): number {
    return this.#unwanted;
  }

  set unwantedBytes(bytes: number) {
    this.#used += bytes - this.#unwanted;
    this.#unwanted = bytes;
  }

  /** Resident plus reserved plus unwanted. */
  get usedBytes(): number {
    return this.#used;
  }

  get freeBytes(): number {
    return this.#budgetBytes - this.#used;
  }

  /** Bytes over the budget; only ever > 0 after the budget itself was lowered. */
  get overBytes(): number {
    return Math.max(0, this.#used - this.#budgetBytes);
  }

  get peakBytes(): number {
    return this.#peak;
  }

  get residentBytes(): number {
    return sum(this.#resident);
  }

  get reservedBytes(): number {
    return sum(this.#reserved);
  }

  poolResidentBytes(pool: Pool): number {
    return this.#resident[pool]!;
  }

  get state(): MemoryState {
    const share = this.#used / this.#budgetBytes;
    return share >= CRITICAL_SHARE ? 'critical' : share >= WARNING_SHARE ? 'warning' : 'normal';
  }

  /** Takes `bytes` out of what is free, or returns false and takes nothing. */
  reserve(pool: Pool, bytes: number): boolean {
    if (this.#used + bytes > this.#budgetBytes) return false;
    this.#reserved[pool] = this.#reserved[pool]! + bytes;
    this.#used += bytes;
    this.#peak = Math.max(this.#peak, this.#used);
    return true;
  }

  /** Turns a reservation into (at most as many) resident bytes. */
  settle(pool: Pool, reservedBytes: number, residentBytes: number): void {
    assert(
      residentBytes <= reservedBytes,
      `settled ${residentBytes} bytes on a reservation of ${reservedBytes}`,
    );
    this.#release(this.#reserved, pool, reservedBytes);
    this.#resident[pool] = this.#resident[pool]! + residentBytes;
    this.#used += residentBytes;
  }

  /** Gives a reservation back unused. */
  unreserve(pool: Pool, bytes: number): void {
    this.#release(this.#reserved, pool, bytes);
  }

  /** Gives resident bytes back. */
  release(pool: Pool, bytes: number): void {
    this.#release(this.#resident, pool, bytes);
  }

  #release(column: Float64Array, pool: Pool, bytes: number): void {
    assert(column[pool]! >= bytes, `released ${bytes} bytes of ${column[pool]} in pool ${pool}`);
    column[pool] = column[pool]! - bytes;
    this.#used -= bytes;
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
