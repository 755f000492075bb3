/**
 * Reads: plan. Writes: reservations, tickets. After: evict.
 *
 * Reserves, then asks. `evict` has made room for what the plan still holds.
 */
import { PayloadState } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';
import { requestPayload } from './payload-lifecycle.ts';

export function dispatch(world: StreamWorld): void {
  const { plan, options, payloads } = world;
  const limit = options.maxInFlight + options.lookAhead;
  for (let i = 0; i < plan.count && world.pending.size < limit; i++) {
    const payload = plan.payloads[i]!;
    if (payload < 0 || payloads.columns.state[payload] !== PayloadState.Empty) continue;
    requestPayload(world, payload);
  }
}
