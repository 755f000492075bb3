/**
 * Coming down to a budget, or to the limit of a pool, that was lowered below what is in use: the least
 * worthy goes first, then what is on its way, some of it in each frame. Called by: evict.
 */
import type { Budget } from '../memory/budget/budget.ts';
import { POOL_COUNT, Pool } from '../memory/budget/pools.ts';
import type { StreamWorld } from '../world.ts';
import { evictPayload, withdrawPayload } from './payload-lifecycle.ts';
import { nextVictim, returnVictim } from './victim-order.ts';

const passed: number[] = [];

/** Whether anything has to go for the sake of limits. */
export function isOverLimits(budget: Budget): boolean {
  return budget.overBytes > 0 || budget.excessBytes > 0 || poolOver(budget) >= 0;
}

function poolOver(budget: Budget): number {
  for (let pool = 0; pool < POOL_COUNT; pool++)
    if (budget.poolExcessBytes(pool as Pool) > 0) return pool;
  return -1;
}

/** Evicts up to `evictBytesPerFrame`, and beyond that only what is over the limit that holds now. */
export function shrink(world: StreamWorld): void {
  const { budget, options, payloads } = world;
  const { residentBytes, reserveBytes } = payloads.columns;
  let quota = options.evictBytesPerFrame;
  const isDone = (): boolean =>
    budget.overBytes === 0 && (quota <= 0 || (budget.excessBytes === 0 && poolOver(budget) < 0));
  while (!isDone()) {
    const victim = nextVictimOf(world, budget.excessBytes > 0 ? -1 : poolOver(budget));
    if (victim < 0) break;
    quota -= residentBytes[victim]!;
    evictPayload(world, victim);
  }
  for (const victim of passed) returnVictim(world, victim);
  passed.length = 0;
  if (isDone()) return;
  for (const payload of [...world.pending, ...world.staged.keys()]) {
    if (isDone()) return;
    const over = poolOver(budget);
    if (budget.excessBytes === 0 && budget.overBytes === 0 && !holdsOf(world, payload, over))
      continue;
    quota -= reserveBytes[payload]!;
    withdrawPayload(world, payload);
  }
}

/** The least worthy of a pool, or of all (-1) that hold more than they are guaranteed. */
function nextVictimOf(world: StreamWorld, pool: number): number {
  const { budget, payloads } = world;
  for (;;) {
    const victim = nextVictim(world);
    if (victim < 0) return -1;
    const from = payloads.columns.pool[victim]! as Pool;
    const isGuaranteed = budget.use.heldOf(from) <= budget.limits.minBytes[from]!;
    if (pool < 0 ? !isGuaranteed : holdsOf(world, victim, pool)) return victim;
    passed.push(victim);
  }
}

function holdsOf({ payloads }: StreamWorld, payload: number, pool: number): boolean {
  const { pool: pools, textureBytes } = payloads.columns;
  return pools[payload] === pool || (pool === Pool.Texture && textureBytes[payload]! > 0);
}
