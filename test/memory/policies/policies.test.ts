/** The policies against what their papers write down, on random traces and on short ones by hand. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBelady, FifoPolicy } from '../../../bench/traces/bounds.ts';
import { LirsPolicy } from '../../../bench/traces/lirs.ts';
import { ArcPolicy } from '../../../src/memory/policies/arc.ts';
import { createCache } from '../../../src/memory/policies/cache.ts';
import type { EvictionPolicy } from '../../../src/memory/policies/eviction-policy.ts';
import { HeatPolicy } from '../../../src/memory/policies/heat.ts';
import { LruPolicy } from '../../../src/memory/policies/lru.ts';
import { ScoredPolicy } from '../../../src/memory/policies/scored.ts';
import { SievePolicy } from '../../../src/memory/policies/sieve.ts';
import { TwoQPolicy } from '../../../src/memory/policies/two-q.ts';
import { naiveArc, naiveBelady, naiveFifo, naiveLru, naiveSieve, naiveTwoQ } from './naive.ts';

const PAGES = 24;

function hits(policy: EvictionPolicy, trace: readonly number[]): string {
  const cache = createCache(policy, PAGES);
  return trace.map((page) => (cache.access(page) ? 'h' : '.')).join('');
}

/** Pages of several kinds of locality, so that ghosts, scans and loops all come up. */
const trace = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.nat(PAGES - 1).map((page) => [page]) },
      { weight: 3, arbitrary: fc.nat(5).map((page) => [page]) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.nat(PAGES - 1), fc.integer({ min: 2, max: PAGES }))
          .map(([first, count]) => Array.from({ length: count }, (_, i) => (first + i) % PAGES)),
      },
    ),
    { maxLength: 120 },
  )
  .map((parts) => parts.flat());

const capacity = fc.integer({ min: 1, max: 12 });

const PAIRS: readonly [
  string,
  (capacity: number, trace: number[]) => EvictionPolicy,
  (capacity: number, trace: number[]) => (page: number) => boolean,
][] = [
  ['fifo', (c) => new FifoPolicy(c), naiveFifo],
  ['lru', (c) => new LruPolicy(c), naiveLru],
  ['arc', (c) => new ArcPolicy(c), naiveArc],
  ['2q', (c) => new TwoQPolicy(c), naiveTwoQ],
  ['sieve', (c) => new SievePolicy(c), naiveSieve],
  [
    'belady',
    (c, pages) => createBelady(c, { name: '', pages: Uint32Array.from(pages), pageCount: PAGES }),
    naiveBelady,
  ],
];

describe('policies as caches', () => {
  test.each(PAIRS)('%s hits what its paper says', (_name, create, naive) => {
    fc.assert(
      fc.property(capacity, trace, (c, pages) => {
        const access = naive(c, pages);
        const expected = pages.map((page) => (access(page) ? 'h' : '.')).join('');
        expect(hits(create(c, pages), pages)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('the comparison tells policies apart: ARC that does not adapt is not ARC', () => {
    const differs = fc.check(
      fc.property(capacity, trace, (c, pages) => {
        const access = naiveArc(c);
        const expected = pages.map((page) => (access(page) ? 'h' : '.')).join('');
        return hits(new ArcPolicy(c, { isAdaptive: false }), pages) === expected;
      }),
      { numRuns: 1000 },
    );
    expect(differs.failed).toBe(true);
  });

  test('no policy beats the clairvoyant', () => {
    const count = (text: string): number => text.replaceAll('.', '').length;
    fc.assert(
      fc.property(capacity, trace, (c, pages) => {
        const data = { name: '', pages: Uint32Array.from(pages), pageCount: PAGES };
        const best = count(hits(createBelady(c, data), pages));
        for (const policy of [new ArcPolicy(c), new SievePolicy(c), new LirsPolicy(c, PAGES)])
          expect(count(hits(policy, pages))).toBeLessThanOrEqual(best);
      }),
    );
  });

  test('LRU by hand', () => {
    // 0 1 2 | 0 is used, so 3 replaces 1.
    expect(hits(new LruPolicy(3), [0, 1, 2, 0, 3, 0, 1])).toBe('...h.h.');
  });

  test('FIFO by hand', () => {
    expect(hits(new FifoPolicy(3), [0, 1, 2, 0, 3, 0, 1])).toBe('...h...');
  });

  test('SIEVE by hand: the hand passes what was used and stays where it was', () => {
    // The hand clears 0, takes 1 and stands at 2; then takes 2, not the oldest.
    expect(hits(new SievePolicy(3), [0, 1, 2, 0, 3, 4, 0, 3, 2])).toBe('...h..hh.');
  });

  test('2Q by hand: only what comes back after it has left the queue is held', () => {
    // Four pages, one for A1in, two remembered: 0 leaves for 4, is remembered, and returns to Am.
    expect(hits(new TwoQPolicy(4), [0, 1, 2, 3, 4, 0, 5, 6, 7, 0])).toBe('.........h');
  });

  test('ARC by hand: what was used twice outlives a scan', () => {
    expect(hits(new ArcPolicy(3), [0, 1, 0, 1, 5, 6, 7, 8, 9, 0, 1])).toBe('..hh.....hh');
    expect(hits(new LruPolicy(3), [0, 1, 0, 1, 5, 6, 7, 8, 9, 0, 1])).toBe('..hh.......');
  });

  test('LIRS by hand: of a loop that does not fit all but one page are held', () => {
    const loop = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4];
    expect(hits(new LirsPolicy(4, PAGES), loop)).toBe('.....hhh..hhh..');
    expect(hits(new LruPolicy(4), loop)).toBe('...............');
  });

  test('a cache of no pages is refused', () => {
    expect(() => createCache(new LruPolicy(0), 10)).toThrow(
      'createCache: capacity must be an integer of at least 1, got 0',
    );
  });

  test('a policy that names what is not there is found out', () => {
    const policy = new LruPolicy(1);
    policy.victim = () => 7;
    const cache = createCache(policy, PAGES);
    cache.access(0);
    expect(() => cache.access(1)).toThrow('lru names 7 as victim, which is not there');
  });
});

/** Heat, kept the slow way: every entry's heat, decayed at each look. */
describe('heat', () => {
  const feed = { now: new Float64Array(1), amounts: new Float64Array(PAGES).fill(1) };

  test('the coldest goes first, whatever the heats decayed to', () => {
    const step = fc.record({
      page: fc.nat(9),
      seconds: fc.constantFrom(0, 0.5, 7),
      amount: fc.constantFrom(0.1, 1, 3),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        feed.now[0] = 0;
        const policy = new HeatPolicy(10, feed, { birthCredit: 0 });
        const heats = new Float64Array(10);
        for (let page = 0; page < 10; page++) policy.insert(page);
        for (const { page, seconds, amount } of steps) {
          feed.now[0]! += seconds;
          for (let other = 0; other < 10; other++)
            heats[other] = heats[other]! * Math.exp(-seconds / 10);
          feed.amounts[page] = amount;
          policy.use(page);
          heats[page] = heats[page]! + amount;
        }
        const coldest = policy.victim(() => true);
        expect(heats[coldest]! - Math.min(...heats)).toBeLessThan(1e-9);
      }),
    );
  });

  test('what has just come stays while it has credit, and goes at once without', () => {
    feed.amounts.fill(1);
    const victimAfter = (birthCredit: number): number => {
      feed.now[0] = 0;
      const policy = new HeatPolicy(3, feed, { birthCredit });
      policy.insert(0);
      policy.insert(1);
      for (let i = 0; i < 100; i++) policy.use(1);
      policy.use(0);
      policy.insert(2);
      return policy.victim(() => true);
    };
    expect(victimAfter(1)).toBe(0);
    expect(victimAfter(0)).toBe(2);
  });
});

describe('heat and value as caches', () => {
  test('heat keeps what is used all the time through a scan that LRU does not survive', () => {
    const feed = { now: new Float64Array(1), amounts: new Float64Array(PAGES).fill(1) };
    const trace = [0, 1, 0, 1, 0, 1, 0, 1, 5, 6, 7, 8, 9, 10, 0, 1];
    const cache = createCache(new HeatPolicy(3, feed, { decaySeconds: 100 }), PAGES);
    const heat = trace.map((page) => {
      feed.now[0]! += 1;
      return cache.access(page) ? 'h' : '.';
    });
    expect(heat.join('')).toBe('..hhhhhh......hh');
    expect(hits(new LruPolicy(3), trace)).toBe('..hhhhhh........');
  });

  test('value keeps what is worth most, whatever comes', () => {
    const worth = (page: number): number => (page < 2 ? 10 : 1);
    const policy = new ScoredPolicy('value', 3, worth);
    expect(hits(policy, [0, 1, 2, 3, 4, 5, 0, 1, 5])).toBe('......hhh');
  });
});

describe('scored', () => {
  test('a score that has risen since the round began is looked at again', () => {
    const scores = [1, 2, 3];
    const policy = new ScoredPolicy('value', 3, (id) => scores[id]!);
    for (let id = 0; id < 3; id++) policy.insert(id, 1);
    scores[0] = 2.5;
    expect(policy.victim(() => true)).toBe(1);
    scores[2] = 0;
    // One that has fallen is noticed when the next round begins.
    expect(policy.victim(() => true)).toBe(1);
    policy.begin();
    expect(policy.victim(() => true)).toBe(2);
  });

  test('scores that are no numbers end the search all the same', () => {
    const policy = new ScoredPolicy('value', 3, () => Number.NaN);
    for (let id = 0; id < 3; id++) policy.insert(id, 1);
    policy.begin();
    expect([0, 1, 2]).toContain(policy.victim(() => true));
  });
});
