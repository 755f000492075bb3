/** A subject that would fly on the future if it could get at it. */
import type { CreateSubject } from './subject.ts';

/** Numbers in a row from which a path could be read: one for each second of the flight. */
const PATH_LENGTH = 40;
const SUSPICIOUS = /^(path|poses|visibility|future|seed|kind|scenario)$/;

/** Looks through everything that a subject is given, and ends the flight with what it found. */
export const createCheat: CreateSubject = (context) => ({
  frame: (_frame, pose) => {
    const place = findPath({ context, pose }, Object.values(context.world));
    throw new Error(
      place === null
        ? 'cheat: there is no path in anything that a subject is given'
        : `cheat: the path is at ${place}`,
    );
  },
  best: () => new Int8Array(context.world.count).fill(-1),
  usedBytes: () => 0,
});

/**
 * Where in an object graph a path may be: floating-point columns or lists long enough for one, or a
 * field that is called like one. Private fields of TypeScript and prototypes are looked into as well;
 * what is `known` is not. Null where there is nothing of the kind.
 */
export function findPath(given: object, known: readonly unknown[]): string | null {
  const seen = new Set<unknown>(known);
  const open: [value: unknown, place: string][] = [[given, 'given']];
  for (let at = 0; at < open.length; at++) {
    const [value, place] = open[at]!;
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) continue;
    if (seen.has(value)) continue;
    seen.add(value);
    if (couldBePath(value)) return place;
    if (ArrayBuffer.isView(value)) continue;
    for (const key of Reflect.ownKeys(value)) {
      if (SUSPICIOUS.test(String(key))) return `${place}.${String(key)}`;
      open.push([Object.getOwnPropertyDescriptor(value, key)?.value, `${place}.${String(key)}`]);
    }
    open.push([Object.getPrototypeOf(value), `${place}.[[prototype]]`]);
  }
  return null;
}

function couldBePath(value: object): boolean {
  const isFloats = value instanceof Float64Array || value instanceof Float32Array;
  return (isFloats || Array.isArray(value)) && value.length >= PATH_LENGTH;
}
