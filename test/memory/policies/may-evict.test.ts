/** What may not go does not: every policy, over random histories of holds and releases. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArcPolicy } from '../../../src/memory/policies/arc.ts';
import type { EvictionPolicy, MayEvict } from '../../../src/memory/policies/eviction-policy.ts';
import { HeatPolicy } from '../../../src/memory/policies/heat.ts';
import { LruPolicy } from '../../../src/memory/policies/lru.ts';
import { ScoredPolicy } from '../../../src/memory/policies/scored.ts';
import { SievePolicy } from '../../../src/memory/policies/sieve.ts';
import { TwoQPolicy } from '../../../src/memory/policies/two-q.ts';
import { measureAllocation } from '../../support/allocation.ts';

const ROWS = 16;
const CAPACITY_BYTES = 300;

const feed = { now: new Float64Array(1), amounts: new Float64Array(1024).fill(0.5) };

const POLICIES: readonly [string, () => EvictionPolicy][] = [
  ['lru', () => new LruPolicy(CAPACITY_BYTES)],
  ['arc', () => new ArcPolicy(CAPACITY_BYTES)],
  ['2q', () => new TwoQPolicy(CAPACITY_BYTES)],
  ['sieve', () => new SievePolicy(CAPACITY_BYTES)],
  ['heat', () => new HeatPolicy(CAPACITY_BYTES, feed)],
  ['value', () => new ScoredPolicy('value', CAPACITY_BYTES, (id) => (id * 7) % 5)],
];

/** Sizes differ, and one is nothing at all. */
const bytesOf = (id: number): number => (id % 4) * 25;

const step = fc.record({
  do: fc.constantFrom('ask', 'ask', 'use', 'go on', 'hold', 'release', 'evict', 'forget', 'begin'),
  id: fc.nat(ROWS - 1),
});

/** Plays a history; says what a victim must not be, by throwing. */
function play(policy: EvictionPolicy, steps: readonly { do: string; id: number }[]): void {
  const there = new Set<number>();
  const held = new Set<number>();
  const may: MayEvict = (id) => !held.has(id);
  for (const { do: what, id } of steps) {
    if (what === 'ask' && !there.has(id)) {
      policy.miss(id);
      policy.insert(id, bytesOf(id));
      there.add(id);
    } else if (what === 'use') policy.use(id, false);
    else if (what === 'go on') policy.use(id, true);
    else if (what === 'hold') held.add(id);
    else if (what === 'release') held.delete(id);
    else if (what === 'forget') {
      policy.forget(id);
      there.delete(id);
    } else if (what === 'begin') policy.begin();
    else if (what === 'evict') {
      policy.begin();
      const victim = policy.victim(may);
      const free = [...there].filter(may);
      if (victim < 0) expect(free).toEqual([]);
      else {
        expect(free).toContain(victim);
        policy.evict(victim);
        there.delete(victim);
      }
    }
  }
  // In the end all go that may, each once, and nobody else.
  policy.begin();
  for (let left = [...there].filter(may).length; left > 0; left--) {
    const victim = policy.victim(may);
    expect([...there].filter(may)).toContain(victim);
    policy.evict(victim);
    there.delete(victim);
  }
  expect(policy.victim(may)).toBe(-1);
}

const history = fc.array(step, { maxLength: 150, size: 'max' });

describe('what may not go', () => {
  test.each(POLICIES)(
    '%s names only what is there and may go, as long as there is any',
    (_, create) => {
      fc.assert(
        fc.property(history, (steps) => play(create(), steps)),
        { numRuns: 200 },
      );
    },
  );

  test.each(POLICIES)('%s would be found out if it did not ask', (_, create) => {
    const careless = (): EvictionPolicy => {
      const policy = create();
      const victim = policy.victim.bind(policy);
      policy.victim = () => victim(() => true);
      return policy;
    };
    const { failed } = fc.check(
      fc.property(history, (steps) => play(careless(), steps)),
      { seed: 1 },
    );
    expect(failed).toBe(true);
  });

  test.each(POLICIES)(
    '%s allocates next to nothing once its columns are long enough',
    (_, create) => {
      const policy = create();
      const rows = 1000;
      for (let id = 0; id < rows; id++) policy.insert(id, 1);
      const may: MayEvict = (id) => id % 3 > 0;
      const evictAndBring = (i: number): void => {
        policy.use(i % rows, false);
        const victim = policy.victim(may);
        policy.evict(victim);
        policy.miss(victim);
        policy.insert(victim, 1);
      };
      for (let i = 0; i < 20_000; i++) evictAndBring(i);
      expect(measureAllocation(evictAndBring, 20_000)).toBeLessThan(64);
    },
  );
});
