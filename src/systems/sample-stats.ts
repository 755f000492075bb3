/**
 * Reads: budget, counters. Writes: stats, events. After: reflect-entities (last).
 */
import type { StreamWorld } from '../world.ts';

export function sampleStats(world: StreamWorld): void {
  const { budget, stats, events } = world;
  if (budget.overBytes > 0) stats.overBudgetFrames++;
  const state = budget.state;
  if (state !== world.memoryState) {
    world.memoryState = state;
    events.emit('memoryStateChanged', { state, usedBytes: budget.usedBytes });
  }
  events.deliver();
}
