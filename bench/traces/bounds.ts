/** What the others are seen beside: the queue that learns nothing, and the one that knows the future. */
import type { EvictionPolicy } from '../../src/memory/policies/eviction-policy.ts';
import { LruPolicy } from '../../src/memory/policies/lru.ts';
import { ScoredPolicy } from '../../src/memory/policies/scored.ts';
import type { Trace } from './read-trace.ts';

/** What came first goes first. */
export class FifoPolicy extends LruPolicy {
  override readonly name = 'fifo';

  override use(): void {}
}

/**
 * The clairvoyant: what is needed again last goes first, which no policy beats.
 *
 * Based on: L. A. Belady. A Study of Replacement Algorithms for a Virtual-Storage Computer. IBM Systems
 * Journal 5(2), 1966: MIN.
 */
export function createBelady(capacity: number, { pages, pageCount }: Trace): EvictionPolicy {
  const next = new Uint32Array(pages.length);
  const seen = new Uint32Array(pageCount).fill(0xffffffff);
  for (let i = pages.length - 1; i >= 0; i--) {
    next[i] = seen[pages[i]!]!;
    seen[pages[i]!] = i;
  }
  return new Clairvoyant(capacity, next, new Float64Array(pageCount));
}

class Clairvoyant extends ScoredPolicy {
  readonly #next: Uint32Array;
  readonly #nextUse: Float64Array;
  #at = 0;

  constructor(capacity: number, next: Uint32Array, nextUse: Float64Array) {
    super('belady', capacity, (id) => -nextUse[id]!);
    this.#next = next;
    this.#nextUse = nextUse;
  }

  override insert(id: number, bytes: number): void {
    this.#nextUse[id] = this.#next[this.#at++]!;
    super.insert(id, bytes);
  }

  override use(id: number): void {
    this.#nextUse[id] = this.#next[this.#at++]!;
    super.use(id);
  }
}
