/** What the streaming tells of memory: every budget, and how it stands. */
import { MEMORY_STATES } from '../memory/budget/memory-state.ts';
import { POOL_NAMES, type Pool, type PoolName } from '../memory/budget/pools.ts';
import type { StreamWorld } from '../world.ts';

export interface MemoryReport {
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
  /** Bytes of the view that no payload accounts for: staging, instances. */
  overheadBytes: number;
  /** What the GPU's copies of geometry take where they share buffers, whether in use or not. */
  geometryBytes: number;
  /** Size of these buffers, which is fixed; 0: each payload has its own, as with WebGPU. */
  sharedGeometryBytes: number;
  /** All that the view holds on the GPU; 0 where it does not say. */
  gpuBytes: number;
  /** Resident bytes by pool. */
  poolBytes: Record<PoolName, number>;
  pools: Record<PoolName, PoolReport>;
  /** Budgets of the game's own, by name. */
  namedBudgets: Record<string, NamedBudgetReport>;
  memoryState: string;
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

/** A new object each call. */
export function reportMemory(world: StreamWorld): MemoryReport {
  const { budget } = world;
  return {
    budgetBytes: budget.budgetBytes,
    usedBytes: budget.usedBytes,
    residentBytes: budget.residentBytes,
    reservedBytes: budget.reservedBytes,
    peakBytes: budget.peakBytes,
    limitBytes: budget.limitBytes,
    excessBytes: budget.excessBytes,
    unwantedBytes: budget.unwantedBytes,
    overheadBytes: budget.overheadBytes,
    geometryBytes: budget.geometryBytes,
    sharedGeometryBytes: budget.sharedBytes,
    gpuBytes: world.view?.gpuBytes ?? 0,
    ...poolFigures(world),
    memoryState: MEMORY_STATES[world.memoryStates.total]!,
  };
}

function poolFigures({
  budget,
  memoryStates,
}: StreamWorld): Pick<MemoryReport, 'poolBytes' | 'pools' | 'namedBudgets'> {
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
  const named = budget.named
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
