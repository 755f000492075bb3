/**
 * Who wants a level: counts by priority. Volumes, loads by the game and cells of a partition each add
 * a want when they begin to want it and remove the same one when they no longer do; nobody has to
 * know of the others.
 */
import { describe } from '../base/assert.ts';

/** Priorities of a want: 0 critical, 1 high, 2 normal, 3 low, 4 background. */
const WANT_PRIORITIES = 5;

/** What of a level this file works on. */
interface Wanted {
  name: string;
  /** Levels that have to be looked at; it joins them when it is wanted. */
  roster?: Wanted[] | null;
  isListed?: boolean;
  /** Wants by priority. Written here only. */
  readonly wants: Uint32Array;
}

/** Wants of a level that nobody wants yet. */
export function createWants(): Uint32Array {
  return new Uint32Array(WANT_PRIORITIES);
}

/** Notes that one more wants the level. Throws where the priority is none. */
export function addWant(level: Wanted, priority: number): void {
  checkPriority(level, priority);
  level.wants[priority]!++;
  if (level.isListed || !level.roster) return;
  level.isListed = true;
  level.roster.push(level);
}

/** Takes one want of this priority back. Throws where there is none to take. */
export function removeWant(level: Wanted, priority: number): void {
  checkPriority(level, priority);
  if (level.wants[priority] === 0)
    throw new Error(
      `farfield: level "${level.name}" has no want of priority ${priority} to take back`,
    );
  level.wants[priority]!--;
}

/** The most urgent priority that anybody wants the level with (0 … 4), or -1 when nobody does. */
export function strongestWant({ wants }: Wanted): number {
  for (let priority = 0; priority < wants.length; priority++)
    if (wants[priority]! > 0) return priority;
  return -1;
}

function checkPriority({ name, wants }: Wanted, priority: number): void {
  if (wants[priority] !== undefined) return;
  throw new Error(
    `farfield: a want of level "${name}" must have a priority from 0 (critical) to ${wants.length - 1} ` +
      `(background), got ${describe(priority)}`,
  );
}
