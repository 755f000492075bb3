/**
 * Limits of levels by name, from what the game says of each and from qualities, as few sets: levels with
 * the same limits share one.
 */
import { type LodLimits, NO_LIMITS } from './lod-limits.ts';
import { beyondLimits, bothLimits, limitsKey } from './quality-limits.ts';

type Limits = Readonly<Required<LodLimits>>;

export class LevelLimits {
  /** Distinct limits; set i has row i + 1 of the asset table's `lodSets`. */
  sets: readonly Limits[] = [];
  readonly #own = new Map<string, Limits>();
  #qualities: ReadonlyMap<string, Limits> = new Map();
  #quality: Limits | null = null;
  #rows = new Map<string, number>();

  /** Row of the asset table's `lodSets` that a level follows; 0 is the general one. */
  rowOf(level: string): number {
    return this.#rows.get(level) ?? 0;
  }

  /** What the game says of a level, or with null no longer. Returns whether `sets` changed. */
  set(name: string, limits: LodLimits | null): boolean {
    if (limits) this.#own.set(name, { ...NO_LIMITS, ...limits });
    else this.#own.delete(name);
    return this.#rebuild([]);
  }

  /**
   * Qualities of levels, beside that of all.
   *
   * @param likely further ones that levels may soon have: changing to them changes no set then
   */
  setQualities(
    quality: Limits | null,
    levels: ReadonlyMap<string, Limits>,
    likely: readonly Limits[],
  ): boolean {
    this.#quality = quality;
    this.#qualities = levels;
    return this.#rebuild(likely);
  }

  #rebuild(likely: readonly Limits[]): boolean {
    const wanted = new Map<string, Limits>();
    for (const name of [...this.#own.keys(), ...this.#qualities.keys()]) {
      const quality = this.#qualities.get(name);
      const own = this.#own.get(name) ?? NO_LIMITS;
      const limits = quality ? bothLimits(own, beyondLimits(quality, this.#quality)) : own;
      wanted.set(name, limits);
    }
    const keys = new Map(this.sets.map((limits, i) => [limitsKey(limits), i + 1]));
    const needed = [...wanted.values(), ...likely.map((one) => beyondLimits(one, this.#quality))];
    const isSame =
      needed.every((limits) => keys.has(limitsKey(limits))) &&
      needed.length > 0 === this.sets.length > 0;
    if (!isSame) {
      keys.clear();
      const sets: Limits[] = [];
      for (const limits of needed)
        if (!keys.has(limitsKey(limits))) keys.set(limitsKey(limits), sets.push(limits));
      this.sets = sets;
    }
    this.#rows = new Map([...wanted].map(([name, limits]) => [name, keys.get(limitsKey(limits))!]));
    return !isSame;
  }
}
