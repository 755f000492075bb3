/**
 * What the plugin would ask for if it scored every placement of the world afresh in this frame: no
 * culling, no cells, no sweeps. Only the formulas are the plugin's own.
 */
import { MAX_LODS } from '../../src/base/limits.ts';
import { PayloadState } from '../../src/memory/payloads.ts';
import { addDemand, type DemandColumns } from '../../src/spatial/expected-error.ts';
import { gatherCandidates } from '../../src/systems/gather-candidates.ts';
import type { StreamWorld } from '../../src/world.ts';

/** Priorities of what may be asked for, by payload. */
export type Choices = Map<number, number>;

/** Demand of all placements at the poses of this frame, each by itself. */
function demandOfAll(world: StreamWorld): DemandColumns {
  const { assets, cells, slots, score, levels } = world;
  const columns: DemandColumns = {
    ...assets.demand,
    buckets: new Float64Array(assets.count * MAX_LODS),
    classic: new Float64Array(assets.count),
    nearest: new Float64Array(assets.count).fill(Number.POSITIVE_INFINITY),
  };
  const scored = new Float64Array(6);
  for (let cell = 0; cell < cells.count; cell++) {
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
  return columns;
}

/** A stand-in whose typed arrays are copies, so that nothing written there reaches the original. */
function copied<T extends object>(original: T): T {
  const copy = Object.create(original) as Record<string, unknown>;
  for (const [key, value] of Object.entries(original))
    if (ArrayBuffer.isView(value))
      Object.defineProperty(copy, key, { value: (value as Uint8Array).slice(), writable: true });
  return copy as T;
}

/** What would be asked for by the demand of all placements, and what is resident and pending now. */
export function bruteForceChoices(world: StreamWorld): Choices {
  const demand = demandOfAll(world);
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
