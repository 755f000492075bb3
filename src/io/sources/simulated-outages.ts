/** Times without a network, for simulated links. */
import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import type { Connectivity } from './connectivity.ts';

/** From and until when the device is offline, in milliseconds of the clock. */
export interface Outage {
  startMs: number;
  endMs: number;
}

/**
 * A device that is offline during each outage. Timers run only while somebody listens.
 *
 * @param outages in order of time, apart from each other
 */
export function createOutages(clock: Clock, outages: readonly Outage[]): Connectivity {
  outages.forEach(({ startMs, endMs }, i) => {
    const before = i > 0 ? outages[i - 1]!.endMs : Number.NEGATIVE_INFINITY;
    assert(
      startMs < endMs && startMs > before,
      `outages must be in order and apart, got ${startMs} to ${endMs} after ${before}`,
    );
  });
  const listeners = new Set<() => void>();
  let stopTimer = (): void => undefined;
  const arm = (): void => {
    stopTimer();
    if (listeners.size === 0) return;
    const nowMs = clock.now();
    const nextMs = outages
      .flatMap(({ startMs, endMs }) => [startMs, endMs])
      .find((ms) => ms > nowMs);
    if (nextMs === undefined) return;
    stopTimer = clock.after(nextMs - nowMs, () => {
      arm();
      for (const listener of [...listeners]) listener();
    });
  };
  return {
    isOnline() {
      const nowMs = clock.now();
      return !outages.some(({ startMs, endMs }) => nowMs >= startMs && nowMs < endMs);
    },
    onChange(callback) {
      const listener = (): void => callback();
      listeners.add(listener);
      if (listeners.size === 1) arm();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) stopTimer();
      };
    },
  };
}
