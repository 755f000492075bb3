/** The port of time on the harness's link: the plugin's now is the link's, inside a frame too. */
import type { Clock } from '../../../src/base/clock.ts';
import type { Link } from '../link.ts';

export interface LinkClock extends Clock {
  /** Fires the timers that are due, in order of time, then of creation. */
  fire(): Promise<void>;
}

/** Resolves when every promise chain has come to rest. */
export function drain(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface Timer {
  atMs: number;
  callback: () => void;
}

export function createLinkClock(link: Link): LinkClock {
  const timers = new Set<Timer>();
  const now = (): number => link.nowS * 1000;
  const takeDue = (): Timer | undefined => {
    let due: Timer | undefined;
    // A set is in order of creation: of two at one time the first stays.
    for (const timer of timers)
      if (timer.atMs <= now() && (!due || timer.atMs < due.atMs)) due = timer;
    if (due) timers.delete(due);
    return due;
  };
  return {
    now,
    after(delayMs, callback) {
      const timer = { atMs: now() + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async fire() {
      for (let timer = takeDue(); timer; timer = takeDue()) {
        timer.callback();
        await drain();
      }
    },
  };
}
