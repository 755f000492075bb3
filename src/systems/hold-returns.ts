/**
 * Reads: candidates. Writes: candidates. Called by: throttle.
 *
 * What was evicted a moment ago is not brought back yet while the view moves or turns: what guesses take
 * from each other is read over and over, and most of it for nothing. What must be there, and what much of
 * the picture is wrong without, comes at once; at rest all does.
 */
import { UrgencyClass } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';
import { isMoving } from './victim-worth.ts';

/** Takes them out of the list of candidates, each time that is made anew. */
export function holdReturns(world: StreamWorld): void {
  const { candidates } = world;
  const isHolding = world.options.policy.returnSeconds > 0 && (isMoving(world) || world.isTurning);
  if (!isHolding) {
    // What was held is wanted still, and nothing else may change at rest.
    if (candidates.held > 0) world.demandChanged = true;
    candidates.held = 0;
    return;
  }
  if (!candidates.fresh) return;
  let kept = 0;
  for (let i = 0; i < candidates.count; i++) {
    const payload = candidates.payloads[i]!;
    if (isJustGone(world, payload)) continue;
    candidates.payloads[kept] = payload;
    candidates.priorities[kept++] = candidates.priorities[i]!;
  }
  candidates.held = candidates.count - kept;
  candidates.count = kept;
}

function isJustGone({ clock, options, payloads }: StreamWorld, payload: number): boolean {
  const { evictedMs, urgency } = payloads.columns;
  const goneMs = clock.now() - evictedMs[payload]!;
  return goneMs < options.policy.returnSeconds * 1000 && urgency[payload]! > UrgencyClass.High;
}
