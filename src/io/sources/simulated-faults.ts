/** What can go wrong on a simulated link, drawn by chance or decided read by read, and counted. */
import { assertNumber } from '../../base/assert.ts';
import type { Random } from '../../base/random.ts';

/** How often each thing happens, as chances per read, 0 to 1; the first that is drawn counts. */
export interface SimulatedFaults {
  /** The read ends as `Network` after its latency. */
  failureRate?: number;
  /** Bytes stop coming on the way: it ends as `Timeout`, or never without `stallTimeoutMs`. */
  stallRate?: number;
  /** One bit of the bytes is flipped, this time. */
  corruptRate?: number;
  /** The read ends as `ShortRead` after part of its bytes. */
  shortReadRate?: number;
  /** The connection breaks on the way: `Network` after part of the bytes. */
  resetRate?: number;
  /** Nothing answers: it ends as `Timeout`, or never without `connectTimeoutMs`. */
  connectStallRate?: number;
  /** The server fails: `Server`, with `retryAfterMs`. */
  serverErrorRate?: number;
  /** The server says that there is no such file: `NotFound`. */
  notFoundRate?: number;
  /** The server answers with another range: `ShortRead`. */
  wrongRangeRate?: number;
  /** The server sends the file from its beginning. The read succeeds, and costs what comes before it. */
  wholeFileRate?: number;
  /** What a server that fails asks for. */
  retryAfterMs?: number;
  /**
   * Files that are not what they were, by name: `once` until they are read `fresh` (as a cache
   * that is out of date), `always` for good (as a file that was replaced).
   */
  changed?: Readonly<Record<string, 'once' | 'always'>>;
  /** Decides a read's fate instead of chance; undefined leaves it to chance. */
  decide?: (read: SimulatedRead) => SimulatedFault | 'none' | undefined;
}

/** A read as a fault sees it. */
export interface SimulatedRead {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly fresh: boolean;
}

/** In order of precedence. */
const DRAWN = [
  'connectStall',
  'stall',
  'failure',
  'serverError',
  'notFound',
  'wrongRange',
  'shortRead',
  'reset',
  'wholeFile',
  'corrupt',
] as const;

export type SimulatedFault = (typeof DRAWN)[number];

/** Faults that have taken effect; `outage`: reads it broke, `refused`: reads that were not begun. */
export type FaultCounts = Record<SimulatedFault | 'changed' | 'outage' | 'refused', number>;

export interface Fate {
  fault: SimulatedFault | null;
  /** Where on the way it happens, 0 to 1. */
  where: number;
}

/** Always the same number of draws: one read's fate does not depend on another's. */
export function drawFate(faults: SimulatedFaults, random: Random, read: SimulatedRead): Fate {
  let fault: SimulatedFault | null = null;
  for (const one of DRAWN) {
    const isHit = random() < (faults[`${one}Rate`] ?? 0);
    if (isHit && fault === null) fault = one;
  }
  const decided = faults.decide?.(read);
  if (decided !== undefined) fault = decided === 'none' ? null : decided;
  return { fault, where: random() };
}

/** Whether the file is not what the catalog says. */
export function isChanged(faults: SimulatedFaults, { file, fresh }: SimulatedRead): boolean {
  const { changed = {} } = faults;
  if (!Object.hasOwn(changed, file)) return false;
  return changed[file] === 'always' || !fresh;
}

export function noFaults(): FaultCounts {
  const drawn = Object.fromEntries(DRAWN.map((one) => [one, 0])) as Record<SimulatedFault, number>;
  return { ...drawn, changed: 0, outage: 0, refused: 0 };
}

/** Throws unless every chance is one. */
export function checkFaults(faults: SimulatedFaults): void {
  for (const one of DRAWN) assertNumber(`${one}Rate`, faults[`${one}Rate`] ?? 0, 0, 1);
  assertNumber('retryAfterMs', faults.retryAfterMs ?? 0, 0);
}
