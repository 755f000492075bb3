/** Flies subjects side by side and sums up what they took. */
import { createCpuMeter } from '../lib/cpu.ts';
import { mean, median, percentile, round, sum } from '../lib/stats.ts';
import type { Measured, Subject } from './subject.ts';

/** An opened subject with what opening it came to. */
export interface Opened {
  subject: Subject;
  openMs: number;
  bytesPerPlacement: number;
}

export interface MeasureOptions {
  /** Where on the flight to start. */
  firstFrame: number;
  /** Measured frames of each subject. */
  frames: number;
  /** Frames before them that are not counted, for the compiler to warm up. */
  warmupFrames: number;
}

export const MEASURE_DEFAULTS: MeasureOptions = { firstFrame: 0, frames: 300, warmupFrames: 60 };

/**
 * Flies all subjects through the same frames, one frame of each in turn, so that whatever else the
 * machine does meets them all alike.
 */
export async function measureTogether(
  opened: readonly Opened[],
  options: MeasureOptions,
): Promise<Measured[]> {
  const meter = createCpuMeter();
  const rows = opened.map((one) => ({
    ...one,
    ms: [] as number[],
    used: [] as number[],
    visited: [] as number[],
  }));
  for (let frame = 0; frame < options.warmupFrames + options.frames; frame++) {
    for (const { subject, ms, used, visited } of rows) {
      meter.start();
      const count = subject.frame(options.firstFrame + frame);
      const elapsedMs = meter.stop();
      if (frame >= options.warmupFrames) {
        ms.push(elapsedMs);
        used.push(count.used);
        if (count.visited !== undefined) visited.push(count.visited);
      }
      await subject.settle?.();
    }
  }
  return rows.map(({ subject, ms, used, visited, openMs, bytesPerPlacement }) => {
    if (sum(used) === 0)
      throw new Error(`bench: ${subject.name} used nothing in ${options.frames} frames`);
    return {
      name: subject.name,
      version: subject.version,
      used: Math.round(mean(used)),
      visited: visited.length > 0 ? Math.round(mean(visited)) : null,
      updateMsMedian: round(median(ms)),
      updateMsP99: round(percentile(ms, 0.99)),
      microsecondsPerUsed: round((sum(ms) * 1000) / sum(used)),
      openMs: round(openMs),
      bytesPerPlacement: round(bytesPerPlacement),
    };
  });
}
