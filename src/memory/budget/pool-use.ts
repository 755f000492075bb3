/** What each pool holds: resident and reserved bytes, and what the running plan would add. */
import { assert } from '../../base/assert.ts';
import { POOL_COUNT, POOL_NAMES, Pool } from './pools.ts';

export class PoolUse {
  /** GPU bytes of geometry in buffers of a fixed size, resident and reserved. */
  geometryBytes = 0;
  plannedGeometryBytes = 0;
  readonly #resident = new Float64Array(POOL_COUNT);
  /** Resident and reserved. */
  readonly #held = new Float64Array(POOL_COUNT);
  readonly #planned = new Float64Array(POOL_COUNT);
  readonly #peaks = new Float64Array(POOL_COUNT);
  #heldBytes = 0;
  #residentBytes = 0;
  #plannedBytes = 0;

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get residentBytes(): number {
    return this.#residentBytes;
  }

  /** Bytes that the plan adds to what is held; below 0 where it frees more. */
  get plannedBytes(): number {
    return this.#plannedBytes;
  }

  heldOf(pool: Pool): number {
    return this.#held[pool]!;
  }

  residentOf(pool: Pool): number {
    return this.#resident[pool]!;
  }

  peakOf(pool: Pool): number {
    return this.#peaks[pool]!;
  }

  /** Held, and planned. */
  plannedOf(pool: Pool): number {
    return this.#held[pool]! + this.#planned[pool]!;
  }

  /** Begins a new plan. */
  clearPlan(): void {
    this.#planned.fill(0);
    this.#plannedBytes = 0;
    this.plannedGeometryBytes = 0;
  }

  /** Adds a payload to the plan, or with fewer than 0 bytes takes it out of what is held. */
  plan(pool: Pool, bytes: number, textureBytes: number, geometryBytes: number): void {
    this.#planned[pool] = this.#planned[pool]! + bytes - textureBytes;
    this.#planned[Pool.Texture] = this.#planned[Pool.Texture]! + textureBytes;
    this.#plannedBytes += bytes;
    this.plannedGeometryBytes += geometryBytes;
  }

  hold(pool: Pool, bytes: number): void {
    const held = this.#held[pool]! + bytes;
    this.#held[pool] = held;
    this.#heldBytes += bytes;
    if (held > this.#peaks[pool]!) this.#peaks[pool] = held;
  }

  drop(pool: Pool, bytes: number): void {
    const reserved = this.#held[pool]! - this.#resident[pool]!;
    if (bytes > reserved) complain(bytes, reserved, pool);
    this.#held[pool] = this.#held[pool]! - bytes;
    this.#heldBytes -= bytes;
  }

  settle(pool: Pool, reservedBytes: number, residentBytes: number): void {
    this.drop(pool, reservedBytes - residentBytes);
    this.#resident[pool] = this.#resident[pool]! + residentBytes;
    this.#residentBytes += residentBytes;
  }

  release(pool: Pool, bytes: number): void {
    if (bytes > this.#resident[pool]!) complain(bytes, this.#resident[pool]!, pool);
    this.#resident[pool] = this.#resident[pool]! - bytes;
    this.#held[pool] = this.#held[pool]! - bytes;
    this.#residentBytes -= bytes;
    this.#heldBytes -= bytes;
  }
}

function complain(bytes: number, held: number, pool: Pool): never {
  assert(false, `released ${bytes} bytes of ${held} in the pool ${POOL_NAMES[pool]}`);
}
