/**
 * LIRS, for comparison: pages whose last two accesses lay close together (LIR) are held, all others
 * (HIR) pass through one hundredth of the cache. The stack S orders pages by their last access down to
 * the oldest LIR page; the queue Q holds the resident HIR pages.
 *
 * Of pages that are gone S remembers at most twice the capacity, the last evicted.
 *
 * Based on: S. Jiang, X. Zhang. LIRS: An Efficient Low Inter-reference Recency Set Replacement Policy to
 * Improve Buffer Cache Performance. SIGMETRICS 2002, section 3.
 */
import type { EvictionPolicy, MayEvict } from '../../src/memory/policies/eviction-policy.ts';
import { RowLists } from '../../src/memory/policies/row-lists.ts';

const HIR_SHARE = 0.01;
const GONE_PER_PAGE = 2;

const HIR = 0;
const LIR = 1;

/** Lists of `#queues`: resident HIR pages, and pages that are gone but still in the stack. */
const QUEUE = 0;
const GONE = 1;

export class LirsPolicy implements EvictionPolicy {
  readonly name: string = 'lirs';
  capacity: number;
  readonly #stack = new RowLists(1);
  readonly #queues = new RowLists(2);
  readonly #status: Uint8Array;
  #lirCount = 0;

  constructor(capacity: number, pageCount: number) {
    this.capacity = capacity;
    this.#status = new Uint8Array(pageCount);
  }

  miss(): void {}

  insert(id: number): void {
    const isRemembered = this.#stack.listOf(id) === 0;
    this.#queues.remove(id);
    this.#stack.remove(id);
    this.#stack.insert(0, id, 1);
    if (this.#lirCount < this.#lirLimit()) {
      this.#promote(id);
      return;
    }
    this.#status[id] = HIR;
    if (isRemembered) {
      this.#promote(id);
      this.#demote();
    } else this.#queues.insert(QUEUE, id, 1);
  }

  use(id: number): void {
    const isInStack = this.#stack.listOf(id) === 0;
    this.#stack.remove(id);
    this.#stack.insert(0, id, 1);
    if (this.#status[id] === LIR) {
      this.#prune();
      return;
    }
    this.#queues.remove(id);
    if (isInStack) {
      this.#promote(id);
      this.#demote();
    } else this.#queues.insert(QUEUE, id, 1);
  }

  begin(): void {}

  victim(may: MayEvict): number {
    for (const lists of [this.#queues, this.#stack])
      for (let id = lists.back(0); id >= 0; id = lists.newer(id)) if (may(id)) return id;
    return -1;
  }

  evict(id: number): void {
    if (this.#status[id] === LIR) {
      this.forget(id);
      return;
    }
    this.#queues.remove(id);
    if (this.#stack.listOf(id) !== 0) return;
    this.#queues.insert(GONE, id, 1);
    while (this.#queues.counts[GONE]! > GONE_PER_PAGE * this.capacity)
      this.forget(this.#queues.back(GONE));
  }

  forget(id: number): void {
    this.#queues.remove(id);
    this.#stack.remove(id);
    if (this.#status[id] === LIR) this.#lirCount--;
    this.#status[id] = HIR;
    this.#prune();
  }

  #lirLimit(): number {
    return this.capacity - Math.max(1, Math.round(this.capacity * HIR_SHARE));
  }

  #promote(id: number): void {
    this.#status[id] = LIR;
    this.#lirCount++;
  }

  /** The LIR page at the bottom of the stack becomes HIR. */
  #demote(): void {
    this.#prune();
    if (this.#lirCount <= this.#lirLimit()) return;
    const id = this.#stack.back(0);
    this.#stack.remove(id);
    this.#status[id] = HIR;
    this.#lirCount--;
    this.#queues.insert(QUEUE, id, 1);
    this.#prune();
  }

  /** No HIR page lies below the last LIR page. */
  #prune(): void {
    for (
      let id = this.#stack.back(0);
      id >= 0 && this.#status[id] !== LIR;
      id = this.#stack.back(0)
    ) {
      this.#stack.remove(id);
      if (this.#queues.listOf(id) === GONE) this.#queues.remove(id);
    }
  }
}
