/**
 * The port of eviction: who goes first. A policy hears what comes, what is used and what goes, and
 * names victims. What may not go (pins, reference counts, kept rows, tiers) it is told by the caller
 * each time, and it holds no content: the caller evicts.
 *
 * Entries are rows: small integers, whose columns grow by themselves. Where a policy says nothing else,
 * each call is O(1), and none allocates once the columns are long enough.
 */

/** Whether an entry may go now. */
export type MayEvict = (id: number) => boolean;

/** Everything may go. */
export const mayEvictAll: MayEvict = () => true;

export interface EvictionPolicy {
  /** For messages. */
  readonly name: string;
  /** What the entries may take together (bytes, or pages of one each). May change at any time. */
  capacity: number;
  /**
   * An entry that is not there is about to be asked for, and room may have to be made for it. Policies
   * with a memory of what has left learn from it. Not needed for each entry that comes.
   */
  miss(id: number): void;
  /** An entry that was not there is there from now on. */
  insert(id: number, bytes: number): void;
  /**
   * An entry is used.
   *
   * @param isContinued the same use goes on: it counts as recent, but not as one more
   */
  use(id: number, isContinued: boolean): void;
  /**
   * A round of searches begins. What may go, and what entries score, is taken for what it was when the
   * round began: whoever was passed over is not looked at again before the next.
   */
  begin(): void;
  /** The entry that goes next; -1 = none may. It stays until `evict` or `forget`. */
  victim(may: MayEvict): number;
  /** An entry has been evicted to make room; it may be remembered. */
  evict(id: number): void;
  /** Nothing of the entry is remembered, be it there or not. */
  forget(id: number): void;
}
