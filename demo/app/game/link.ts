/** Where the world comes from: a link that the sliders slow down, or the browser's own cache. */
import { createSystemClock, type Source } from '../../../src/index.ts';
import { cached, opfsStore, type SimulatedLink, simulatedSource } from '../../../src/io/index.ts';

export interface DemoLink {
  source: Source;
  /** Change it at any time. Null where nothing simulates one. */
  link: SimulatedLink | null;
}

export function createLink(inner: Source): DemoLink {
  const link: SimulatedLink = {
    bandwidthBytesPerSecond: Number.POSITIVE_INFINITY,
    latencySeconds: 0,
  };
  const source = simulatedSource(inner, {
    clock: createSystemClock(),
    // No faults are simulated, so that chance is never asked.
    random: () => 0.5,
    link,
  });
  return { source, link };
}

/** The world through a cache that stays: the next visit needs no network. */
export function createCachedLink(inner: Source): DemoLink {
  return { source: cached(inner, opfsStore({ name: 'demo' })), link: null };
}
