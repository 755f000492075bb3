/**
 * Reads: plan, demand. Writes: payload rows, releases. After: throttle.
 *
 * Makes room before bytes are asked for: evicts what costs the picture least per byte, and never
 * something worth more than what it makes room for.
 */
import { IndexedHeap } from '../base/heap.ts';
import { PayloadState } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';
import { evictPayload, withdrawPayload } from './payload-lifecycle.ts';
import { priceOf } from './price.ts';
import { roomOf, ticketRoom } from './ticket-window.ts';
import {
  densityOf,
  isNeededInView,
  isShownNow,
  lossOfPayload,
  speculationShare,
} from './victim-worth.ts';

const heap = new IndexedHeap(1024);
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
  const cheapest = heap.peek();
  // Every victim costs at least as much per byte as the first: most refusals end here.
  if (cheapest < 0 || -heap.priorityOf(cheapest) * bytes * guard >= gain) return -1;
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
    for (const victim of victims) heap.set(victim, -densityOf(world, victim));
    return -1;
  }
  for (const victim of victims) evictPayload(world, victim);
  return freed;
}

function listVictims(world: StreamWorld): void {
  heap.clear();
  for (const payload of world.contents.keys())
    if (mayEvict(world, payload)) heap.set(payload, -densityOf(world, payload));
}

function mayEvict(world: StreamWorld, payload: number): boolean {
  const { columns } = world.payloads;
  if (columns.state[payload] !== PayloadState.Resident || columns.pins[payload]! > 0) return false;
  const owner = columns.owner[payload]!;
  if (owner >= 0) return true;
  // A tile under resident children is what they fold back to; roots are the last ground there is.
  const { residentChildren, parents } = world.terrain;
  const node = -1 - owner;
  return residentChildren[node] === 0 && parents[node]! >= 0;
}

/** Takes the payload of least density. Densities change as LODs of an asset go, so it is checked. */
function nextVictim(world: StreamWorld): number {
  for (;;) {
    const payload = heap.peek();
    if (payload < 0) return -1;
    const listed = heap.priorityOf(payload);
    heap.delete(payload);
    if (!mayEvict(world, payload)) continue;
    const now = -densityOf(world, payload);
    const next = heap.peek();
    // Only what is certainly less goes back: a worth that is no number would for ever.
    if (!(now < listed && next >= 0 && now < heap.priorityOf(next))) return payload;
    heap.set(payload, now);
  }
}
