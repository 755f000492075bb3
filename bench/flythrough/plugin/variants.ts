/** The plugin with one ingredient taken out, or one put in: what each of them is worth. */
import type { StreamingOptions } from '../../../src/options.ts';
import type { CreateSubject } from '../subject.ts';
import { pluginSubject } from './subject.ts';

export interface Variant {
  /** What is different, in words. */
  label: string;
  options: Partial<StreamingOptions>;
}

/** By the name that follows `plugin:`. */
export const VARIANTS: Readonly<Record<string, Variant>> = {
  present: {
    label: 'no prediction: the present pose alone',
    options: { prediction: { horizonsSeconds: [0] } },
  },
  'look-around': {
    label: 'with a learned look-around',
    options: { prediction: { lookAround: true } },
  },
  'no-groups': { label: 'neighbors asked for one by one', options: { policy: { groups: false } } },
  'free-requests': {
    label: 'requests cost nothing but their bytes',
    options: { policy: { requestPrice: 0 } },
  },
  'no-gaps': { label: 'no reading through gaps', options: { io: { mergeGapBytes: 0 } } },
  'no-line': { label: 'no tickets waiting: slots filled once a frame', options: { lookAhead: 0 } },
  'long-line': { label: 'ten tickets waiting', options: { lookAhead: 10 } },
  'no-preemption': {
    label: 'no ticket gives its place away',
    options: { policy: { preemptFactor: Number.MAX_VALUE } },
  },
  'no-guard': { label: 'exchange of equals', options: { policy: { exchangeGuard: 1 } } },
  'no-shown': {
    label: 'what is on screen counts like all else',
    options: { policy: { shownFactor: 1 } },
  },
  'no-fallback': {
    label: 'what a finer LOD replaced is worth nothing',
    options: { policy: { fallbackShare: 0 } },
  },
  'no-coarsest': {
    label: 'coarsest LODs may be evicted',
    options: { policy: { keepsCoarsest: false } },
  },
  'no-bias': { label: 'no error bias', options: { lod: { maxBias: 1 } } },
  'no-prefetch': { label: 'no read for what is not on screen', options: { prefetchShare: 0 } },
  'slow-return': {
    label: 'what was evicted comes back after 5 s at the earliest',
    options: { policy: { returnSeconds: 5 } },
  },
  'all-prefetch': { label: 'prefetch without a budget', options: { prefetchShare: 1 } },
  distance: { label: 'scorer `distance`', options: { scorer: 'distance' } },
  classic: { label: 'scorer `classic`', options: { scorer: 'classic' } },
};

/** What leaves memory by other policies: see `eviction.ts`. */
export const EVICTION_VARIANTS: Readonly<Record<string, Variant>> = {
  'evict-lru': { label: 'LRU', options: { eviction: 'lru' } },
  'evict-arc': { label: 'ARC', options: { eviction: 'arc' } },
  'evict-2q': { label: '2Q', options: { eviction: '2q' } },
  'evict-sieve': { label: 'SIEVE', options: { eviction: 'sieve' } },
  'evict-heat': { label: 'heat', options: { eviction: 'heat' } },
  'evict-cold-heat': {
    label: 'heat without birth credit',
    options: { eviction: 'heat', policy: { birthCredit: 0 } },
  },
  'evict-distance': { label: 'distance', options: { eviction: 'distance' } },
};

/** The plugin as it comes, and its variants as `plugin:NAME`. */
export const PLUGIN_SUBJECTS: Readonly<Record<string, CreateSubject>> = {
  plugin: pluginSubject(),
  ...Object.fromEntries(
    Object.entries({ ...VARIANTS, ...EVICTION_VARIANTS }).map(([name, { options }]) => [
      `plugin:${name}`,
      pluginSubject(options),
    ]),
  ),
};
