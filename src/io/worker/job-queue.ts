/**
 * Jobs that no worker has yet: by priority, which may change while they wait, and found by payload
 * without a search.
 */
import { IndexedHeap } from '../../base/heap.ts';
import type { PoolJob } from './slot.ts';

export class JobQueue {
  readonly #heap = new IndexedHeap(64);
  readonly #jobs = new Map<number, PoolJob>();
  /** One payload may have several jobs: a withdrawn one that had begun, and its successor. */
  readonly #ofPayload = new Map<number, PoolJob[]>();

  get size(): number {
    return this.#heap.size;
  }

  add(job: PoolJob): void {
    this.#heap.set(job.id, rank(job.priority));
    this.#jobs.set(job.id, job);
    const others = this.#ofPayload.get(job.payload);
    if (others) others.push(job);
    else this.#ofPayload.set(job.payload, [job]);
  }

  /** The job to be done next, if any. It stays in the queue. */
  peek(): PoolJob | undefined {
    return this.#jobs.get(this.#heap.peek());
  }

  take(): PoolJob | undefined {
    const job = this.peek();
    if (job) this.#remove(job);
    return job;
  }

  /** Removes and returns the job of a payload, if it waits here. */
  withdraw(payload: number): PoolJob | undefined {
    const job = this.#ofPayload.get(payload)?.at(-1);
    if (job) this.#remove(job);
    return job;
  }

  reprioritize(payload: number, priority: number): void {
    for (const job of this.#ofPayload.get(payload) ?? []) {
      job.priority = priority;
      this.#heap.set(job.id, rank(priority));
    }
  }

  clear(): void {
    this.#heap.clear();
    this.#jobs.clear();
    this.#ofPayload.clear();
  }

  #remove(job: PoolJob): void {
    this.#heap.delete(job.id);
    this.#jobs.delete(job.id);
    const others = this.#ofPayload.get(job.payload)!;
    if (others.length === 1) this.#ofPayload.delete(job.payload);
    else others.splice(others.indexOf(job), 1);
  }
}

/** What is not a number cannot be compared: it ranks as nothing in particular. */
function rank(priority: number): number {
  return Number.isNaN(priority) ? 0 : priority;
}
