/** Words for how full memory is do not flicker. */
import { describe, expect, it } from 'vitest';
import { MEMORY_STATES, nextMemoryState } from '../../../src/memory/budget/memory-state.ts';

/** States passed through while the use goes through those shares. */
function statesAt(shares: readonly number[]): string[] {
  let state = 0;
  return shares.map((share) => {
    state = nextMemoryState(state, share * 1000, 1000);
    return MEMORY_STATES[state]!;
  });
}

describe('nextMemoryState', () => {
  it('begins at 80 and 95 percent, and ends below 75 and 90', () => {
    expect(statesAt([0.79, 0.8, 0.94, 0.95, 0.91, 0.9, 0.89, 0.76, 0.75, 0.74])).toEqual([
      'normal',
      'warning',
      'warning',
      'critical',
      'critical',
      'critical',
      'warning',
      'warning',
      'warning',
      'normal',
    ]);
  });

  it('stays as it is while the use sways around a border', () => {
    const sway = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? 0.81 : 0.78));
    expect(new Set(statesAt(sway))).toEqual(new Set(['warning']));
  });

  it('jumps over the middle where the use does', () => {
    expect(statesAt([0.99, 0.1, 1.2])).toEqual(['critical', 'normal', 'critical']);
    expect(nextMemoryState(0, 1, 0)).toBe(2);
    expect(nextMemoryState(2, 0, 0)).toBe(0);
  });
});
