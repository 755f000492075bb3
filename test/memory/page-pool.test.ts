/** Pages of one size: references, stale handles, and a naive model. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_PAGE, PagePool } from '../../src/memory/page-pool.ts';

describe('a page pool', () => {
  it('gives every page once, and none beyond', () => {
    const pool = new PagePool(5, 4096);
    const places = Array.from({ length: 5 }, () => pool.placeOf(pool.acquire()));
    expect(places.sort()).toEqual([0, 1, 2, 3, 4]);
    expect(pool.acquire()).toBe(NO_PAGE);
    expect([pool.usedBytes, pool.freeBytes]).toEqual([5 * 4096, 0]);
  });

  it('keeps a page until its last reference is released, and knows the handle as stale then', () => {
    const pool = new PagePool(1, 64);
    const page = pool.acquire();
    pool.retain(page);
    expect(pool.release(page)).toBe(false);
    expect(pool.isHeld(page)).toBe(true);
    expect(pool.release(page)).toBe(true);
    expect(pool.isHeld(page)).toBe(false);
    expect(() => pool.release(page)).toThrow(/PagePool: \d+ is stale: place 0 is in generation 2/);
    const next = pool.acquire();
    expect(next).not.toBe(page);
    expect(() => pool.retain(page)).toThrow(/in use again/);
    expect(() => pool.placeOf(7)).toThrow(/7 is no handle/);
  });

  it('refuses numbers that are none', () => {
    expect(() => new PagePool(0, 64)).toThrow(/PagePool: pages must be a number from 1/);
    expect(() => new PagePool(2.5, 64)).toThrow(/whole numbers, got 2.5/);
    expect(() => new PagePool(4, Number.NaN)).toThrow(/pageBytes/);
  });

  it('holds what a naive model holds', () => {
    const step = fc.record({ kind: fc.constantFrom('acquire', 'retain', 'release'), at: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (played) => {
        const pool = new PagePool(8, 16);
        const references = new Map<number, number>();
        let peak = 0;
        for (const { kind, at } of played) {
          const held = [...references.keys()];
          const page = held[at % Math.max(1, held.length)];
          if (kind === 'acquire') {
            const taken = pool.acquire();
            expect(taken === NO_PAGE).toBe(held.length === 8);
            if (taken !== NO_PAGE) references.set(taken, 1);
          } else if (page !== undefined && kind === 'retain') {
            pool.retain(page);
            references.set(page, references.get(page)! + 1);
          } else if (page !== undefined) {
            const left = references.get(page)! - 1;
            expect(pool.release(page)).toBe(left === 0);
            if (left > 0) references.set(page, left);
            else references.delete(page);
          }
          peak = Math.max(peak, references.size);
          const places = [...references.keys()].map((held) => pool.placeOf(held));
          expect(new Set(places).size).toBe(references.size);
          expect([pool.usedBytes, pool.peakBytes]).toEqual([references.size * 16, peak * 16]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
