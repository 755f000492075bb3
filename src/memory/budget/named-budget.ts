/**
 * Budgets of the game's own, by name: so many bytes are promised to each, out of which it allocates and
 * beyond which it refuses. What is promised and idle is lent to nobody, so an allocation within it
 * never waits for the streaming. When the whole budget is lowered below what is promised, those of the
 * lowest priority lose first.
 */
import { assert, assertNumber } from '../../base/assert.ts';
import { hashName } from '../../base/hash.ts';
import type { Budget } from './budget.ts';
import { MEMORY_STATES, type MemoryState, nextMemoryState } from './memory-state.ts';
import type { NamedBudgets } from './named-budgets.ts';

export interface MemoryBudget {
  readonly name: string;
  /** Higher ones keep their bytes longer when the whole budget is lowered. */
  readonly priority: number;
  /** What was asked for. May be changed; throws where it does not fit beside the others. */
  bytes: number;
  /** What of it is promised now: less than `bytes` when the whole budget was lowered below them. */
  readonly grantedBytes: number;
  readonly usedBytes: number;
  /** What can be allocated now. */
  readonly freeBytes: number;
  readonly peakBytes: number;
  readonly state: MemoryState;
  /** Takes bytes, or throws and takes none; the message says how much was free and what to do. */
  allocate(bytes: number): void;
  /** Takes bytes and returns true, or returns false and takes none. */
  tryAllocate(bytes: number): boolean;
  /** Gives bytes back; throws when it holds fewer. */
  release(bytes: number): void;
  /** Ends it and gives back what it holds. Safe to call twice. */
  dispose(): void;
}

export class NamedBudget implements MemoryBudget {
  readonly name: string;
  readonly priority: number;
  grantedBytes = 0;
  usedBytes = 0;
  peakBytes = 0;
  /** Indices into `MEMORY_STATES`: as it is, and as the game was last told. */
  stateNumber = 0;
  toldState = 0;
  /** Hash of the name. */
  readonly id: number;
  readonly #budget: Budget;
  readonly #all: NamedBudgets;
  #bytes = 0;
  #markedBytes = 0;
  #isDisposed = false;

  constructor(name: string, priority: number, budget: Budget, all: NamedBudgets) {
    this.name = name;
    this.id = hashName(name);
    this.priority = priority;
    this.#budget = budget;
    this.#all = all;
  }

  get bytes(): number {
    return this.#bytes;
  }

  set bytes(bytes: number) {
    this.#all.checkBytes(this, bytes);
    this.askFor(bytes);
  }

  /** As the setter, checked before. */
  askFor(bytes: number): void {
    this.#bytes = bytes;
    this.#budget.sharePromises();
  }

  get state(): MemoryState {
    return MEMORY_STATES[this.stateNumber]!;
  }

  get freeBytes(): number {
    const { freeBytes } = this.#budget;
    // After a promise was made, what is in use comes down over some frames.
    return Math.max(0, Math.min(this.grantedBytes - this.usedBytes, freeBytes));
  }

  allocate(bytes: number): void {
    if (this.tryAllocate(bytes)) return;
    const { usedBytes, grantedBytes, name } = this;
    const left = grantedBytes - usedBytes;
    throw new Error(
      `farfield: memory budget "${name}": ${bytes} bytes asked for, ${usedBytes} of ${grantedBytes} are in use` +
        (bytes > left
          ? `, so ${Math.max(0, left)} are free; release some, or raise its bytes`
          : `; the rest is still being freed by the streaming, try again in a few frames`),
    );
  }

  tryAllocate(bytes: number): boolean {
    assertNumber(`memory budget "${this.name}": bytes`, bytes, 0, Number.MAX_SAFE_INTEGER);
    assert(!this.#isDisposed, `memory budget "${this.name}" is disposed; create another`);
    if (bytes > this.freeBytes) return false;
    this.#change(bytes);
    return true;
  }

  release(bytes: number): void {
    assertNumber(`memory budget "${this.name}": bytes`, bytes, 0, Number.MAX_SAFE_INTEGER);
    const allocated = this.usedBytes - this.#markedBytes;
    assert(
      bytes <= allocated,
      `memory budget "${this.name}": ${bytes} bytes released, ${allocated} are in use`,
    );
    this.#change(-bytes);
  }

  /**
   * Counts bytes as in use that the streaming holds itself, in payloads: they are promised no longer
   * and not given out either. Returns false and counts none where fewer are left.
   */
  mark(bytes: number): boolean {
    if (this.#isDisposed || bytes > this.grantedBytes - this.usedBytes) return false;
    this.#mark(bytes);
    return true;
  }

  /** Takes a mark back; of a budget that was disposed there is none. */
  unmark(bytes: number): void {
    if (!this.#isDisposed) this.#mark(-bytes);
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#mark(-this.#markedBytes);
    this.#change(-this.usedBytes);
    this.#all.remove(this);
  }

  #mark(bytes: number): void {
    this.#markedBytes += bytes;
    this.#count(bytes);
    this.#budget.sharePromises();
  }

  #change(bytes: number): void {
    this.#count(bytes);
    this.#budget.give(bytes);
  }

  #count(bytes: number): void {
    this.usedBytes += bytes;
    this.peakBytes = Math.max(this.peakBytes, this.usedBytes);
    this.stateNumber = nextMemoryState(this.stateNumber, this.usedBytes, this.#bytes);
  }
}
