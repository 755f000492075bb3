/** What the streaming tells about itself: a snapshot of figures. */
import { MAX_LODS } from '../base/limits.ts';
import { MIXED } from '../catalog/cells.ts';
import type { ResidencyClass } from '../components/residency.ts';
import type { IoStats } from '../io/io-stats.ts';
import { LEVEL_STATE_NAMES } from '../level/level-machine.ts';
import { MEMORY_STATES } from '../memory/budget/memory-state.ts';
import { POOL_NAMES, type Pool, type PoolName } from '../memory/budget/pools.ts';
import { URGENCY_NAMES } from '../memory/payloads.ts';
import { errorBiasOf } from '../systems/error-bias.ts';
import type { RingSummary } from '../telemetry/ring.ts';
import type { StreamWorld } from '../world.ts';

/** A number for each urgency class. */
export type ClassCounts = Record<keyof typeof ResidencyClass, number>;

/** Figures of the last frame and totals since install. A new object each call. */
export interface StreamingStats {
  frame: number;
  budgetBytes: number;
  usedBytes: number;
  residentBytes: number;
  reservedBytes: number;
  peakBytes: number;
  /** What holds in this frame: `budgetBytes`, or on the way down to it what was in use before. */
  limitBytes: number;
  /** Bytes still to be evicted after the budget was lowered; stays above 0 when pins alone are too much. */
  excessBytes: number;
  /** Bytes still coming that nobody waits for any more. */
  unwantedBytes: number;
  /** Bytes of the view that no payload accounts for: staging, instances, shared buffers. */
  overheadBytes: number;
  /** All that the view holds on the GPU; 0 where it does not say. */
  gpuBytes: number;
  /** Resident bytes by pool. */
  poolBytes: Record<PoolName, number>;
  pools: Record<PoolName, PoolReport>;
  /** Budgets of the game's own, by name. */
  namedBudgets: Record<string, NamedBudgetReport>;
  memoryState: string;
  /** Factor on the tolerated errors, under memory or frame pressure. */
  errorBias: number;
  /** What frame pressure alone asks for. */
  frameBias: number;
  placements: number;
  /** Bytes of all tables that hold placements, cells and their tree. */
  tableBytes: number;
  /** Opening of worlds: longest time without a pause (ms on the clock), and how many there were. */
  openMaxSliceMs: number;
  openSlices: number;
  shown: number;
  holes: number;
  entitiesRequesting: number;
  entitiesMaterialized: number;
  /** Entities and components added to your world and taken from it in the last frame. */
  structuralOps: number;
  visibleCells: number;
  evaluatedCells: number;
  visitedNodes: number;
  showChanges: number;
  payloads: number;
  payloadsResident: number;
  payloadsPending: number;
  /** What is with io, by urgency class. */
  pendingByClass: ClassCounts;
  payloadsStaged: number;
  candidates: number;
  /** Candidates by urgency class, as of the last gathering. */
  candidatesByClass: ClassCounts;
  refused: number;
  /** Slots that carry an occlusion weight. */
  occludedSlots: number;
  requestsInFlight: number;
  requestsQueued: number;
  bandwidthBytesPerSecond: number;
  latencySeconds: number;
  payloadsLoaded: number;
  payloadsEvicted: number;
  payloadsFailed: number;
  cancelled: number;
  fetchedBytes: number;
  /** Encoded bytes fetched and decoded for content that left before the view ever wanted it. */
  unshownBytes: number;
  /** What the I/O engine counts: requests, bytes, latency, retries, cache, workers. */
  io: IoStats;
  overBudgetFrames: number;
  levels: Record<string, string>;
  beginMs: RingSummary;
  updateMs: RingSummary;
  commitMs: RingSummary;
}

export interface PoolReport {
  residentBytes: number;
  reservedBytes: number;
  peakBytes: number;
  /** Never lent to others; never taken by others; never exceeded. */
  minBytes: number;
  entitledBytes: number;
  maxBytes: number;
  state: string;
}

export interface NamedBudgetReport {
  bytes: number;
  grantedBytes: number;
  usedBytes: number;
  peakBytes: number;
  priority: number;
  state: string;
}

export function snapshot(world: StreamWorld): StreamingStats {
  const { budget, stats, io } = world;
  return {
    frame: world.frame,
    budgetBytes: budget.budgetBytes,
    usedBytes: budget.usedBytes,
    residentBytes: budget.residentBytes,
    reservedBytes: budget.reservedBytes,
    peakBytes: budget.peakBytes,
    limitBytes: budget.limitBytes,
    excessBytes: budget.excessBytes,
    unwantedBytes: budget.unwantedBytes,
    overheadBytes: budget.overheadBytes,
    gpuBytes: world.view?.gpuBytes ?? 0,
    ...poolFigures(world),
    memoryState: MEMORY_STATES[world.memoryStates.total]!,
    errorBias: errorBiasOf(world),
    frameBias: world.frameBias.bias,
    placements: world.slots.count - world.slots.entitySlots - world.terrain.count,
    openMaxSliceMs: world.pace.maxTurnMs,
    openSlices: world.pace.turns,
    tableBytes: tableBytes(world),
    shown: stats.shownSlots,
    holes: stats.holes,
    entitiesRequesting: world.queries.requests.dense.length,
    entitiesMaterialized: world.materialized.count,
    structuralOps: stats.structuralOps,
    visibleCells: stats.visibleCells,
    evaluatedCells: stats.evaluatedCells,
    visitedNodes: stats.visitedNodes,
    showChanges: stats.showChanges,
    payloads: world.payloads.count,
    payloadsResident: world.contents.size,
    payloadsPending: world.pending.size,
    pendingByClass: pendingByClass(world),
    payloadsStaged: world.staged.size,
    candidates: stats.candidates,
    candidatesByClass: namedCounts(stats.candidatesByClass),
    refused: stats.refused,
    occludedSlots: world.occlusion.count,
    requestsInFlight: io.inFlightCount,
    requestsQueued: io.queuedCount,
    bandwidthBytesPerSecond: io.link.bandwidthBytesPerSecond,
    latencySeconds: io.link.latencySeconds,
    payloadsLoaded: stats.payloadsLoaded,
    payloadsEvicted: stats.payloadsEvicted,
    payloadsFailed: stats.payloadsFailed,
    cancelled: stats.cancelled,
    fetchedBytes: io.fetchedBytes,
    unshownBytes: stats.unshownBytes,
    io: io.stats(),
    overBudgetFrames: stats.overBudgetFrames,
    levels: levelStates(world),
    beginMs: stats.beginMs.summary(),
    updateMs: stats.updateMs.summary(),
    commitMs: stats.commitMs.summary(),
  };
}

function poolFigures({
  budget,
  memoryStates,
  namedBudgets,
}: StreamWorld): Pick<StreamingStats, 'poolBytes' | 'pools' | 'namedBudgets'> {
  const { use, limits } = budget;
  const pools = POOL_NAMES.map((name, pool): [PoolName, PoolReport] => [
    name,
    {
      residentBytes: use.residentOf(pool as Pool),
      reservedBytes: use.heldOf(pool as Pool) - use.residentOf(pool as Pool),
      peakBytes: use.peakOf(pool as Pool),
      minBytes: limits.minBytes[pool]!,
      entitledBytes: limits.entitledBytes[pool]!,
      maxBytes: Math.min(limits.maxBytes[pool]!, budget.budgetBytes),
      state: MEMORY_STATES[memoryStates.pools[pool]!]!,
    },
  ]);
  const named = namedBudgets
    .values()
    .map(({ name, bytes, grantedBytes, usedBytes, peakBytes, priority, state }) => [
      name,
      { bytes, grantedBytes, usedBytes, peakBytes, priority, state },
    ]);
  return {
    poolBytes: Object.fromEntries(
      pools.map(([name, { residentBytes }]) => [name, residentBytes]),
    ) as Record<PoolName, number>,
    pools: Object.fromEntries(pools) as Record<PoolName, PoolReport>,
    namedBudgets: Object.fromEntries(named),
  };
}

function namedCounts(counts: ArrayLike<number>): ClassCounts {
  return Object.fromEntries(URGENCY_NAMES.map((name, of) => [name, counts[of]])) as ClassCounts;
}

function pendingByClass({ pending, payloads }: StreamWorld): ClassCounts {
  const counts = URGENCY_NAMES.map(() => 0);
  for (const payload of pending) counts[payloads.columns.urgency[payload]!]!++;
  return namedCounts(counts);
}

function tableBytes({ slots, occlusion, cells, cellTree }: StreamWorld): number {
  return slots.byteLength + occlusion.byteLength + cells.byteLength + cellTree.byteLength;
}

export function levelStates(world: StreamWorld): Record<string, string> {
  const states: Record<string, string> = {};
  for (const level of world.levels) if (level) states[level.name] = LEVEL_STATE_NAMES[level.state]!;
  return states;
}

/** How many visible placements show each LOD, finest first. Walks what is in view. */
export function lodHistogram(world: StreamWorld): number[] {
  const { cells, visibleCells, slots, visibleEntities } = world;
  const counts = new Array<number>(MAX_LODS).fill(0);
  const add = (lod: number, count: number): void => {
    if (lod < MAX_LODS) counts[lod]! += count;
  };
  for (let i = 0; i < visibleCells.count; i++) {
    const cell = visibleCells.items[i]!;
    for (let run = cells.cellRuns[cell]!; run < cells.cellRuns[cell + 1]!; run++) {
      const [start, end] = [cells.runSlots[run]!, cells.runEnds[run]!];
      if (cells.runShown[run] !== MIXED) add(cells.runShown[run]!, end - start);
      else for (let slot = start; slot < end; slot++) add(slots.shownLods[slot]!, 1);
    }
  }
  for (let i = 0; i < visibleEntities.count; i++)
    add(slots.shownLods[visibleEntities.items[i]!]!, 1);
  return counts;
}
