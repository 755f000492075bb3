/**
 * Reads: budget, counters. Writes: stats, events. After: record-metrics (last).
 */
import type { StreamWorld } from '../world.ts';

/** Time between two `ioSampled` events. */
const SAMPLE_MS = 1000;

export function sampleStats(world: StreamWorld): void {
  const { budget, stats, events } = world;
  if (budget.overBytes > 0) stats.overBudgetFrames++;
  const nowMs = world.clock.now();
  if (events.hears('ioSampled') && nowMs - world.ioSampledMs >= SAMPLE_MS) {
    world.ioSampledMs = nowMs;
    events.emit('ioSampled', world.io.stats());
  }
  events.deliver();
}
