/**
 * The one thing a browser library needs that Node has not got: `requestAnimationFrame`, run by hand
 * between the frames of a benchmark. Installed while a peer lives and removed after it.
 */

export interface AnimationFrames {
  /** Runs what has been asked for so far. Callbacks that ask again wait for the next call. */
  run(): void;
  uninstall(): void;
}

interface Scope {
  requestAnimationFrame?: (callback: (timeMs: number) => void) => number;
  cancelAnimationFrame?: (handle: number) => void;
}

export function installAnimationFrames(): AnimationFrames {
  const scope = globalThis as Scope;
  if (scope.requestAnimationFrame)
    throw new Error('bench: requestAnimationFrame is there already; one peer at a time');
  let waiting = new Map<number, (timeMs: number) => void>();
  let next = 1;
  scope.requestAnimationFrame = (callback) => {
    waiting.set(next, callback);
    return next++;
  };
  scope.cancelAnimationFrame = (handle) => void waiting.delete(handle);
  return {
    run() {
      const due = waiting;
      waiting = new Map();
      for (const callback of due.values()) callback(performance.now());
    },
    uninstall() {
      delete scope.requestAnimationFrame;
      delete scope.cancelAnimationFrame;
    },
  };
}
