/**
 * The clock of the frame benchmark: manual while frames are flown, so that replays are alike, and
 * real while a world opens, so that what yields by the clock yields.
 */
import { createManualClock, type ManualClock } from '../../src/base/clock.ts';

export interface BenchClock extends ManualClock {
  /** From now on time passes by itself between and during calls of `tick`. */
  live(on: boolean): void;
  /** Fires the timers of the time that has passed. */
  tick(): void;
}

export function createBenchClock(): BenchClock {
  const manual = createManualClock();
  let lastMs: number | null = null;
  const sinceTick = (): number => (lastMs === null ? 0 : performance.now() - lastMs);
  return {
    // While it stands still the number that the manual clock keeps is handed on, not a new one.
    now: () => (lastMs === null ? manual.now() : manual.now() + sinceTick()),
    after: (delayMs, callback) => manual.after(delayMs + sinceTick(), callback),
    advance: (milliseconds) => manual.advance(milliseconds),
    live(on) {
      lastMs = on ? performance.now() : null;
    },
    tick() {
      const elapsedMs = sinceTick();
      if (lastMs !== null) lastMs = performance.now();
      manual.advance(elapsedMs);
    },
  };
}

/** Waits for an opening that has begun. */
export async function openLive(clock: BenchClock, opening: Promise<object>): Promise<void> {
  clock.live(true);
  let isOpen = false;
  const done = opening.finally(() => {
    isOpen = true;
  });
  // Awaited below; a rejection is not unhandled meanwhile.
  done.catch(() => undefined);
  while (!isOpen) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.tick();
  }
  await done;
  clock.live(false);
}
