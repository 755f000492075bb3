/**
 * Reads: budgets. Writes: MemoryBudget, its tags, events. After: materialize-placements.
 *
 * How full memory is, said in words that do not flicker: as events, and on the entities that the game
 * has given a `MemoryBudget`.
 */
import { hashName } from '../base/hash.ts';
import { MEMORY_STATES, nextMemoryState } from '../memory/budget/memory-state.ts';
import { POOL_COUNT, POOL_NAMES, type Pool } from '../memory/budget/pools.ts';
import type { StreamWorld } from '../world.ts';
import { putOn, roomForOps, takeOff } from './structural-ops.ts';

/** Both tags may change at once. */
const OPS_TO_TELL = 2;

const TOTAL = hashName('total');
const POOL_IDS: readonly number[] = POOL_NAMES.map(hashName);

export function tellMemory(world: StreamWorld): void {
  tellTotal(world);
  for (let pool = 0; pool < POOL_COUNT; pool++) tellPool(world, pool as Pool);
  for (const named of world.budget.named.values()) {
    if (named.stateNumber === named.toldState) continue;
    named.toldState = named.stateNumber;
    tell(world, named.name, named.stateNumber, named.usedBytes, named.bytes);
  }
  const { dense } = world.queries.budgets;
  for (let i = 0; i < dense.length; i++) writeBudget(world, dense[i]!);
}

function tellTotal(world: StreamWorld): void {
  const { budget, memoryStates } = world;
  const state = nextMemoryState(memoryStates.total, budget.usedBytes, budget.budgetBytes);
  if (state === memoryStates.total) return;
  memoryStates.total = state;
  tell(world, 'total', state, budget.usedBytes, budget.budgetBytes);
}

/** A pool without a limit is never full: only the whole is. */
function tellPool(world: StreamWorld, pool: Pool): void {
  const { budget, memoryStates } = world;
  const limit = budget.limits.maxBytes[pool]!;
  const used = budget.use.heldOf(pool);
  const known = memoryStates.pools[pool]!;
  const state = limit === Number.POSITIVE_INFINITY ? 0 : nextMemoryState(known, used, limit);
  if (state === known) return;
  memoryStates.pools[pool] = state;
  tell(world, POOL_NAMES[pool]!, state, used, limit);
}

function tell(
  { events }: StreamWorld,
  budget: string,
  state: number,
  usedBytes: number,
  budgetBytes: number,
): void {
  const name = MEMORY_STATES[state]!;
  events.emit('memoryStateChanged', { budget, state: name, usedBytes, budgetBytes });
}

function writeBudget(world: StreamWorld, entity: number): void {
  const { MemoryBudget, MemoryWarning, MemoryCritical } = world.set.components;
  const id = MemoryBudget.name[entity]!;
  if (id === TOTAL) writeTotal(world, entity);
  else {
    const pool = POOL_IDS.indexOf(id);
    if (pool >= 0) writePool(world, entity, pool as Pool);
    else writeNamed(world, entity, id);
  }
  if (roomForOps(world) < OPS_TO_TELL) return;
  const state = MEMORY_STATES[MemoryBudget.state[entity]!]!;
  if (state === 'warning') putOn(world, entity, MemoryWarning);
  else takeOff(world, entity, MemoryWarning);
  if (state === 'critical') putOn(world, entity, MemoryCritical);
  else takeOff(world, entity, MemoryCritical);
}

function writeTotal({ budget, memoryStates, set }: StreamWorld, entity: number): void {
  const { MemoryBudget } = set.components;
  MemoryBudget.bytes[entity] = budget.budgetBytes;
  MemoryBudget.usedBytes[entity] = budget.usedBytes;
  MemoryBudget.residentBytes[entity] = budget.residentBytes;
  MemoryBudget.reservedBytes[entity] = budget.reservedBytes;
  MemoryBudget.peakBytes[entity] = budget.peakBytes;
  MemoryBudget.state[entity] = memoryStates.total;
}

function writePool({ budget, memoryStates, set }: StreamWorld, entity: number, pool: Pool): void {
  const { MemoryBudget } = set.components;
  const { use, limits } = budget;
  MemoryBudget.bytes[entity] = Math.min(limits.maxBytes[pool]!, budget.budgetBytes);
  MemoryBudget.usedBytes[entity] = use.heldOf(pool);
  MemoryBudget.residentBytes[entity] = use.residentOf(pool);
  MemoryBudget.reservedBytes[entity] = use.heldOf(pool) - use.residentOf(pool);
  MemoryBudget.peakBytes[entity] = use.peakOf(pool);
  MemoryBudget.state[entity] = memoryStates.pools[pool]!;
}

function writeNamed({ budget, set }: StreamWorld, entity: number, id: number): void {
  const { MemoryBudget } = set.components;
  const named = budget.named.byId(id);
  MemoryBudget.bytes[entity] = named?.bytes ?? 0;
  MemoryBudget.usedBytes[entity] = named?.usedBytes ?? 0;
  MemoryBudget.residentBytes[entity] = named?.usedBytes ?? 0;
  MemoryBudget.reservedBytes[entity] = 0;
  MemoryBudget.peakBytes[entity] = named?.peakBytes ?? 0;
  MemoryBudget.state[entity] = named?.stateNumber ?? 0;
}
