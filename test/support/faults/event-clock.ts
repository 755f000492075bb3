/** A clock that jumps from timer to timer: hours of waiting cost nothing, and no order is lost. */
import type { Clock } from '../../../src/base/clock.ts';

export interface EventClock extends Clock {
  /** Moves to the next timer and fires it with all others of the same time; false without any. */
  step(): boolean;
  /** Moves forward by at most `milliseconds`, timer by timer; `between` runs after each. */
  pass(milliseconds: number, between: () => Promise<void>): Promise<void>;
}

interface Timer {
  atMs: number;
  callback: () => void;
}

export function createEventClock(): EventClock {
  let nowMs = 0;
  /** By time, then in order of creation. */
  let timers: Timer[] = [];
  const fireAt = (atMs: number): void => {
    nowMs = atMs;
    while (timers.length > 0 && timers[0]!.atMs <= nowMs) timers.shift()!.callback();
  };
  return {
    now: () => nowMs,
    after(delayMs, callback) {
      const timer = { atMs: nowMs + Math.max(0, delayMs), callback };
      let at = timers.length;
      while (at > 0 && timers[at - 1]!.atMs > timer.atMs) at--;
      timers.splice(at, 0, timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    step() {
      const [next] = timers;
      if (!next || next.atMs === Number.POSITIVE_INFINITY) return false;
      fireAt(next.atMs);
      return true;
    },
    async pass(milliseconds, between) {
      const untilMs = nowMs + milliseconds;
      while (timers.length > 0 && timers[0]!.atMs <= untilMs) {
        fireAt(timers[0]!.atMs);
        await between();
      }
      nowMs = untilMs;
    },
  };
}
