/**
 * In which order payloads leave memory: of those that may go, what costs the picture least per byte
 * goes first. Called by: evict.
 */
import { IndexedHeap } from '../base/heap.ts';
import { PayloadState } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';
import { densityOf } from './victim-worth.ts';

const heap = new IndexedHeap(1024);

/** Lists all that may go now. Called before the others, once in a frame in which something must go. */
export function listVictims(world: StreamWorld): void {
  heap.clear();
  for (const payload of world.contents.keys())
    if (mayEvict(world, payload)) heap.set(payload, -densityOf(world, payload));
}

/** No victim is worth less than this per byte; Infinity where there is none. */
export function leastDensity(): number {
  return -heap.priorityOf(heap.peek());
}

/** Takes the payload of least density. Densities change as LODs of an asset go, so it is checked. */
export function nextVictim(world: StreamWorld): number {
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

/** Puts back what `nextVictim` gave and what stays after all. */
export function returnVictim(world: StreamWorld, payload: number): void {
  heap.set(payload, -densityOf(world, payload));
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
