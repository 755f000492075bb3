/**
 * Reads: plan. Writes: reservations, tickets. After: evict.
 *
 * Reserves, then asks. `evict` has made room for what the plan still holds.
 */
import { PayloadState, UrgencyClass } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';
import { requestPayload } from './payload-lifecycle.ts';
import { roomOf, ticketRoom } from './ticket-window.ts';

/** Content may wait for this many frames of uploads; beyond it only critical payloads are asked for. */
const STAGED_FRAMES = 8;

export function dispatch(world: StreamWorld): void {
  const { plan, payloads } = world;
  const { state, urgency } = payloads.columns;
  const isFull = stagedBytes(world) >= world.options.uploadBytesPerFrame * STAGED_FRAMES;
  for (let i = 0, room = ticketRoom(world); i < plan.count && room > 0; i++) {
    const payload = plan.payloads[i]!;
    if (payload < 0 || state[payload] !== PayloadState.Empty) continue;
    if (isFull && urgency[payload] !== UrgencyClass.Critical) continue;
    if (requestPayload(world, payload)) room -= roomOf(world, payload);
  }
}

/** Backpressure from the upload: what is decoded must be shown before more is asked for. */
function stagedBytes(world: StreamWorld): number {
  const { residentBytes } = world.payloads.columns;
  let bytes = 0;
  for (const payload of world.staged.keys()) bytes += residentBytes[payload]!;
  return bytes;
}
