/** Occlusion weights: written, halved in time, gone in the end, and never anybody else's. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FULLY_HIDDEN, OcclusionTable } from '../../src/catalog/occlusion.ts';

const SLOTS = 1000;

function tableWith(...entries: [slot: number, hidden: number][]): OcclusionTable {
  const table = new OcclusionTable({ halfLifeSeconds: 2, floor: 0.05 });
  for (const [slot, hidden] of entries) table.write(slot, hidden, SLOTS);
  return table;
}

/** Lets time pass in frames. */
function pass(table: OcclusionTable, seconds: number): void {
  for (let frame = 0; frame < Math.round(seconds * 60); frame++) table.decay(1 / 60);
}

describe('occlusion weights', () => {
  it('cost nothing until something is hidden', () => {
    const table = tableWith([3, 0], [5, 0]);
    expect(table.byteLength).toBe(0);
    expect(table.count).toBe(0);
    expect(table.factorOf(999_999)).toBe(1);
    table.write(3, 9, SLOTS);
    expect(table.byteLength).toBeGreaterThan(SLOTS);
  });

  it('lessen what a slot is worth, down to the floor', () => {
    const table = tableWith([3, FULLY_HIDDEN], [4, 51]);
    expect(table.factorOf(3)).toBeCloseTo(0.05);
    expect(table.factorOf(4)).toBeCloseTo(1 - 0.95 * 0.2);
    expect(table.factorOf(5)).toBe(1);
  });

  it('halve in a half-life and are gone after some six', () => {
    const table = tableWith([3, FULLY_HIDDEN]);
    // What was just written is kept for one step, a quarter of a second here.
    pass(table, 2.27);
    expect(table.hiddenOf(3)).toBeGreaterThan(118);
    expect(table.hiddenOf(3)).toBeLessThan(130);
    pass(table, 11);
    expect(table.hiddenOf(3)).toBe(0);
    expect(table.count).toBe(0);
  });

  it('fade alike whatever the frame rate', () => {
    const slow = tableWith([3, FULLY_HIDDEN]);
    const fast = tableWith([3, FULLY_HIDDEN]);
    for (let i = 0; i < 4; i++) slow.decay(0.5);
    for (let i = 0; i < 256; i++) fast.decay(1 / 128);
    expect(slow.hiddenOf(3)).toBe(fast.hiddenOf(3));
    expect(slow.hiddenOf(3)).toBeLessThan(160);
  });

  it('stay as they are while they are written again and again', () => {
    const table = tableWith([3, 200]);
    for (let i = 0; i < 100; i++) {
      pass(table, 0.2);
      table.write(3, 200, SLOTS);
      expect(table.hiddenOf(3)).toBe(200);
    }
    expect(table.count).toBe(1);
  });

  it('are taken back at once', () => {
    const table = tableWith([3, FULLY_HIDDEN], [4, FULLY_HIDDEN]);
    expect(table.write(3, 0, SLOTS)).toBe(true);
    expect(table.factorOf(3)).toBe(1);
    expect(table.factorOf(4)).toBeCloseTo(0.05);
    expect(table.write(3, 0, SLOTS)).toBe(false);
  });

  it('go with the slots that they were written for', () => {
    const table = tableWith([3, 9], [10, 9], [19, 9], [20, 9]);
    table.forget(10, 20);
    expect([3, 10, 19, 20].map((slot) => table.hiddenOf(slot))).toEqual([9, 0, 0, 9]);
    expect(table.count).toBe(2);
    table.write(10, 7, SLOTS);
    expect(table.hiddenOf(10)).toBe(7);
    expect(table.count).toBe(3);
  });

  it('of a far run count as their mean', () => {
    const table = tableWith([10, FULLY_HIDDEN], [11, FULLY_HIDDEN]);
    expect(table.meanFactor(10, 12)).toBeCloseTo(0.05);
    expect(table.meanFactor(10, 14)).toBeCloseTo((0.05 + 0.05 + 1 + 1) / 4);
    expect(table.meanFactor(20, 40)).toBe(1);
    // Slots that came after the last write have no weight yet.
    expect(table.meanFactor(SLOTS + 10, SLOTS + 20)).toBe(1);
  });

  it('agree with a map of numbers, whatever is done in whatever order', () => {
    const slot = fc.integer({ min: 0, max: 19 });
    const byte = fc.integer({ min: 0, max: FULLY_HIDDEN });
    const action = fc.oneof(
      fc.record({ kind: fc.constant('write' as const), slot, byte }),
      fc.record({ kind: fc.constant('seen' as const), slot }),
      fc.record({ kind: fc.constant('forget' as const), slot, length: slot }),
      fc.record({ kind: fc.constant('pass' as const), steps: fc.integer({ min: 1, max: 9 }) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const table = tableWith();
        const model = new Map<number, { hidden: number; fresh: boolean }>();
        for (const act of actions) {
          if (act.kind === 'write') {
            table.write(act.slot, act.byte, SLOTS);
            model.set(act.slot, { hidden: act.byte, fresh: true });
          } else if (act.kind === 'seen') {
            table.write(act.slot, 0, SLOTS);
            model.delete(act.slot);
          } else if (act.kind === 'forget') {
            table.forget(act.slot, act.slot + act.length);
            for (let s = act.slot; s < act.slot + act.length; s++) model.delete(s);
          } else
            for (let step = 0; step < act.steps; step++) {
              table.decay(0.25);
              for (const entry of model.values()) {
                if (!entry.fresh) entry.hidden = Math.floor(entry.hidden * 2 ** (-1 / 8));
                entry.fresh = false;
              }
            }
          for (let s = 0; s < 20; s++) expect(table.hiddenOf(s)).toBe(model.get(s)?.hidden ?? 0);
        }
        pass(table, 30);
        expect(table.count).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
