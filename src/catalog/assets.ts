/**
 * The asset table: models and their LOD chains, shared by everything that shows them. Growing
 * columns, one row per asset of every opened world.
 */
import { grown } from '../base/grown.ts';
import { MAX_LODS } from '../base/limits.ts';
import { bestShown } from '../memory/worth.ts';
import type { DemandColumns } from '../spatial/expected-error.ts';

/** Distance thresholds per asset: one per LOD step, and one beyond which nothing is shown. */
export const THRESHOLD_STRIDE: number = MAX_LODS + 1;

/** What the catalog says of an asset. */
export interface AssetFacts {
  id: number;
  name: string;
  /** Center x, y, z and radius in model space (meters). */
  sphere: readonly [number, number, number, number];
  lodCount: number;
  firstPayload: number;
  /** Per LOD (meters). */
  errors: ArrayLike<number>;
  importance: number;
  /** Of a kind of the game's own: requested and resident, never drawn. */
  isCustom?: boolean;
}

export class AssetTable {
  count = 0;
  names: string[] = [];
  ids: Uint32Array = new Uint32Array(0);
  lodCounts: Uint8Array = new Uint8Array(0);
  firstPayloads: Uint32Array = new Uint32Array(0);
  spheres: Float32Array = new Float32Array(0);
  /** About the model's origin: center distance plus radius, so that rotation does not matter. */
  radii: Float64Array = new Float64Array(0);
  importances: Float64Array = new Float64Array(0);
  /** 1 for assets of the game's own kinds: they have no place and are never shown. */
  custom: Uint8Array = new Uint8Array(0);
  /** Five per asset (meters), and their base-2 logarithms. */
  errors: Float64Array = new Float64Array(0);
  logErrors: Float64Array = new Float64Array(0);
  /** Bit i: LOD i can be shown. */
  residentMasks: Uint8Array = new Uint8Array(0);
  /** Bit i: LOD i is on its way (reserved, decoding or staged). */
  pendingMasks: Uint8Array = new Uint8Array(0);
  /** Bit i: LOD i has failed and waits for its retry. */
  failedMasks: Uint8Array = new Uint8Array(0);
  /** Bit i: LOD i must stay: pins, levels, what is always kept. */
  pinnedMasks: Uint8Array = new Uint8Array(0);
  /** Distances (meters at scale 1) from which LOD i is good enough; [lodCount] hides. */
  thresholds: Float64Array = new Float64Array(0);
  /** LOD shown where LOD i is the target, -1 for nothing. Follows `residentMasks`. */
  shownLods: Int8Array = new Int8Array(0);
  /** Set when `shownLods` changed and what is on screen has not followed yet. */
  dirty: Uint8Array = new Uint8Array(0);
  /** Published demand, five per asset: weighted area that needs each LOD. */
  buckets: Float64Array = new Float64Array(0);
  /** Demand being gathered by the running sweep. */
  nextBuckets: Float64Array = new Float64Array(0);
  classic: Float64Array = new Float64Array(0);
  nextClassic: Float64Array = new Float64Array(0);
  /** Distance from a viewpoint to the nearest placement that may want detail (meters). */
  nearest: Float64Array = new Float64Array(0);
  nextNearest: Float64Array = new Float64Array(0);
  /** Bit i: something in view now has LOD i as its target. */
  inView: Uint8Array = new Uint8Array(0);
  nextInView: Uint8Array = new Uint8Array(0);
  /** First of the entities that request the asset; 0 = none (linked by `entityNext`). */
  firstEntities: Uint32Array = new Uint32Array(0);

  /** What scoring reads and writes: views on the columns above. */
  demand: DemandColumns = this.#demandColumns();

  readonly #rows = new Map<number, number>();

  /** Row of the asset with this id, or -1. */
  find(id: number): number {
    return this.#rows.get(id) ?? -1;
  }

  reserve(count: number): void {
    const wanted = this.count + count;
    if (wanted <= this.ids.length) return;
    const capacity = Math.max(wanted, 16);
    this.ids = grown(this.ids, capacity);
    this.lodCounts = grown(this.lodCounts, capacity);
    this.firstPayloads = grown(this.firstPayloads, capacity);
    this.spheres = grown(this.spheres, capacity * 4);
    this.radii = grown(this.radii, capacity);
    this.importances = grown(this.importances, capacity);
    this.custom = grown(this.custom, capacity);
    this.errors = grown(this.errors, capacity * MAX_LODS);
    this.logErrors = grown(this.logErrors, capacity * MAX_LODS);
    this.residentMasks = grown(this.residentMasks, capacity);
    this.pendingMasks = grown(this.pendingMasks, capacity);
    this.failedMasks = grown(this.failedMasks, capacity);
    this.pinnedMasks = grown(this.pinnedMasks, capacity);
    this.thresholds = grown(this.thresholds, capacity * THRESHOLD_STRIDE);
    this.shownLods = grown(this.shownLods, capacity * THRESHOLD_STRIDE);
    this.dirty = grown(this.dirty, capacity);
    this.buckets = grown(this.buckets, capacity * MAX_LODS);
    this.nextBuckets = grown(this.nextBuckets, capacity * MAX_LODS);
    this.classic = grown(this.classic, capacity);
    this.nextClassic = grown(this.nextClassic, capacity);
    this.nearest = grown(this.nearest, capacity);
    this.nextNearest = grown(this.nextNearest, capacity);
    this.inView = grown(this.inView, capacity);
    this.nextInView = grown(this.nextInView, capacity);
    this.firstEntities = grown(this.firstEntities, capacity);
    this.demand = this.#demandColumns();
  }

  #demandColumns(): DemandColumns {
    return {
      logErrors: this.logErrors,
      lodCounts: this.lodCounts,
      thresholds: this.thresholds,
      radii: this.radii,
      importances: this.importances,
      buckets: this.nextBuckets,
      classic: this.nextClassic,
      nearest: this.nextNearest,
    };
  }

  add(facts: AssetFacts): number {
    this.reserve(1);
    const row = this.count++;
    this.names[row] = facts.name;
    this.ids[row] = facts.id;
    this.lodCounts[row] = facts.lodCount;
    this.firstPayloads[row] = facts.firstPayload;
    this.spheres.set(facts.sphere, row * 4);
    const [x, y, z, radius] = facts.sphere;
    this.radii[row] = Math.hypot(x, y, z) + radius;
    this.importances[row] = facts.importance;
    this.nearest[row] = Number.POSITIVE_INFINITY;
    this.nextNearest[row] = Number.POSITIVE_INFINITY;
    this.custom[row] = facts.isCustom ? 1 : 0;
    for (let lod = 0; lod < MAX_LODS; lod++) {
      const error = facts.errors[Math.min(lod, facts.lodCount - 1)]!;
      this.errors[row * MAX_LODS + lod] = error;
      this.logErrors[row * MAX_LODS + lod] = Math.log2(Math.max(error, 1e-6));
    }
    this.shownLods.fill(-1, row * THRESHOLD_STRIDE, (row + 1) * THRESHOLD_STRIDE);
    // A name that is already known keeps its first owner; the newcomer serves its own placements.
    if (!this.#rows.has(facts.id)) this.#rows.set(facts.id, row);
    return row;
  }

  /**
   * Ends the rows of a closed world: they want nothing and answer to no name any more. A name that
   * another world has too goes to that one.
   */
  retire(first: number, count: number): void {
    const end = first + count;
    for (let row = first; row < end; row++)
      if (this.#rows.get(this.ids[row]!) === row) this.#rows.delete(this.ids[row]!);
    this.lodCounts.fill(0, first, end);
    this.buckets.fill(0, first * MAX_LODS, end * MAX_LODS);
    this.nextBuckets.fill(0, first * MAX_LODS, end * MAX_LODS);
    this.classic.fill(0, first, end);
    this.nextClassic.fill(0, first, end);
    this.nearest.fill(Number.POSITIVE_INFINITY, first, end);
    this.nextNearest.fill(Number.POSITIVE_INFINITY, first, end);
    this.inView.fill(0, first, end);
    this.nextInView.fill(0, first, end);
    for (let row = 0; row < this.count; row++)
      if (this.lodCounts[row]! > 0 && !this.#rows.has(this.ids[row]!))
        this.#rows.set(this.ids[row]!, row);
  }

  /** Drops all rows from `first` on; they were retired before. */
  truncate(first: number): void {
    for (const mask of [this.residentMasks, this.pendingMasks, this.failedMasks, this.pinnedMasks])
      mask.fill(0, first);
    this.firstEntities.fill(0, first);
    this.thresholds.fill(0, first * THRESHOLD_STRIDE);
    this.names.length = first;
    this.count = first;
  }

  /**
   * Sets from how far each LOD is good enough: `(error · k + radius)` meters at scale 1, and beyond
   * which distance the asset is smaller than `minPixels`.
   *
   * @param kPerPixel pixels per tangent ÷ tolerated error in pixels
   */
  updateThresholds(kPerPixel: number, hidePerMeter: number, drawDistance: number): void {
    for (let row = 0; row < this.count; row++) {
      const base = row * THRESHOLD_STRIDE;
      const lodCount = this.lodCounts[row]!;
      const radius = this.radii[row]!;
      for (let lod = 1; lod < lodCount; lod++)
        this.thresholds[base + lod] = this.errors[row * MAX_LODS + lod]! * kPerPixel + radius;
      const hide = Math.min(drawDistance, radius * hidePerMeter + radius);
      const last = lodCount > 1 ? this.thresholds[base + lodCount - 1]! : 0;
      // Hiding comes after the coarsest LOD, never before it.
      this.thresholds[base + lodCount] = Math.max(hide, last * 1.01);
    }
  }

  /** Recomputes what is shown for each target; true when it changed. */
  refreshShown(row: number): boolean {
    const base = row * THRESHOLD_STRIDE;
    const lodCount = this.lodCounts[row]!;
    let changed = false;
    for (let target = 0; target < lodCount; target++) {
      const lod = bestShown(target, this.residentMasks[row]!, lodCount);
      if (this.shownLods[base + target] === lod) continue;
      this.shownLods[base + target] = lod;
      changed = true;
    }
    this.shownLods[base + lodCount] = -1;
    if (changed) this.dirty[row] = 1;
    return changed;
  }
}
