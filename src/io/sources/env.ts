/** What sources take from the thread they live in: ports, and what those of one origin share. */
import { type Clock, createSystemClock } from '../../base/clock.ts';
import { createSystemRandom, type Random } from '../../base/random.ts';
import { type Breakers, createBreakers } from './breaker.ts';

export interface SourceEnv {
  clock: Clock;
  random: Random;
  /** Told what a developer should know, e.g. that a server knows no ranges. */
  onWarning: (message: string) => void;
  /** Circuit breakers by origin; without them every origin is always asked. */
  breakers: Breakers | null;
}

/** What a caller may replace; what is absent is the thread's own. */
export type GivenEnv = { [Port in keyof SourceEnv]?: SourceEnv[Port] | undefined };

let shared: SourceEnv | undefined;

/** The environment of this thread, on the machine's own clock and chance. */
export function sharedEnv(): SourceEnv {
  if (shared) return shared;
  const [clock, random] = [createSystemClock(), createSystemRandom()];
  const onWarning = (message: string): void => console.warn(`farfield: ${message}`);
  shared = { clock, random, onWarning, breakers: createBreakers(clock, random) };
  return shared;
}

/** Fills in what is not given. A clock of one's own comes with breakers of one's own. */
export function sourceEnv(given: GivenEnv = {}): SourceEnv {
  const thread = sharedEnv();
  const { clock = thread.clock, random = thread.random, onWarning = thread.onWarning } = given;
  if (given.breakers !== undefined) return { clock, random, onWarning, breakers: given.breakers };
  const isOwn = clock !== thread.clock;
  const breakers = isOwn ? createBreakers(clock, random) : thread.breakers;
  return { clock, random, onWarning, breakers };
}
