/** Handles: indices with generations, and which numbers are none. */
import { describe, expect, it } from 'vitest';
import { HandleTable, MAX_HANDLES, NO_HANDLE } from '../../src/memory/handles.ts';

describe('a table of handles', () => {
  it('gives 1,023 generations of an index before one comes again, all between 1 and 2^30', () => {
    const table = new HandleTable(1);
    const seen = new Set<number>();
    for (let turn = 0; turn < 1023; turn++) {
      const handle = table.take();
      expect(handle).toBeGreaterThan(0);
      expect(handle).toBeLessThan(2 ** 30);
      seen.add(handle);
      expect(table.take()).toBe(NO_HANDLE);
      table.drop(table.find(handle));
      expect(table.find(handle)).toBe(-1);
    }
    expect(seen.size).toBe(1023);
    expect(seen.has(table.take())).toBe(true);
  });

  it('takes the index that was dropped longest ago', () => {
    const table = new HandleTable(3);
    const [first, second] = [table.take(), table.take()];
    table.drop(table.find(second));
    table.drop(table.find(first));
    const indices = [table.take(), table.take(), table.take()].map((handle) => table.find(handle));
    expect(indices).toEqual([2, 1, 0]);
  });

  it('grows to its limit and no further, and keeps what it gave out', () => {
    const table = new HandleTable(3000);
    const handles = Array.from({ length: 3000 }, () => table.take());
    expect(table.take()).toBe(NO_HANDLE);
    expect(table.length).toBe(3000);
    expect(handles.map((handle) => table.find(handle))).toEqual(handles.map((_, i) => i));
    expect(new HandleTable(2 ** 30).length).toBeLessThan(MAX_HANDLES);
  });

  it('says what is wrong with a number', () => {
    const table = new HandleTable();
    const handle = table.take();
    expect(table.explain(12)).toMatch(/12 is no handle/);
    expect(table.explain(handle + 5000)).toMatch(/is no handle/);
    expect(table.explain(2 ** 31)).toMatch(/is no handle/);
    table.drop(table.find(handle));
    expect(table.explain(handle)).toMatch(
      /stale: place 0 is in generation 2 and free, .*of gen.* 1$/,
    );
  });
});
