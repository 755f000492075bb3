/**
 * Reads: plan, demand. Writes: payload rows, releases. After: throttle.
 *
 * Makes room before bytes are asked for: evicts what costs the picture least per byte, and never
 * something worth more than what it makes room for.
 */
import type { StreamWorld } from '../world.ts';
import { evictPayload, withdrawPayload } from './payload-lifecycle.ts';
import { priceOf } from './price.ts';
import { roomOf, ticketRoom } from './ticket-window.ts';
import { leastDensity, listVictims, nextVictim, returnVictim } from './victim-order.ts';
import {
  densityOf,
  isNeededInView,
  isShownNow,
  lossOfPayload,
  speculationShare,
} from './victim-worth.ts';

const victims: number[] = [];

export function evict(world: StreamWorld): void {
  const { budget, plan, payloads, stats } = world;
  let listed = false;
  if (budget.overBytes > 0) {
    listVictims(world);
    listed = true;
    shrink(world);
  }
  if (plan.count === 0) return;
  stats.refused = 0;
  world.refusal.gain = 0;
  let free = budget.freeBytes;
  let room = ticketRoom(world);
  for (let i = 0; i < plan.count; i++) {
    const payload = plan.payloads[i]!;
    if (room <= 0) {
      plan.count = i;
      return;
    }
    const needed = payloads.columns.reserveBytes[payload]!;
    if (needed > free) {
      if (!listed) listVictims(world);
      listed = true;
      const gain = payloads.columns.gain[payload]!;
      const isNeeded = isNeededInView(world, payload);
      const share = isNeeded ? 1 : speculationShare(world);
      const freed = exchange(world, payload, needed - free, share);
      if (freed < 0) {
        plan.payloads[i] = -1;
        if (isNeeded) {
          stats.refused++;
          world.refusal.gain += gain;
        }
        continue;
      }
      free += freed;
    }
    free -= needed;
    room -= roomOf(world, payload);
  }
}

/** The budget was lowered below what is in use: the least worthy goes, then what is on its way. */
function shrink(world: StreamWorld): void {
  const { budget } = world;
  while (budget.overBytes > 0) {
    const victim = nextVictim(world);
    if (victim < 0) break;
    evictPayload(world, victim);
  }
  if (budget.overBytes === 0) return;
  for (const payload of [...world.pending, ...world.staged.keys()]) {
    if (budget.overBytes === 0) return;
    withdrawPayload(world, payload);
  }
}

/**
 * Makes room for a payload: frees at least `bytes` that are worth less than it, in sum and byte by
 * byte, or nothing. Returns bytes freed, -1 = refused.
 *
 * @param share of its gain that counts
 */
function exchange(world: StreamWorld, payload: number, bytes: number, share: number): number {
  const { columns } = world.payloads;
  const gain = columns.gain[payload]! * share;
  const density = columns.priority[payload]! * share;
  const guard = world.options.policy.exchangeGuard;
  // Every victim costs at least as much per byte as the first: most refusals end here.
  if (leastDensity() * bytes * guard >= gain) return -1;
  let freed = 0;
  let loss = 0;
  victims.length = 0;
  while (freed < bytes && loss * guard < gain) {
    const victim = nextVictim(world);
    if (victim < 0) break;
    victims.push(victim);
    if (densityOf(world, victim) * guard > density) break;
    freed += columns.residentBytes[victim]!;
    loss += lossOfPayload(world, victim);
    // What is on screen will be asked for again, at the worth that the link has now.
    if (isShownNow(world, victim)) loss += density * priceOf(world, victim);
  }
  if (freed < bytes || loss * guard >= gain) {
    for (const victim of victims) returnVictim(world, victim);
    return -1;
  }
  for (const victim of victims) evictPayload(world, victim);
  return freed;
}
