/**
 * Room for one payload, at the cost of others: they have to be worth less, in sum and byte by byte,
 * and of a pool that may lose. Called by: evict.
 */
import type { Budget } from '../memory/budget/budget.ts';
import { Pool } from '../memory/budget/pools.ts';
import type { StreamWorld } from '../world.ts';
import { isOverdue } from './coverage.ts';
import { evictPayload } from './payload-lifecycle.ts';
import { priceOf } from './price.ts';
import { highestTier, leastDensity, nextVictim, returnVictim } from './victim-order.ts';
import { densityOf, isShownNow, lossOfPayload } from './victim-worth.ts';

/** Victims that cannot help are passed over, so many at most for one payload. */
const MAX_PASSED = 256;

const victims: number[] = [];
const passed: number[] = [];

/** Bytes that the payload lacks beside what is held and planned; at most 0: it fits. */
export function lackOf({ budget, payloads }: StreamWorld, payload: number): number {
  return budget.lackOf(payloads.chargeOf(payload));
}

/** The payload will be asked for: what it takes is no longer free. */
export function planPayload({ budget, payloads }: StreamWorld, payload: number): void {
  budget.plan(payloads.chargeOf(payload));
}

/**
 * Evicts what is worth less until the payload fits, or nothing. Returns whether it fits.
 *
 * @param share of its gain that counts
 */
export function makeRoom(world: StreamWorld, payload: number, share: number): boolean {
  const { columns } = world.payloads;
  const gain = columns.gain[payload]! * share;
  const guard = world.options.policy.exchangeGuard;
  const isOwed = isBelowShare(world, payload);
  // Every victim costs at least as much per byte as the first: most refusals end here.
  if (!isOwed && leastDensity() * lackOf(world, payload) * guard >= gain) return false;
  const fits = choose(world, payload, gain, columns.priority[payload]! * share, isOwed);
  for (const victim of victims) planVictim(world, victim, 1);
  for (const victim of passed) returnVictim(world, victim);
  passed.length = 0;
  for (const victim of victims)
    if (fits) evictPayload(world, victim);
    else returnVictim(world, victim);
  victims.length = 0;
  return fits;
}

/** Fills `victims` with what would go, and takes it out of the plan. True: with them gone it fits. */
function choose(
  world: StreamWorld,
  payload: number,
  gain: number,
  density: number,
  isOwed: boolean,
): boolean {
  const guard = world.options.policy.exchangeGuard;
  // What has waited too long is not measured by the link's time, which for small things is nearly all.
  const isLate = isOverdue(world, payload);
  const least = isLate ? gain / world.payloads.columns.reserveBytes[payload]! : density;
  const highest = highestTier(world, payload);
  let loss = 0;
  while (lackOf(world, payload) > 0) {
    if (loss * guard >= gain) return false;
    const victim = nextVictim(world, highest);
    if (victim < 0) return false;
    if (!mayTake(world, victim, payload)) {
      passed.push(victim);
      if (passed.length > MAX_PASSED) return false;
      continue;
    }
    victims.push(victim);
    planVictim(world, victim, -1);
    // What another pool has borrowed goes back, whatever it is worth.
    if (isOwed && poolOf(world, victim) !== poolOf(world, payload)) continue;
    if (densityOf(world, victim) * guard > least) return false;
    loss += lossOfPayload(world, victim);
    // What is on screen will be asked for again, at the worth that the link has now.
    if (!isLate && isShownNow(world, victim)) loss += density * priceOf(world, victim);
  }
  return loss * guard < gain;
}

/** Counts a victim as gone (-1), or no longer (1). */
function planVictim({ budget, payloads }: StreamWorld, victim: number, sign: -1 | 1): void {
  budget.planVictim(payloads.chargeOf(victim), sign);
}

/**
 * Whether it helps the payload if the victim goes. One of another pool does where that holds more than
 * it is entitled to, and the payload does not lack room within a limit of its own pools.
 */
export function mayTake(world: StreamWorld, victim: number, payload: number): boolean {
  const from = poolOf(world, victim);
  const to = poolOf(world, payload);
  if (from === to) return true;
  const { budget, payloads } = world;
  const { residentBytes, reserveBytes, textureBytes } = payloads.columns;
  const { entitledBytes, maxBytes } = budget.limits;
  const textures = textureBytes[victim]!;
  return (
    leaves(budget, from, residentBytes[victim]! - textures, entitledBytes) &&
    leaves(budget, Pool.Texture, textures, entitledBytes) &&
    staysWithin(budget, to, reserveBytes[payload]! - textureBytes[payload]!, maxBytes) &&
    staysWithin(budget, Pool.Texture, textureBytes[payload]!, maxBytes)
  );
}

/** Whether the payload's pools have lent some of their shares to others. */
function isBelowShare({ budget, payloads }: StreamWorld, payload: number): boolean {
  const { pool, reserveBytes, textureBytes } = payloads.columns;
  const { entitledBytes } = budget.limits;
  const textures = textureBytes[payload]!;
  const own = reserveBytes[payload]! - textures;
  return (
    staysWithin(budget, pool[payload]! as Pool, own, entitledBytes) &&
    staysWithin(budget, Pool.Texture, textures, entitledBytes)
  );
}

function leaves(budget: Budget, pool: Pool, bytes: number, least: Float64Array): boolean {
  return bytes === 0 || budget.use.plannedOf(pool) - bytes >= least[pool]!;
}

function staysWithin(budget: Budget, pool: Pool, bytes: number, most: Float64Array): boolean {
  return bytes === 0 || budget.use.plannedOf(pool) + bytes <= most[pool]!;
}

function poolOf({ payloads }: StreamWorld, payload: number): Pool {
  return payloads.columns.pool[payload]! as Pool;
}
