/** Sorting of long lists beside a game that draws: a merge sort, bottom up, in steps. */

/** Values moved in one step. */
const STEP_VALUES = 4096;

/** Lists as short as this are sorted by insertion, before they are merged. */
const SHORT = 16;

type Compare = (a: number, b: number) => number;

/**
 * Sorts in place, stable; between the steps some values may be there twice and others not at all.
 * n log n comparisons at most, 2 n when the list is in order already. Allocates a copy of the list.
 */
export function* sortSteps(values: Uint32Array, compare: Compare): Generator<void> {
  for (let start = 0; start < values.length; start += SHORT) {
    sortShort(values, start, Math.min(values.length, start + SHORT), compare);
    if (start % STEP_VALUES === 0) yield;
  }
  const copy = new Uint32Array(values.length);
  let moved = 0;
  for (let size = SHORT; size < values.length; size *= 2)
    for (let start = 0; start + size < values.length; start += size * 2) {
      moved += size;
      yield* merge(values, copy, start, start + size, compare);
      if (moved < STEP_VALUES) continue;
      moved = 0;
      yield;
    }
}

function sortShort(values: Uint32Array, start: number, end: number, compare: Compare): void {
  for (let i = start + 1; i < end; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > start && compare(values[at - 1]!, value) > 0; at--) values[at] = values[at - 1]!;
    values[at] = value;
  }
}

/** Merges the sorted lists `[start, middle)` and the one as long behind it, or what there is of it. */
function* merge(
  values: Uint32Array,
  copy: Uint32Array,
  start: number,
  middle: number,
  compare: Compare,
): Generator<void> {
  const end = Math.min(values.length, middle + middle - start);
  if (compare(values[middle - 1]!, values[middle]!) <= 0) return;
  copy.set(values.subarray(start, middle), start);
  let [left, right] = [start, middle];
  for (let at = start; left < middle; at++) {
    const takesLeft = right === end || compare(copy[left]!, values[right]!) <= 0;
    values[at] = takesLeft ? copy[left++]! : values[right++]!;
    if (at % STEP_VALUES === 0) yield;
  }
}
