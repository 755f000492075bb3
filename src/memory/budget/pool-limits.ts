/** What each pool is promised and allowed, in bytes of the budget as it is now. */
import { POOL_COUNT, POOL_NAMES, type Pool, type PoolOptions, type PoolSettings } from './pools.ts';

/** More than what rounding takes off figures up to a terabyte, and far less than a byte. */
const ROUNDING_BYTES = 1e-3;

export class PoolLimits {
  /** Never lent. */
  readonly minBytes: Float64Array = new Float64Array(POOL_COUNT);
  /** What nobody takes from it: the larger of its guarantee and its share. */
  readonly entitledBytes: Float64Array = new Float64Array(POOL_COUNT);
  readonly maxBytes: Float64Array = new Float64Array(POOL_COUNT);
  #guaranteed = 0;
  readonly #options: PoolOptions[] = POOL_NAMES.map(() => ({}));

  constructor(settings: PoolSettings, budgetBytes: number) {
    for (const [pool, name] of POOL_NAMES.entries()) this.#options[pool] = settings[name] ?? {};
    this.resolve(budgetBytes);
  }

  /** Settings as they are, by name. */
  get settings(): PoolSettings {
    return Object.fromEntries(POOL_NAMES.map((name, pool) => [name, this.#options[pool]]));
  }

  set(pool: Pool, options: PoolOptions): void {
    this.#options[pool] = options;
  }

  /** All of `minBytes`. */
  get guaranteedBytes(): number {
    return this.#guaranteed;
  }

  /**
   * Computes the figures for a budget. Guarantees that come to more than it shrink alike.
   */
  resolve(budgetBytes: number): void {
    let asked = 0;
    for (const { minBytes = 0 } of this.#options) asked += minBytes;
    const part = Math.min(asked, budgetBytes);
    this.#guaranteed = 0;
    for (const [pool, { minBytes = 0, share = 0, maxBytes }] of this.#options.entries()) {
      // A product of floats may fall short of the whole byte that it stands for.
      this.minBytes[pool] = asked > 0 ? Math.floor((minBytes * part) / asked + ROUNDING_BYTES) : 0;
      this.#guaranteed += this.minBytes[pool]!;
      this.maxBytes[pool] = maxBytes ?? Number.POSITIVE_INFINITY;
      const entitled = Math.max(this.minBytes[pool]!, Math.floor(share * budgetBytes));
      this.entitledBytes[pool] = Math.min(this.maxBytes[pool]!, entitled);
    }
  }
}
