/**
 * Which units of the pack are free. Neighboring holes join at once; what fits no single hole is cut
 * into at most `MAX_EXTENTS` pieces, so that free space scattered by evictions stays usable. Reads
 * never come here; an allocation looks at every hole once (10,000 holes: about 50 us).
 */

/** Pieces one entry may have: as many as its index record has room for. */
export const MAX_EXTENTS = 4;

/** Space comes in units of this many bytes: 256 bytes of an entry are lost on average. */
export const UNIT_BYTES = 512;

/** A run of units. */
export interface Extent {
  start: number;
  count: number;
}

export class ExtentMap {
  #limit: number;
  readonly #countAt = new Map<number, number>();
  readonly #startBefore = new Map<number, number>();
  #free: number;

  /** @param used what is taken: by ascending start, disjoint, within `limit` */
  constructor(limit: number, used: readonly Extent[] = []) {
    this.#limit = limit;
    this.#free = 0;
    let at = 0;
    for (const { start, count } of used) {
      this.#addHole({ start: at, count: start - at });
      at = start + count;
    }
    this.#addHole({ start: at, count: limit - at });
  }

  /** Units that may be used, from 0. */
  get limit(): number {
    return this.#limit;
  }

  /** Free units. */
  get free(): number {
    return this.#free;
  }

  /** Where the last used unit ends: nothing behind it is worth keeping. */
  get end(): number {
    return this.#startBefore.get(this.#limit) ?? this.#limit;
  }

  /** Number of holes. */
  get holes(): number {
    return this.#countAt.size;
  }

  /** Takes `units` units: the smallest hole that holds them, else the largest holes; null: no room. */
  allocate(units: number): Extent[] | null {
    if (units > this.#free) return null;
    let best: Extent | null = null;
    const largest: Extent[] = [];
    for (const [start, count] of this.#countAt) {
      if (count >= units && (!best || count < best.count)) best = { start, count };
      const smallest = largest[MAX_EXTENTS - 1];
      if (best || (smallest && smallest.count >= count)) continue;
      if (smallest) largest.pop();
      const at = largest.findIndex((other) => other.count < count);
      largest.splice(at < 0 ? largest.length : at, 0, { start, count });
    }
    const pieces: Extent[] = [];
    let missing = units;
    for (const hole of best ? [best] : largest) {
      const count = Math.min(missing, hole.count);
      if (count > 0) pieces.push({ start: hole.start, count });
      missing -= count;
    }
    if (missing > 0) return null;
    for (const piece of pieces) this.#take(piece);
    return pieces;
  }

  /** Gives units back that were taken. */
  release({ start, count }: Extent): void {
    const before = this.#startBefore.get(start);
    const after = this.#countAt.get(start + count);
    const joined = { start, count };
    if (before !== undefined) {
      this.#removeHole({ start: before, count: start - before });
      joined.start = before;
      joined.count += start - before;
    }
    if (after !== undefined) {
      this.#removeHole({ start: start + count, count: after });
      joined.count += after;
    }
    this.#addHole(joined);
  }

  /** Gives up the free units from `limit` on: the device has no room for them. */
  shrink(limit: number): void {
    const start = this.end;
    const to = Math.max(limit, start);
    if (to >= this.#limit) return;
    this.#removeHole({ start, count: this.#limit - start });
    this.#addHole({ start, count: to - start });
    this.#limit = to;
  }

  /** Takes units from the beginning of a hole. */
  #take({ start, count }: Extent): void {
    const size = this.#countAt.get(start)!;
    this.#removeHole({ start, count: size });
    this.#addHole({ start: start + count, count: size - count });
  }

  #addHole({ start, count }: Extent): void {
    if (count <= 0) return;
    this.#countAt.set(start, count);
    this.#startBefore.set(start + count, start);
    this.#free += count;
  }

  #removeHole({ start, count }: Extent): void {
    this.#countAt.delete(start);
    this.#startBefore.delete(start + count);
    this.#free -= count;
  }
}
