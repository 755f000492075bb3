/**
 * Reads: plan, demand. Writes: payload rows, releases. After: throttle.
 *
 * Makes room before bytes are asked for: evicts what costs the picture least per byte, and never
 * something worth more than what it makes room for.
 */
import { IndexedHeap } from '../base/heap.ts';
import { MAX_LODS } from '../base/limits.ts';
import { usableLods } from '../catalog/lod-masks.ts';
import { PayloadState } from '../memory/payloads.ts';
import { lossOf } from '../memory/worth.ts';
import type { StreamWorld } from '../world.ts';
import { evictPayload, withdrawPayload } from './payload-lifecycle.ts';

/** What goes must be worth this much less than what comes: no endless exchange of equals. */
import { ticketRoom } from './ticket-window.ts';

const EXCHANGE_GUARD = 1.1;

/** Age breaks ties between things of equal (usually no) worth: oldest use first. */
const AGE_WEIGHT = 1e-18;

/**
 * What nothing on screen needs now counts this much beside what it does, coming and going alike: a
 * guess about the next second never takes memory from the picture of this one.
 */
const SPECULATION = 0.02;

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
      const freed = exchange(world, needed - free, isNeeded ? gain : gain * SPECULATION);
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
    room--;
  }
}

/** Whether what is on screen now falls short without the payload; prefetch may be refused freely. */
function isNeededInView(world: StreamWorld, payload: number): boolean {
  const { columns } = world.payloads;
  const owner = columns.owner[payload]!;
  if (owner >= 0) return (world.assets.inView[owner]! & (1 << columns.lod[payload]!)) !== 0;
  const { parents, starvedFrames, refined } = world.terrain;
  const parent = parents[-1 - owner]!;
  return parent < 0 || starvedFrames[parent] === world.frame || refined[parent] === 1;
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

/** Frees at least `bytes` worth less than `gain`, or nothing. Returns bytes freed, -1 = refused. */
function exchange(world: StreamWorld, bytes: number, gain: number): number {
  const { columns } = world.payloads;
  const cheapest = heap.peek();
  // Every victim costs at least as much per byte as the first: most refusals end here.
  if (cheapest < 0 || -heap.priorityOf(cheapest) * bytes * EXCHANGE_GUARD >= gain) return -1;
  let freed = 0;
  let loss = 0;
  victims.length = 0;
  while (freed < bytes) {
    const victim = nextVictim(world);
    if (victim < 0) break;
    victims.push(victim);
    freed += columns.residentBytes[victim]!;
    loss += lossOfPayload(world, victim);
    if (loss * EXCHANGE_GUARD >= gain) break;
  }
  if (freed < bytes || loss * EXCHANGE_GUARD >= gain) {
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

/** Worth of keeping the payload, per byte. */
function densityOf(world: StreamWorld, payload: number): number {
  const { columns } = world.payloads;
  const age = world.frame - columns.lastUsedFrame[payload]!;
  const worth = lossOfPayload(world, payload) / columns.residentBytes[payload]!;
  return worth - age * AGE_WEIGHT;
}

/** What evicting the payload costs the picture, speculation discounted. */
function lossOfPayload(world: StreamWorld, payload: number): number {
  const share = isNeededInView(world, payload) ? 1 : SPECULATION;
  return share * worthOfPayload(world, payload);
}

function worthOfPayload(world: StreamWorld, payload: number): number {
  const { columns } = world.payloads;
  const owner = columns.owner[payload]!;
  if (owner < 0) return quadWorth(world, -1 - owner);
  const { assets } = world;
  const lodCount = assets.lodCounts[owner]!;
  const mask = assets.residentMasks[owner]! & usableLods(assets, owner);
  return lossOf(assets.buckets, owner * MAX_LODS, lodCount, mask, columns.lod[payload]!);
}

/** Four siblings show together or not at all, so each is worth as much as the best of them. */
function quadWorth(world: StreamWorld, node: number): number {
  const { terrain, sweep } = world;
  const parent = terrain.parents[node]!;
  if (parent < 0) return Number.MAX_VALUE;
  let worth = 0;
  const first = terrain.children[parent]!;
  for (let child = first; child < first + 4; child++)
    // What neither the last nor the running sweep scored is wanted by no pose.
    if (terrain.sweeps[child]! + 1 >= sweep.number) worth = Math.max(worth, terrain.worths[child]!);
  return worth;
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
    if (now >= listed || next < 0 || now >= heap.priorityOf(next)) return payload;
    heap.set(payload, now);
  }
}
