/**
 * What the game wants of levels, by name: kept whether or not a world with such a level is open, and
 * taken up by every level of that name.
 */
import { assert } from '../base/assert.ts';

/** Somebody who awaits that a level is there. */
export interface LevelWaiter {
  resolve(): void;
  reject(error: Error): void;
}

export interface LevelIntent {
  readonly name: string;
  /** Priority with which the game itself wants it (see `level-wants`), -1 = it does not. */
  want: number;
  /** In memory, not shown. */
  isHidden: boolean;
  /** Loaded, it waits for `activateLevel`. */
  waits: boolean;
  /** `activateLevel` had been called for it when it was saved: for the next level of this name. */
  isReleased: boolean;
  /** Name of the memory budget that it takes its bytes from; '' = none. */
  budget: string;
  /** Names of the levels that it needs. */
  dependencies: readonly string[];
  waiters: LevelWaiter[];
}

export class LevelIntents {
  readonly #byName: Map<string, LevelIntent> = new Map();

  /** What is wanted of the level of this name; of a new one nothing. */
  of(name: string): LevelIntent {
    const known = this.#byName.get(name);
    if (known) return known;
    const made: LevelIntent = {
      name,
      want: -1,
      isHidden: false,
      waits: false,
      isReleased: false,
      budget: '',
      dependencies: [],
      waiters: [],
    };
    this.#byName.set(name, made);
    return made;
  }

  /** Of all names of which anything was asked, oldest first. A new list. */
  all(): LevelIntent[] {
    return [...this.#byName.values()];
  }

  /** Throws, and changes nothing, where a level would come to need itself; the message says how. */
  setDependencies(name: string, dependencies: readonly string[]): void {
    for (const first of dependencies) {
      const way = this.#wayTo(first, name, new Set());
      assert(
        !way,
        `level "${name}" cannot depend on "${first}", which needs it: ` +
          `${[name, ...(way ?? [])].map((one) => `"${one}"`).join(' → ')}`,
      );
    }
    this.of(name).dependencies = [...new Set(dependencies)];
  }

  /** Rejects all who wait. */
  rejectAll(error: Error): void {
    for (const intent of this.#byName.values())
      for (const waiter of intent.waiters.splice(0)) waiter.reject(error);
  }

  /** Names from one level to another along what each needs, or nothing. */
  #wayTo(from: string, to: string, seen: Set<string>): string[] | undefined {
    if (from === to) return [from];
    if (seen.has(from)) return undefined;
    seen.add(from);
    for (const next of this.#byName.get(from)?.dependencies ?? []) {
      const way = this.#wayTo(next, to, seen);
      if (way) return [from, ...way];
    }
    return undefined;
  }
}
