/**
 * The asset table: models and their LOD chains, shared by everything that shows them. Growing
 * columns, one row per asset of every opened world.
 */
import { grown } from '../base/grown.ts';
import { MAX_LODS } from '../base/limits.ts';
import { UrgencyClass } from '../memory/payloads.ts';
import type { DemandColumns } from '../spatial/expected-error.ts';
import { LOD_DEFAULTS, type LodOptions } from './lod-policy.ts';
import {
  bestAllowed,
  createLodSet,
  growLodSet,
  type LodSet,
  MIN_ERROR,
  THRESHOLD_STRIDE,
} from './lod-sets.ts';

/** What thresholds depend on beside the assets. */
export interface LodScale {
  /** Pixels per tangent of the reference viewpoint ÷ tolerated error in pixels. */
  kPerPixel: number;
  /** 1 ÷ tolerated error in pixels: the same where the lens plays no part. */
  perPixel: number;
  /** Distance in radii beyond which an asset is smaller than what is shown at all. */
  hidePerMeter: number;
  drawDistanceMeters: number;
}

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

/** Names assigned in one step. */
const STEP_ROWS = 16_384;

/** Columns and the values of a row. Those of one line are reckoned with together in a frame. */
const GROWN_TOGETHER: readonly Readonly<Record<string, number>>[] = [
  { firstPayloads: 1, spheres: 4, custom: 1, errors: MAX_LODS, maxDistances: 1, firstEntities: 1 },
  { openUses: 1 },
  { residentMasks: 1, pendingMasks: 1, failedMasks: 1, pinnedMasks: 1, dirty: 1 },
  { classes: 1, nextClasses: 1, inView: 1, nextInView: 1, missingSinceMs: 1 },
  {
    lodCounts: 1,
    radii: 1,
    importances: 1,
    logErrors: MAX_LODS,
    needErrors: MAX_LODS,
    needRadii: 1,
    lensFree: 1,
    buckets: MAX_LODS,
    nextBuckets: MAX_LODS,
    classic: 1,
    nextClassic: 1,
    nearest: 1,
    nextNearest: 1,
  },
];

function growColumns(table: object, widths: Readonly<Record<string, number>>, rows: number): void {
  // Whatever their types are, they are grown alike.
  const columns = table as Record<string, Uint8Array>;
  for (const [name, width] of Object.entries(widths))
    columns[name] = grown(columns[name]!, rows * width);
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
  /** Of each LOD, five per asset (meters). */
  errors: Float64Array = new Float64Array(0);
  /** Base-2 logarithms of `needErrors`. */
  logErrors: Float64Array = new Float64Array(0);
  /** Bit i: LOD i can be shown. */
  residentMasks: Uint8Array = new Uint8Array(0);
  /** Bit i: LOD i is on its way (reserved, decoding or staged). */
  pendingMasks: Uint8Array = new Uint8Array(0);
  /** Bit i: LOD i has failed and waits for its retry. */
  failedMasks: Uint8Array = new Uint8Array(0);
  /** Bit i: LOD i must stay: pins, levels, what is always kept. */
  pinnedMasks: Uint8Array = new Uint8Array(0);
  /** Thresholds and shown LODs in general (0), and of levels that have limits of their own. */
  readonly lodSets: LodSet[] = [createLodSet(0)];
  /** What each LOD's error counts as (see `lod-rules.ts`), five per asset. */
  needErrors: Float64Array = new Float64Array(0);
  /** Subtracted from a distance before errors are compared (meters at scale 1). */
  needRadii: Float64Array = new Float64Array(0);
  /** 1 where LODs change at fixed distances, whatever the lens. */
  lensFree: Uint8Array = new Uint8Array(0);
  /** Beyond this nothing is shown or asked for (meters at scale 1). */
  maxDistances: Float64Array = new Float64Array(0);
  /** Rows from here on follow no rule yet but their errors. */
  ruledCount = 0;
  /** Rows from here on have no thresholds yet. */
  scaledCount = 0;
  /** A LOD gets coarser when its threshold is passed by this factor: no flicker at a boundary. */
  readonly coarserFactor: number;
  /** It gets finer below its threshold times this, at most 1. */
  readonly finerFactor: number;
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
  /** Since when it shows nothing though it is in view (clock time, ms); Infinity: it does not miss. */
  missingSinceMs: Float64Array = new Float64Array(0);
  /** `UrgencyClass`: of the most urgent payload that is missing, or of its use when none is. */
  classes: Uint8Array = new Uint8Array(0);
  nextClasses: Uint8Array = new Uint8Array(0);
  /** In how many parts of the open that are shown it stands: without a layer, of each layer, as a proxy. */
  openUses: Uint16Array = new Uint16Array(0);
  /** First of the entities that request the asset; 0 = none (linked by `entityNext`). */
  firstEntities: Uint32Array = new Uint32Array(0);

  /** What scoring reads and writes: views on the columns above. */
  demand: DemandColumns = this.#demandColumns();

  readonly #rows = new Map<number, number>();

  constructor(options: LodOptions = {}) {
    const { hysteresis, finerHysteresis } = { ...LOD_DEFAULTS, ...options };
    this.coarserFactor = hysteresis;
    this.finerFactor = 1 / finerHysteresis;
  }

  /** Limits, thresholds and shown LODs of what no level limits further. */
  get general(): LodSet {
    return this.lodSets[0]!;
  }

  /** Row of the asset with this id, or -1. */
  find(id: number): number {
    return this.#rows.get(id) ?? -1;
  }

  /**
   * Makes room for `count` more rows in steps. Nothing may be appended or dropped between the first
   * step and the last.
   */
  *reserve(count: number): Generator<void> {
    const wanted = this.count + count;
    for (let row = this.count; row < wanted; row++) {
      this.names[row] = '';
      if (row % STEP_ROWS === 0) yield;
    }
    if (wanted <= this.ids.length) return;
    const capacity = Math.max(wanted, 16);
    for (const columns of GROWN_TOGETHER) {
      growColumns(this, columns, capacity);
      if ('buckets' in columns) {
        for (const set of this.lodSets) growLodSet(set, capacity);
        this.demand = this.#demandColumns();
      }
      yield;
    }
    this.ids = grown(this.ids, capacity);
  }

  #demandColumns(): DemandColumns {
    return {
      logErrors: this.logErrors,
      lodCounts: this.lodCounts,
      thresholds: this.general.thresholds,
      radii: this.radii,
      needRadii: this.needRadii,
      lensFree: this.lensFree,
      importances: this.importances,
      buckets: this.nextBuckets,
      classic: this.nextClassic,
      nearest: this.nextNearest,
    };
  }

  /**
   * Takes the next `count` rows, for which there is room, and returns the first. Like retired ones
   * they want nothing yet.
   */
  append(count: number): number {
    const first = this.count;
    this.count += count;
    return first;
  }

  /** Fills a row: the asset answers to its name from now on. */
  put(row: number, facts: AssetFacts): void {
    this.names[row] = facts.name;
    this.ids[row] = facts.id;
    this.lodCounts[row] = facts.lodCount;
    this.firstPayloads[row] = facts.firstPayload;
    this.spheres.set(facts.sphere, row * 4);
    const [x, y, z, radius] = facts.sphere;
    this.radii[row] = Math.hypot(x, y, z) + radius;
    this.importances[row] = facts.importance;
    this.classes[row] = UrgencyClass.Low;
    this.nearest[row] = Number.POSITIVE_INFINITY;
    this.nextNearest[row] = Number.POSITIVE_INFINITY;
    this.missingSinceMs[row] = Number.POSITIVE_INFINITY;
    this.custom[row] = facts.isCustom ? 1 : 0;
    this.openUses[row] = 0;
    for (let lod = 0; lod < MAX_LODS; lod++)
      this.errors[row * MAX_LODS + lod] = facts.errors[Math.min(lod, facts.lodCount - 1)]!;
    this.#startRow(row);
    // A name that is already known keeps its first owner; the newcomer serves its own placements.
    if (!this.#rows.has(facts.id)) this.#rows.set(facts.id, row);
  }

  /** Until a rule says otherwise, LODs follow their errors. */
  #startRow(row: number): void {
    // Whatever was reckoned for the row was for one without LODs.
    this.ruledCount = Math.min(this.ruledCount, row);
    this.scaledCount = Math.min(this.scaledCount, row);
    const last = Math.max(0, this.lodCounts[row]! - 1);
    this.needRadii[row] = this.radii[row]!;
    this.lensFree[row] = 0;
    this.maxDistances[row] = Number.POSITIVE_INFINITY;
    for (let at = row * MAX_LODS; at < (row + 1) * MAX_LODS; at++) {
      this.needErrors[at] = this.errors[at]!;
      this.logErrors[at] = Math.log2(Math.max(this.errors[at]!, MIN_ERROR));
    }
    for (const set of this.lodSets) {
      set.finestLods[row] = 0;
      set.coarsestLods[row] = last;
      set.shownLods.fill(-1, row * THRESHOLD_STRIDE, (row + 1) * THRESHOLD_STRIDE);
    }
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
    this.ruledCount = Math.min(this.ruledCount, first);
    this.scaledCount = Math.min(this.scaledCount, first);
    this.names.length = first;
    this.count = first;
  }

  /**
   * Sets from how far each LOD is good enough, `needError · k + needRadius` meters at scale 1, and
   * from where the asset is hidden: too small, or beyond a limit.
   *
   * @param first rows before this have been set for the same scale
   */
  updateThresholds(scale: LodScale, first: number = 0): void {
    for (const set of this.lodSets)
      for (let row = first; row < this.count; row++) this.#scaleRow(set, row, scale);
    this.scaledCount = this.count;
  }

  #scaleRow(set: LodSet, row: number, scale: LodScale): void {
    const { thresholds } = set;
    const base = row * THRESHOLD_STRIDE;
    const lodCount = this.lodCounts[row]!;
    const radius = this.radii[row]!;
    const [finest, coarsest] = [set.finestLods[row]!, set.coarsestLods[row]!];
    const k = (this.lensFree[row] ? scale.perPixel : scale.kPerPixel) / set.errorScale;
    for (let lod = 1; lod < lodCount; lod++)
      thresholds[base + lod] =
        lod <= finest
          ? Number.NEGATIVE_INFINITY
          : this.needErrors[row * MAX_LODS + lod]! * k + this.needRadii[row]!;
    const last = coarsest > 0 ? thresholds[base + coarsest]! : 0;
    const tooSmall = radius * scale.hidePerMeter + radius;
    const hide = Math.min(
      // Being too small comes after the coarsest LOD, never before it; a limit is a limit.
      Math.max(tooSmall, last * 1.01),
      scale.drawDistanceMeters,
      this.maxDistances[row]!,
      set.maxDistanceMeters,
    );
    thresholds[base + lodCount] = hide;
    // LODs that are never reached share the last threshold: the row stays in order.
    for (let lod = finest + 1; lod < lodCount; lod++)
      if (lod > coarsest || thresholds[base + lod]! > hide) thresholds[base + lod] = hide;
  }

  /** Recomputes what is shown for each target; true when it changed. */
  refreshShown(row: number): boolean {
    let changed = false;
    for (const set of this.lodSets) if (this.#refreshSet(set, row)) changed = true;
    if (changed) this.dirty[row] = 1;
    return changed;
  }

  #refreshSet(set: LodSet, row: number): boolean {
    const base = row * THRESHOLD_STRIDE;
    const lodCount = this.lodCounts[row]!;
    const mask = this.residentMasks[row]!;
    const finest = set.finestLods[row]!;
    let changed = false;
    for (let target = 0; target < lodCount; target++) {
      const lod = bestAllowed(target, mask, lodCount, finest);
      if (set.shownLods[base + target] === lod) continue;
      set.shownLods[base + target] = lod;
      changed = true;
    }
    set.shownLods[base + lodCount] = -1;
    return changed;
  }
}
