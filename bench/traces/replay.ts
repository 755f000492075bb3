/** Policies by name, and what each hits on a trace. */
import { ArcPolicy } from '../../src/memory/policies/arc.ts';
import { createCache } from '../../src/memory/policies/cache.ts';
import type { EvictionPolicy } from '../../src/memory/policies/eviction-policy.ts';
import { LruPolicy } from '../../src/memory/policies/lru.ts';
import { SievePolicy } from '../../src/memory/policies/sieve.ts';
import { TwoQPolicy } from '../../src/memory/policies/two-q.ts';
import { createBelady, FifoPolicy } from './bounds.ts';
import { LirsPolicy } from './lirs.ts';
import type { Trace } from './read-trace.ts';

export type TracePolicy = 'fifo' | 'lru' | '2q' | 'arc' | 'lirs' | 'sieve' | 'belady';

const POLICIES: Readonly<Record<TracePolicy, (pages: number, trace: Trace) => EvictionPolicy>> = {
  fifo: (pages) => new FifoPolicy(pages),
  lru: (pages) => new LruPolicy(pages),
  '2q': (pages) => new TwoQPolicy(pages),
  arc: (pages) => new ArcPolicy(pages),
  lirs: (pages, { pageCount }) => new LirsPolicy(pages, pageCount),
  sieve: (pages) => new SievePolicy(pages),
  belady: createBelady,
};

export const TRACE_POLICIES: readonly TracePolicy[] = Object.keys(POLICIES) as TracePolicy[];

/** Share of the accesses that hit (%), in a cache of so many pages. */
export function hitPercent(trace: Trace, name: TracePolicy, pages: number): number {
  return replay(trace, POLICIES[name](pages, trace));
}

/** As `hitPercent`, with a policy at hand. */
export function replay({ pages, pageCount }: Trace, policy: EvictionPolicy): number {
  const cache = createCache(policy, pageCount);
  let hits = 0;
  for (let i = 0; i < pages.length; i++) if (cache.access(pages[i]!)) hits++;
  return (100 * hits) / pages.length;
}
