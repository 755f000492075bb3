/**
 * What the paper on ARC reports for the trace OLTP, beside what we get: the same trace and the same
 * sizes, so the figures have to agree. And two policies that must not agree, or the comparison would
 * prove nothing.
 *
 * N. Megiddo, D. S. Modha. ARC: A Self-Tuning, Low Overhead Replacement Cache. FAST 2003, the table of
 * hit ratios on OLTP by cache size.
 */
import { ArcPolicy } from '../../src/memory/policies/arc.ts';
import type { EvictionPolicy } from '../../src/memory/policies/eviction-policy.ts';
import { LruPolicy } from '../../src/memory/policies/lru.ts';
import { FifoPolicy } from './bounds.ts';
import type { Trace } from './read-trace.ts';
import { replay } from './replay.ts';

/** The trace as it is called here. */
export const OLTP = 'arc-OLTP';

/** Hit ratio (%), by pages in the cache. */
const PUBLISHED = {
  lru: new Map([
    [1000, 32.83],
    [2000, 42.47],
    [5000, 53.65],
    [10000, 60.7],
    [15000, 64.63],
  ]),
  arc: new Map([
    [1000, 38.93],
    [2000, 46.08],
    [5000, 55.25],
    [10000, 61.87],
    [15000, 65.4],
  ]),
};

export const PUBLISHED_PAGES: readonly number[] = [...PUBLISHED.lru.keys()];

/** Points of a hit ratio that agree. */
const TOLERANCE_POINTS = 0.2;

export interface Comparison {
  policy: string;
  pages: number;
  publishedPercent: number;
  measuredPercent: number;
  differencePoints: number;
  isAgreed: boolean;
  /** What must not agree. */
  isControl: boolean;
}

interface Compared {
  policy: string;
  column: keyof typeof PUBLISHED;
  create: (pages: number) => EvictionPolicy;
  isControl: boolean;
}

const COMPARED: readonly Compared[] = [
  { policy: 'lru', column: 'lru', create: (pages) => new LruPolicy(pages), isControl: false },
  { policy: 'arc', column: 'arc', create: (pages) => new ArcPolicy(pages), isControl: false },
  {
    policy: 'fifo, as if it were lru',
    column: 'lru',
    create: (pages) => new FifoPolicy(pages),
    isControl: true,
  },
  {
    policy: 'arc that does not adapt',
    column: 'arc',
    create: (pages) => new ArcPolicy(pages, { isAdaptive: false }),
    isControl: true,
  },
];

/** Compares at the sizes that were published, of those given. */
export function compareWithPublished(oltp: Trace, sizes: readonly number[]): Comparison[] {
  return COMPARED.flatMap(({ policy, column, create, isControl }) =>
    sizes
      .filter((pages) => PUBLISHED[column].has(pages))
      .map((pages) => {
        const publishedPercent = PUBLISHED[column].get(pages)!;
        const measuredPercent = replay(oltp, create(pages));
        const differencePoints = measuredPercent - publishedPercent;
        const isAgreed = Math.abs(differencePoints) <= TOLERANCE_POINTS;
        return {
          policy,
          pages,
          publishedPercent,
          measuredPercent,
          differencePoints,
          isAgreed,
          isControl,
        };
      }),
  );
}
