import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortSteps } from '../../src/base/sort-steps.ts';
import { drain } from '../../src/base/steps.ts';

/** Most comparisons between two steps, and their sum. */
function countComparisons(values: Uint32Array): { most: number; sum: number } {
  let [most, sum, sinceStep] = [0, 0, 0];
  const steps = sortSteps(values, (a, b) => {
    sinceStep++;
    return a - b;
  });
  for (let isDone = false; !isDone; sinceStep = 0) {
    isDone = steps.next().done === true;
    most = Math.max(most, sinceStep);
    sum += sinceStep;
  }
  return { most, sum };
}

function scrambled(length: number): Uint32Array {
  return Uint32Array.from({ length }, (_, i) => Math.imul(i + 1, 2654435761) >>> 8);
}

describe('sorting in steps', () => {
  it('gives what sorting at once gives, equals in the order they were in', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 300 }), (keys) => {
        const rows = Uint32Array.from(keys, (_, row) => row);
        drain(sortSteps(rows, (a, b) => keys[a]! - keys[b]!));
        expect([...rows]).toEqual(keys.map((_, row) => row).sort((a, b) => keys[a]! - keys[b]!));
      }),
    );
  });

  it.each([3, 16, 17, 4096, 60_000])('sorts %i values', (length) => {
    const values = scrambled(length);
    const expected = values.slice().sort();
    drain(sortSteps(values, (a, b) => a - b));
    expect(values).toEqual(expected);
  });

  it('compares no more in one step, however long the list is', () => {
    const short = countComparisons(scrambled(20_000));
    const long = countComparisons(scrambled(320_000));
    expect(long.sum).toBeGreaterThan(short.sum * 16);
    expect(long.most).toBeLessThan(short.most * 1.5);
    const inOrder = countComparisons(Uint32Array.from({ length: 320_000 }, (_, i) => i));
    expect(inOrder.sum).toBeLessThan(2 * 320_000);
    expect(inOrder.most).toBeLessThan(short.most * 1.5);
  });
});
