/**
 * Reads: budget, io, the time step. Writes: metrics. After: tell-memory.
 *
 * Records what the streaming knows by itself: memory and bandwidth, and the time of frames where the
 * game does not tell it (`profileFrame`). Load times are recorded where payloads settle.
 */
import type { StreamWorld } from '../world.ts';

/** Bandwidth is what came within this (ms). */
const BANDWIDTH_MS = 250;
/** A longer time step is a pause, not a frame (seconds). */
const PAUSE_SECONDS = 0.5;

export function recordMetrics(world: StreamWorld): void {
  const { metrics, bandwidth } = world;
  if (!metrics.isFrameTold) recordOwn(world);
  metrics.isFrameTold = false;
  const elapsedMs = world.clock.now() - bandwidth.sinceMs;
  if (elapsedMs < BANDWIDTH_MS) return;
  const { fetchedBytes } = world.io;
  const window = metrics.window('bandwidthBytesPerSecond');
  window.input[0] = ((fetchedBytes - bandwidth.fetchedBytes) * 1000) / elapsedMs;
  metrics.take('bandwidthBytesPerSecond');
  bandwidth.sinceMs += elapsedMs;
  bandwidth.fetchedBytes = fetchedBytes;
}

function recordOwn({ metrics, budget, dtSeconds }: StreamWorld): void {
  metrics.window('memoryBytes').input[0] = budget.usedBytes;
  metrics.take('memoryBytes');
  if (!(dtSeconds > 0) || dtSeconds > PAUSE_SECONDS) return;
  metrics.window('frameMs').input[0] = dtSeconds * 1000;
  metrics.take('frameMs');
}
