/** What the arena benchmark asks of an allocator. All sizes are bytes. */
export interface Allocator {
  readonly name: string;
  /** A handle, or -1 where nothing fits. */
  allocate(sizeBytes: number): number;
  free(handle: number): void;
  readonly freeBytes: number;
  /** The largest request that would be served now without moving anything. */
  largestFreeBytes(): number;
  /**
   * Once a frame, where the allocator moves ranges: opens a hole of `wantedBytes` (0: none) or does
   * what it does. Returns the bytes moved since the frame before.
   */
  defragment?(wantedBytes: number): number;
  /** Ranges whose bytes are not what was written; where the allocator holds bytes. */
  corruptRanges?(): number;
}
