/**
 * How many tickets io may hold: those of the reads in flight and of a short look-ahead. A group of
 * neighbors is one read. What waits there has its memory reserved and its place taken, so the line is
 * kept short: a longer one was worth 6 % of error, for what it held was no longer the best.
 */
import { UrgencyClass } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';
import { loadsNow } from './adapt-load.ts';

/** Tickets at most, however they group. */
const MAX_TICKETS = 256;

/** Reads that may be submitted now; negative when there are too many already. */
export function ticketRoom(world: StreamWorld): number {
  const { pending } = world;
  let reads = 0;
  for (const payload of pending) reads += roomOf(world, payload);
  return Math.min(MAX_TICKETS - pending.size, loadsNow(world) - reads);
}

/** What the payload takes of that room. What must be there never waits for room. */
export function roomOf(world: StreamWorld, payload: number): number {
  const { leader, urgency } = world.payloads.columns;
  return leader[payload] === payload && urgency[payload] !== UrgencyClass.Critical ? 1 : 0;
}
