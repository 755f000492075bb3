/**
 * What the plugin would ask for if it scored every placement within its reach afresh in this frame: no
 * tree, no reuse, no samples, no sweeps. Only the formulas are the plugin's own.
 */
import { MAX_LODS } from '../../src/base/limits.ts';
import type { AssetTable } from '../../src/catalog/assets.ts';
import { PayloadState } from '../../src/memory/payloads.ts';
import { addDemand, type DemandColumns } from '../../src/spatial/expected-error.ts';
import { classifyBox, FRUSTUM_STRIDE, Side } from '../../src/spatial/frustum.ts';
import { distanceToBox } from '../../src/spatial/screen-error.ts';
import { gatherCandidates } from '../../src/systems/gather-candidates.ts';
import type { StreamWorld } from '../../src/world.ts';

/** Priorities of what may be asked for, by payload. */
export type Choices = Map<number, number>;

/** Demand of all placements at the poses of this frame, each by itself. */
export function demandOfAll(world: StreamWorld): DemandColumns {
  const { assets, cells, slots, score, levels } = world;
  const columns: DemandColumns = {
    ...assets.demand,
    buckets: new Float64Array(assets.count * MAX_LODS),
    classic: new Float64Array(assets.count),
    nearest: new Float64Array(assets.count).fill(Number.POSITIVE_INFINITY),
  };
  const scored = new Float64Array(6);
  for (let cell = 0; cell < cells.count; cell++) {
    if (!isWithinReach(world, cell)) continue;
    const set = assets.lodSets[cells.lodSets[cell]!]!;
    const view = {
      ...score,
      errorScale: set.errorScale,
      maxDistanceMeters: set.maxDistanceMeters,
    };
    const weight = levels[cells.levels[cell]!]?.priority ?? 1;
    for (let run = cells.cellRuns[cell]!; run < cells.cellRuns[cell + 1]!; run++) {
      const asset = cells.runAssets[run]!;
      for (let slot = cells.runSlots[run]!; slot < cells.runEnds[run]!; slot++) {
        scored.set(slots.positions.subarray(slot * 3, slot * 3 + 3));
        scored.set([slots.scales[slot]!, 1, weight], 3);
        const { finestLods, coarsestLods } = set;
        addDemand(columns, asset, view, scored, finestLods[asset]!, coarsestLods[asset]!);
      }
    }
  }
  addTargets(assets, columns.buckets);
  return columns;
}

/** What hysteresis holds on to in view counts at least this much, lest it be evicted. */
const TARGET_AREA = 1e-7;

function addTargets({ count, inView }: AssetTable, buckets: Float64Array): void {
  for (let bucket = 0; bucket < count * MAX_LODS; bucket++)
    if (inView[Math.floor(bucket / MAX_LODS)]! & (1 << (bucket % MAX_LODS)))
      buckets[bucket] = buckets[bucket]! + TARGET_AREA;
}

/** Nothing else is prefetched: what is neither in view nor within the prefetch radius. */
function isWithinReach({ cells, eyes, planes, prefetchSpheres }: StreamWorld, cell: number) {
  const box = cells.boxes.subarray(cell * 6, cell * 6 + 6);
  const [x, y, z] = [0, 1, 2].map((axis) => (box[axis]! + box[axis + 3]!) / 2);
  const [hx, hy, hz] = [0, 1, 2].map((axis) => (box[axis + 3]! - box[axis]!) / 2);
  for (let eye = 0; eye < eyes.count; eye++)
    if (classifyBox(planes, eye * FRUSTUM_STRIDE, x!, y!, z!, hx!, hy!, hz!) !== Side.Outside)
      return true;
  const { values, count } = prefetchSpheres;
  for (let at = 0; at < count * 4; at += 4)
    if (distanceToBox(box, 0, values[at]!, values[at + 1]!, values[at + 2]!) <= values[at + 3]!)
      return true;
  return false;
}

/** A stand-in whose typed arrays are copies, so that nothing written there reaches the original. */
function copied<T extends object>(original: T): T {
  const copy = Object.create(original) as Record<string, unknown>;
  for (const [key, value] of Object.entries(original))
    if (ArrayBuffer.isView(value))
      Object.defineProperty(copy, key, { value: (value as Uint8Array).slice(), writable: true });
  return copy as T;
}

/** What would be asked for by that demand, given what is resident and on its way now. */
export function choicesBy(world: StreamWorld, demand: DemandColumns): Choices {
  const assets = Object.assign(copied(world.assets), demand);
  const columns = copied(world.payloads.columns);
  const shadow: StreamWorld = Object.assign(Object.create(world) as StreamWorld, {
    assets,
    payloads: { columns, byRank: world.payloads.byRank, count: world.payloads.count },
    candidates: copied(world.candidates),
    reclassified: copied(world.reclassified),
    stats: copied(world.stats),
    // What is on its way stays there: only what comes next is asked.
    pending: new Set<number>(),
    deadlines: new Set<number>(),
  });
  gatherCandidates(shadow);
  return choicesOf(shadow);
}

/** The candidates of the last gathering that nothing has been done about since. */
export function choicesOf({ candidates, payloads }: StreamWorld): Choices {
  const choices: Choices = new Map();
  for (let i = 0; i < candidates.count; i++) {
    const payload = candidates.payloads[i]!;
    if (payloads.columns.state[payload] === PayloadState.Empty)
      choices.set(payload, candidates.priorities[i]!);
  }
  return choices;
}

/** The `count` best; of equals those of the lower row. */
export function best(choices: Choices, count: number): number[] {
  return [...choices]
    .sort(([a, one], [b, other]) => other - one || a - b)
    .slice(0, count)
    .map(([payload]) => payload);
}
