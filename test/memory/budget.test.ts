/** The budget holds after every call, whatever the order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../src/memory/budget/budget.ts';
import { Pool } from '../../src/memory/budget/pools.ts';

describe('Budget', () => {
  it('never lets resident plus reserved exceed it, and loses no byte', () => {
    const action = fc.record({
      kind: fc.constantFrom('reserve', 'settle', 'unreserve', 'release'),
      pool: fc.constantFrom(Pool.Mesh, Pool.Terrain),
      bytes: fc.integer({ min: 0, max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const budget = new Budget(1000);
        const reserved: { pool: Pool; bytes: number }[] = [];
        const resident: { pool: Pool; bytes: number }[] = [];
        for (const { kind, pool, bytes } of actions) {
          if (kind === 'reserve') {
            const fits = budget.usedBytes + bytes <= 1000;
            expect(budget.reserve(pool, bytes)).toBe(fits);
            if (fits) reserved.push({ pool, bytes });
          } else if (kind === 'release') {
            const one = resident.pop();
            if (one) budget.release(one.pool, one.bytes);
          } else {
            const one = reserved.pop();
            if (one && kind === 'unreserve') budget.unreserve(one.pool, one.bytes);
            if (one && kind === 'settle') {
              const kept = Math.floor(one.bytes / 2);
              budget.settle(one.pool, one.bytes, kept);
              resident.push({ pool: one.pool, bytes: kept });
            }
          }
          const sum = (list: { bytes: number }[]): number => list.reduce((s, o) => s + o.bytes, 0);
          expect(budget.reservedBytes).toBe(sum(reserved));
          expect(budget.residentBytes).toBe(sum(resident));
          expect(budget.usedBytes).toBe(budget.reservedBytes + budget.residentBytes);
          expect(budget.usedBytes).toBeLessThanOrEqual(1000);
          expect(budget.peakBytes).toBeGreaterThanOrEqual(budget.usedBytes);
        }
      }),
    );
  });

  it('refuses mistakes: settling more than reserved, releasing what is not held', () => {
    const budget = new Budget(100);
    budget.reserve(Pool.Mesh, 10);
    expect(() => budget.settle(Pool.Mesh, 10, 11)).toThrow(/settled 11 bytes on a reservation/);
    expect(() => budget.release(Pool.Terrain, 1)).toThrow(
      /released 1 bytes of 0 in the pool terrain/,
    );
    expect(() => new Budget(0)).toThrow(/budgetBytes/);
  });
});
