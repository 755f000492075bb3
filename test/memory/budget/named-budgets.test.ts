/** Budgets of the game's own: what is promised is there, what is not is refused in words. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../../src/memory/budget/budget.ts';
import type { NamedBudgets } from '../../../src/memory/budget/named-budgets.ts';
import { Pool } from '../../../src/memory/budget/pools.ts';
import { charge } from './charge.ts';

function make(bytes = 1000): { budget: Budget; named: NamedBudgets } {
  const budget = new Budget(bytes);
  return { budget, named: budget.named };
}

describe('named budgets', () => {
  it('set bytes aside that nobody borrows, and give them out at any time', () => {
    const { budget, named } = make();
    const castle = named.create('castle', 400, 0);
    expect(budget.reserve(charge(Pool.Mesh, 601))).toBe(false);
    expect(budget.reserve(charge(Pool.Mesh, 600))).toBe(true);
    castle.allocate(400);
    expect([budget.usedBytes, budget.promisedBytes, castle.freeBytes]).toEqual([1000, 0, 0]);
    castle.release(150);
    expect(budget.reserve(charge(Pool.Mesh, 1))).toBe(false);
    castle.bytes = 250;
    expect(budget.reserve(charge(Pool.Mesh, 150))).toBe(true);
    castle.dispose();
    castle.dispose();
    expect([budget.use.heldOf(Pool.Levels), budget.promisedBytes]).toEqual([0, 0]);
  });

  it('refuse what does not fit, saying how much is left', () => {
    const { budget, named } = make();
    const castle = named.create('castle', 400, 0);
    castle.allocate(300);
    expect(castle.tryAllocate(101)).toBe(false);
    expect(() => castle.allocate(101)).toThrow(
      /"castle": 101 bytes asked for, 300 of 400 are in use, so 100 are free; release some/,
    );
    expect(() => castle.release(301)).toThrow(/301 bytes released, 300 are in use/);
    expect(() => named.create('castle', 1, 0)).toThrow(/"castle" already; dispose it first/);
    expect(() => named.create('mesh', 1, 0)).toThrow(/not that of a pool, got "mesh"/);
    expect(() => named.create('cave', 601, 0)).toThrow(
      /"cave": 601 bytes asked for, but of the budget of 1000 only 600 are not promised/,
    );
    expect(named.byId(0)).toBeUndefined();
    castle.dispose();
    expect(() => castle.allocate(1)).toThrow(/"castle" is disposed/);
    expect(budget.usedBytes).toBe(0);
  });

  it('wait for what is in use to come down, and say so', () => {
    const { budget, named } = make();
    budget.reserve(charge(Pool.Mesh, 900));
    budget.settle(charge(Pool.Mesh, 900));
    const castle = named.create('castle', 400, 0);
    expect(budget.excessBytes).toBe(300);
    expect(castle.freeBytes).toBe(100);
    expect(() => castle.allocate(200)).toThrow(/still being freed by the streaming/);
    budget.release(charge(Pool.Mesh, 300));
    expect(castle.tryAllocate(400)).toBe(true);
  });

  it('lose by priority when the whole is lowered', () => {
    const { budget, named } = make();
    const low = named.create('low', 300, 1);
    const high = named.create('high', 300, 5);
    const middle = named.create('middle', 300, 3);
    budget.budgetBytes = 500;
    expect([high.grantedBytes, middle.grantedBytes, low.grantedBytes]).toEqual([300, 200, 0]);
    expect(low.tryAllocate(1)).toBe(false);
    budget.budgetBytes = 1000;
    expect(low.tryAllocate(300)).toBe(true);
  });

  it('never go over, whatever is called', () => {
    const action = fc.record({
      kind: fc.constantFrom('allocate', 'release', 'mesh', 'resize'),
      which: fc.integer({ min: 0, max: 2 }),
      bytes: fc.integer({ min: 0, max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
        const { budget, named } = make();
        const all = ['a', 'b', 'c'].map((name, i) => named.create(name, 200, i));
        for (const { kind, which, bytes } of actions) {
          const one = all[which]!;
          if (kind === 'allocate') one.tryAllocate(bytes);
          else if (kind === 'release') one.release(Math.min(bytes, one.usedBytes));
          else if (kind === 'mesh') budget.reserve(charge(Pool.Mesh, bytes));
          else budget.budgetBytes = 400 + bytes * 2;
          const used = all.reduce((sum, other) => sum + other.usedBytes, 0);
          expect(budget.use.heldOf(Pool.Levels)).toBe(used);
          expect(budget.usedBytes).toBeLessThanOrEqual(budget.limitBytes);
        }
      }),
    );
  });

  it('are promised what there is after every change, whoever made it', () => {
    const figures = fc.record({
      budgetBytes: fc.integer({ min: 1, max: 2000 }),
      minBytes: fc.integer({ min: 0, max: 500 }),
      overheadBytes: fc.integer({ min: 0, max: 500 }),
      sharedBytes: fc.integer({ min: 0, max: 500 }),
    });
    fc.assert(
      fc.property(fc.array(figures, { minLength: 1, maxLength: 20 }), (steps) => {
        const { budget, named } = make();
        const second = named.create('second', 400, 1);
        const first = named.create('first', 300, 2);
        first.allocate(100);
        for (const { budgetBytes, minBytes, overheadBytes, sharedBytes } of steps) {
          budget.budgetBytes = budgetBytes;
          budget.setPool(Pool.Terrain, { minBytes });
          budget.overheadBytes = overheadBytes;
          budget.sharedBytes = sharedBytes;
          const guaranteed = Math.min(minBytes, budgetBytes);
          const left = Math.max(0, budgetBytes - guaranteed - overheadBytes - sharedBytes);
          const granted = [Math.min(300, left), Math.min(400, left - Math.min(300, left))];
          expect([first.grantedBytes, second.grantedBytes]).toEqual(granted);
          expect(budget.promisedBytes).toBe(Math.max(0, granted[0]! - 100) + granted[1]!);
        }
      }),
    );
  });

  it('are promised no byte that a guarantee has, however the two divide', () => {
    const { budget, named } = make();
    const one = named.create('one', 300, 1);
    // 22 * (15 / 22) is less than 15.
    for (const [minBytes, budgetBytes] of [
      [22, 15],
      [23, 13],
      [3e11, 1e11 + 7],
    ] as const) {
      budget.setPool(Pool.Terrain, { minBytes });
      budget.budgetBytes = budgetBytes;
      expect([budget.limits.guaranteedBytes, one.grantedBytes]).toEqual([budgetBytes, 0]);
    }
  });
});
