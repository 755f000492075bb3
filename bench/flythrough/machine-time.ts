/**
 * A flight is a function of code and scenario: while one is under way, asking the machine for time or
 * chance throws.
 */

/** The way back from each replacement. */
let restores: (() => void)[] = [];
let flights = 0;

/** Runs `flight` without the machine's time and chance; they are back when the last one ends. */
export async function withoutMachineTime<T>(flight: () => Promise<T>): Promise<T> {
  if (flights++ === 0) restores = forbidAll();
  try {
    return await flight();
  } finally {
    if (--flights === 0) for (const restore of restores) restore();
  }
}

function forbidAll(): (() => void)[] {
  return [
    forbid(Date, 'now', 'Date.now'),
    forbid(performance, 'now', 'performance.now'),
    forbid(Math, 'random', 'Math.random'),
    forbid(globalThis, 'setTimeout', 'setTimeout'),
    forbid(globalThis, 'setInterval', 'setInterval'),
  ];
}

function forbid(owner: object, key: string, name: string): () => void {
  const original = Object.getOwnPropertyDescriptor(owner, key);
  const value = (): never => {
    throw new Error(
      `flythrough: ${name} was called during a flight; take time and chance from the ports`,
    );
  };
  Object.defineProperty(owner, key, { value, configurable: true, writable: true });
  return () => {
    if (original) Object.defineProperty(owner, key, original);
    else Reflect.deleteProperty(owner, key);
  };
}
