/**
 * Room in buffers that geometry shares, for what is decoded and waits for its upload: where moving
 * ranges together opens none, as much geometry goes as the view lacks, the least worthy first. What
 * waits was admitted, so this is rare: more vertices or more indices than were foreseen. Called by:
 * evict.
 */
import type { StreamWorld } from '../world.ts';
import { evictPayload } from './payload-lifecycle.ts';
import { nextVictim, returnVictim } from './victim-order.ts';

const passed: number[] = [];

/** Evicts `bytes` of the GPU's copies of geometry, or as much as may go. Victims are listed before. */
export function freeGeometry(world: StreamWorld, bytes: number): void {
  const { sharedBytes } = world.payloads.columns;
  let left = bytes;
  while (left > 0) {
    const victim = nextVictim(world);
    if (victim < 0) break;
    if (sharedBytes[victim] === 0) {
      passed.push(victim);
      continue;
    }
    left -= sharedBytes[victim]!;
    evictPayload(world, victim);
  }
  for (const victim of passed) returnVictim(world, victim);
  passed.length = 0;
}
