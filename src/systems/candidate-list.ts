/** The list of what would be worth asking for: each payload once, for its strongest reason. */
import { grown } from '../base/grown.ts';
import { PayloadState } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';
import { forgiveFailure } from './payload-lifecycle.ts';

/** Priority of what must be there: above any worth, small payloads first. */
export const CRITICAL_PRIORITY = 1e30;

/** No worth comes near this, and no critical priority falls to it: payloads are below 2^32 bytes. */
export const CRITICAL_FROM: number = CRITICAL_PRIORITY / 1e12;

/** True when the row may be asked for now. A failure whose wait is over is forgiven on the way. */
export function mayRequest(world: StreamWorld, payload: number): boolean {
  const { columns } = world.payloads;
  const state = columns.state[payload]!;
  // More geometry than all shared buffers hold: something coarser will have to do.
  if (columns.sharedBytes[payload]! > world.budget.geometryLimitBytes) return false;
  if (state === PayloadState.Empty) return true;
  if (state !== PayloadState.Failed || columns.retryAtMs[payload]! > world.clock.now())
    return false;
  forgiveFailure(world, payload);
  return true;
}

export function propose(world: StreamWorld, payload: number, priority: number, gain: number): void {
  const { candidates } = world;
  const { columns } = world.payloads;
  // Wanted for two reasons (a pin and a deadline, say), it is one candidate, for the stronger one.
  if (columns.gathering[payload] === candidates.gathering) {
    if (priority <= columns.priority[payload]!) return;
    candidates.priorities[columns.candidate[payload]!] = priority;
    columns.priority[payload] = priority;
    columns.gain[payload] = gain;
    return;
  }
  columns.gathering[payload] = candidates.gathering;
  columns.candidate[payload] = candidates.count;
  columns.priority[payload] = priority;
  columns.gain[payload] = gain;
  columns.leader[payload] = payload;
  columns.boost[payload] = 1;
  if (candidates.count === candidates.payloads.length) {
    const capacity = candidates.count * 2;
    candidates.payloads = grown(candidates.payloads, capacity);
    candidates.priorities = grown(candidates.priorities, capacity);
  }
  candidates.payloads[candidates.count] = payload;
  candidates.priorities[candidates.count++] = priority;
}

/** Proposes what must be there whatever it is worth. */
export function proposeCritical(world: StreamWorld, payload: number): void {
  if (!mayRequest(world, payload)) return;
  const bytes = world.payloads.columns.encodedBytes[payload]!;
  propose(world, payload, CRITICAL_PRIORITY / (bytes + 1), Number.MAX_VALUE);
}

/** Whether one payload is planned after another: of equals the higher row. */
export function comesAfter(priority: Float64Array, payload: number, other: number): boolean {
  const difference = priority[payload]! - priority[other]!;
  return difference < 0 || (difference === 0 && payload > other);
}
