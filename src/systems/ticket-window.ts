/**
 * How many tickets io may hold: the reads in flight and a short look-ahead, or, on a fast link that is
 * far away, as many as keep it busy for two latencies. Their memory is reserved, so there is an end.
 */
import type { StreamWorld } from '../world.ts';

/** Tickets at most, whatever the link. */
const MAX_TICKETS = 256;

/** Tickets that may be submitted now; negative when there are too many already. */
export function ticketRoom(world: StreamWorld): number {
  const { options, io, pending } = world;
  const usual = options.maxInFlight + options.lookAhead;
  return Math.max(usual, Math.min(MAX_TICKETS, io.wantedTickets)) - pending.size;
}
