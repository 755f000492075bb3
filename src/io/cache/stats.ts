/** What a cache can say about itself. Counts begin when it was opened. */

export interface CacheStats {
  hits: number;
  misses: number;
  /** Size of all files. */
  bytes: number;
  entries: number;
  /** Entries that went to make room. */
  evictions: number;
  /** Entries that were found not to be what was written; each was a miss, and is gone. */
  damaged: number;
  /** Entries that were not stored: too large, no room on the device, or writing was behind. */
  skipped: number;
}
