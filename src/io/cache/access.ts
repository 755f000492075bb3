/**
 * A cache as a source uses it: asynchronous, because its owner may be another tab, and forgiving,
 * because a cache that fails must cost nothing but its hits.
 */
import type { Clock } from '../../base/clock.ts';
import type { Bytes, SourceDescriptor } from '../source.ts';
import type { CacheKey } from './key.ts';
import type { CacheStats } from './stats.ts';

export interface CacheAccess {
  /** What the cache has of `keys`, each in a buffer the caller owns, else null. Never rejects. */
  read(keys: readonly CacheKey[]): Promise<(Bytes | null)[]>;
  /**
   * Stores a copy, later. Entries are skipped rather than let more than `MAX_BEHIND_BYTES` wait.
   * Never throws.
   */
  write(key: CacheKey, bytes: Uint8Array): void;
  drop(key: CacheKey): void;
  /** Null when nobody answers. */
  stats(): Promise<CacheStats | null>;
  /** Forgets every entry. False when nobody answers. */
  clear(): Promise<boolean>;
  /** Stores what waits and lets go of the files. */
  close(): Promise<void>;
}

/** Bytes that may wait to be stored. */
export const MAX_BEHIND_BYTES: number = 16 * 1024 * 1024;

export interface CacheEnvironment {
  clock: Clock;
  /** Told, once for each reason, why there is no cache or no more writing to it. */
  onWarning: (message: string) => void;
}

/** Where a cache lives. Nothing is opened before the first read. */
export interface CachePlace {
  /** As plain data, for another thread. */
  readonly descriptor: SourceDescriptor;
  /**
   * Everybody in this thread who opens the same place shares one access; each closes it once. Null:
   * there can be no cache here, and the reason was told. Never rejects.
   */
  open(environment: CacheEnvironment): Promise<CacheAccess | null>;
  /** Forgets every entry, whoever has the files open. False when that could not be done. */
  clear(): Promise<boolean>;
  /** What the cache has and did, as its owner counts it; null when nobody has it open. */
  stats(): Promise<CacheStats | null>;
}

/** Quota of a cache that was not given one. */
export const DEFAULT_QUOTA_BYTES: number = 512 * 1024 * 1024;
