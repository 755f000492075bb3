/** Tiers of assets: what is in a higher one never leaves before what is in a lower one. */

export const Tier = { Low: 0, Normal: 1, High: 2, Critical: 3 } as const;
export type Tier = (typeof Tier)[keyof typeof Tier];

export type TierName = 'low' | 'normal' | 'high' | 'critical';

/** By number. */
export const TIER_NAMES: readonly TierName[] = ['low', 'normal', 'high', 'critical'];

export class TierTable {
  /** By the hash of the asset's name, so that it may be said before a world is opened. */
  readonly #tiers = new Map<number, Tier>();

  set(assetId: number, tier: Tier): void {
    if (tier === Tier.Normal) this.#tiers.delete(assetId);
    else this.#tiers.set(assetId, tier);
  }

  /** Of all that are not `Normal`: id of the asset, tier. */
  entries(): Iterable<[number, Tier]> {
    return this.#tiers.entries();
  }

  get isEmpty(): boolean {
    return this.#tiers.size === 0;
  }

  of(assetId: number): Tier {
    return this.#tiers.get(assetId) ?? Tier.Normal;
  }
}
