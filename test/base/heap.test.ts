/** The heap against a plain sorted list, over random histories. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IndexedHeap } from '../../src/base/heap.ts';

type Step =
  | { do: 'set'; item: number; priority: number }
  | { do: 'delete'; item: number }
  | { do: 'pop' }
  | { do: 'clear' };

/** Few priorities, so that ties are common; items beyond the capacity, so that it must grow. */
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      item: fc.nat(40),
      priority: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), item: fc.nat(50) }) },
  { weight: 3, arbitrary: fc.constant({ do: 'pop' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'clear' as const }) },
);

/** Items of a map from the highest priority down, the lower item first among equals. */
function sorted(model: Map<number, number>): number[] {
  return [...model.keys()].sort((a, b) => model.get(b)! - model.get(a)! || a - b);
}

describe('IndexedHeap', () => {
  test('gives items in the order of a sort, after any history', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const heap = new IndexedHeap(8);
        const model = new Map<number, number>();
        for (const one of steps) {
          if (one.do === 'set') {
            heap.set(one.item, one.priority);
            model.set(one.item, one.priority);
          } else if (one.do === 'delete') {
            expect(heap.delete(one.item)).toBe(model.delete(one.item));
          } else if (one.do === 'pop') {
            const expected = sorted(model)[0] ?? -1;
            expect(heap.pop()).toBe(expected);
            model.delete(expected);
          } else {
            heap.clear();
            model.clear();
          }
          expect(heap.size).toBe(model.size);
          expect(heap.peek()).toBe(sorted(model)[0] ?? -1);
        }
        for (let item = 0; item < 60; item++) {
          expect(heap.has(item)).toBe(model.has(item));
          expect(heap.priorityOf(item)).toBe(model.get(item) ?? Number.NEGATIVE_INFINITY);
        }
        const drained: number[] = [];
        while (heap.size > 0) drained.push(heap.pop());
        expect(drained).toEqual(sorted(model));
      }),
      { seed: 3, numRuns: 400 },
    );
  });

  test('an empty heap has nothing to give', () => {
    const heap = new IndexedHeap(4);
    expect([heap.peek(), heap.pop(), heap.size]).toEqual([-1, -1, 0]);
    expect(heap.delete(2)).toBe(false);
  });

  test('equal priorities come lowest item first, whatever the order of insertion', () => {
    const drain = (items: number[]): number[] => {
      const heap = new IndexedHeap(16);
      for (const item of items) heap.set(item, 1);
      return items.map(() => heap.pop());
    };
    expect(drain([9, 2, 5, 0, 7])).toEqual([0, 2, 5, 7, 9]);
    expect(drain([0, 7, 9, 5, 2])).toEqual([0, 2, 5, 7, 9]);
  });
});
