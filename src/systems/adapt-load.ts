/**
 * Reads: the time of the last frame, ours and the game's, holes. Writes: load limit. Called by: throttle.
 *
 * While frames take too long, less is asked for and uploaded. What something on screen has nothing to
 * show without does not wait for that.
 */
import { FRAME_MS } from '../memory/load-limit.ts';
import type { StreamWorld } from '../world.ts';

export function adaptLoad(world: StreamWorld): void {
  const { loads, frameBias } = world;
  if (frameBias.targetMs !== Number.POSITIVE_INFINITY) loads.measured[FRAME_MS] = frameBias.lastMs;
  loads.step(world.dtSeconds);
}

/** Requests that may be in flight now, look-ahead included. Less than all of it has no look-ahead. */
export function loadsNow({ loads, options, stats }: StreamWorld): number {
  const { maxInFlight, lookAhead } = options;
  if (loads.share === 1 || stats.holes > 0) return maxInFlight + lookAhead;
  return loads.of(maxInFlight);
}

/** Whether less is asked for than the options allow. */
export function isThrottled({ loads, stats }: StreamWorld): boolean {
  return loads.share < 1 && stats.holes === 0;
}
