/**
 * The port of time. Systems never ask the machine what time it is: they ask the clock they were
 * given, so that a run on the manual clock is a pure function of code and seed.
 */

/** Time in milliseconds from an arbitrary origin, and timers on that same time. */
export interface Clock {
  /** Milliseconds since an arbitrary origin; never goes back. */
  now(): number;
  /** Calls `callback` once, `delayMs` from now. The returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The machine's own clock. */
export function createSystemClock(): Clock {
  return {
    now: () => performance.now(),
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  };
}

/** A clock that only moves when told to. */
export interface ManualClock extends Clock {
  /** Moves time forward, firing due timers in order of time, then of creation. */
  advance(milliseconds: number): void;
}

interface Timer {
  atMs: number;
  order: number;
  callback: () => void;
}

/** A clock for simulations and tests: starts at 0 and moves by `advance` alone. */
export function createManualClock(): ManualClock {
  let nowMs = 0;
  let order = 0;
  let timers: Timer[] = [];
  const takeDue = (untilMs: number): Timer | undefined => {
    let best: Timer | undefined;
    for (let i = 0; i < timers.length; i++) {
      const timer = timers[i]!;
      if (timer.atMs > untilMs) continue;
      if (!best || timer.atMs < best.atMs || (timer.atMs === best.atMs && timer.order < best.order))
        best = timer;
    }
    if (best) timers = timers.filter((timer) => timer !== best);
    return best;
  };
  return {
    now: () => nowMs,
    after(delayMs, callback) {
      const timer = { atMs: nowMs + Math.max(0, delayMs), order: order++, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(milliseconds) {
      const untilMs = nowMs + milliseconds;
      if (timers.length > 0) fire(untilMs);
      nowMs = untilMs;
    },
  };
  function fire(untilMs: number): void {
    for (let timer = takeDue(untilMs); timer; timer = takeDue(untilMs)) {
      nowMs = Math.max(nowMs, timer.atMs);
      timer.callback();
    }
  }
}
