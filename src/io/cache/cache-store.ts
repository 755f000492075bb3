/**
 * The persistent cache itself: one pack file of data and an index, within a byte quota, least
 * recently used out first. Synchronous and for one owner; who that is, is decided above.
 *
 * - Data is written and flushed before the index record that names it (`commit`).
 * - Space is used again only when the index no longer names it on disk. So after a crash at any byte
 *   every entry that the index has is whole; the checksum of each is a second line of defense, for
 *   disks that lie.
 * - The files hold what is live, where it fits: no log to reclaim, no copying. Scattered holes are
 *   used by cutting an entry into up to four pieces (`extents.ts`).
 * - The index has a fixed share of the quota, the pack the rest: their sum cannot exceed it.
 *
 * Nothing here throws: an entry that cannot be read is a miss, a device that cannot be written to
 * makes the store read-only.
 */

import { crc32 } from '../../base/crc32.ts';
import { reasonOf } from '../../base/errors.ts';
import { MAX_CONTENT_BYTES } from '../../base/limits.ts';
import type { Bytes } from '../source.ts';
import { type CacheFiles, closeFiles } from './block-file.ts';
import { type Extent, ExtentMap, UNIT_BYTES } from './extents.ts';
import { Journal, MAX_JOURNAL_BYTES } from './journal.ts';
import type { CacheKey } from './key.ts';
import { loadIndex } from './load-index.ts';
import { Pack } from './pack.ts';
import { type IndexRecord, type KeyHash, RECORD_BYTES, RecordKind } from './record.ts';
import type { CacheStats } from './stats.ts';

export interface CacheStoreOptions {
  /** Most bytes that the files may have together. */
  quotaBytes: number;
  /** Of an entry, going on from its key's seed. */
  checksum?: (bytes: Uint8Array, seed: number) => number;
}

/** Smallest quota: the index then has room for 47 entries. */
export const MIN_QUOTA_BYTES: number = 256 * 1024;

/** Each of the two index files may take this share of the quota. */
const JOURNAL_SHARE = 1 / 64;
/** An entry larger than this share of the pack would push out too much. */
const ENTRY_SHARE = 1 / 4;
/** Evicting this share of the pack at a time makes the flushes it takes few. */
const EVICTION_SHARE = 1 / 64;
/** Live entries at most, of what a journal holds: the rest is for changes, so rewrites are rare. */
const LIVE_SHARE = 3 / 4;

type Entry = IndexRecord;

export class CacheStore {
  readonly #files: CacheFiles;
  readonly #pack: Pack;
  readonly #journal: Journal;
  readonly #maxEntries: number;
  readonly #checksum: (bytes: Uint8Array, seed: number) => number;
  /** By time of last use, the oldest first. */
  readonly #entries: Map<KeyHash, Entry>;
  #extents: ExtentMap;
  /** What the index on disk does not say yet, by time of last change. */
  readonly #pending = new Map<KeyHash, IndexRecord>();
  /** Space that is free once `#pending` is on disk. */
  #leaving: Extent[] = [];
  #leavingUnits = 0;
  #failure = '';
  /** The pack could not grow: the device has less room than the quota. */
  #isDeviceFull = false;
  readonly #counts = { hits: 0, misses: 0, evictions: 0, damaged: 0, skipped: 0 };

  /** Opens what the files hold. Throws only when they cannot be read at all. */
  constructor(files: CacheFiles, { quotaBytes, checksum = crc32 }: CacheStoreOptions) {
    this.#files = files;
    this.#pack = new Pack(files.pack);
    this.#checksum = checksum;
    const share = Math.min(MAX_JOURNAL_BYTES, quotaBytes * JOURNAL_SHARE);
    const journalBytes = Math.floor(share / RECORD_BYTES) * RECORD_BYTES;
    this.#journal = new Journal(files.journals, journalBytes);
    this.#maxEntries = Math.floor(this.#journal.capacity * LIVE_SHARE);
    const units = Math.floor((quotaBytes - 2 * journalBytes) / UNIT_BYTES);
    const { entries, extents, refused } = loadIndex(this.#journal, units);
    this.#entries = entries;
    this.#extents = extents;
    for (const key of refused) this.#noteDrop(key);
    this.#evictTo(this.#maxEntries);
    this.#write(() => {
      // Only a smaller quota than last time cuts anything off.
      this.#pack.truncate(units * UNIT_BYTES);
      if (!this.#journal.append([])) this.#rewrite();
    });
    this.commit();
  }

  /** Why nothing is written any more; empty while it is. */
  get failure(): string {
    return this.#failure;
  }

  /** Whether `commit` has anything to do. */
  get isDirty(): boolean {
    return this.#pending.size > 0 && this.#failure === '';
  }

  /** The entry in a buffer of its own, or null. */
  get(key: CacheKey): Bytes | null {
    const entry = this.#entries.get(key.hash);
    const bytes = entry && this.#read(entry, key);
    if (entry && !bytes) {
      this.#counts.damaged++;
      this.drop(key);
    }
    if (!entry || !bytes) {
      this.#counts.misses++;
      return null;
    }
    this.#counts.hits++;
    this.#entries.delete(key.hash);
    this.#entries.set(key.hash, entry);
    this.#note(this.#pending.get(key.hash) ?? { ...entry, kind: RecordKind.Touch, extents: [] });
    return bytes;
  }

  /** Stores a copy in place of what `key` had. It is durable after the next `commit`. */
  put(key: CacheKey, bytes: Uint8Array): boolean {
    this.drop(key);
    const extents = this.#failure === '' ? this.#store(bytes) : null;
    if (!extents) {
      this.#counts.skipped++;
      return false;
    }
    const entry: Entry = {
      kind: RecordKind.Put,
      key: key.hash,
      bytes: bytes.length,
      checksum: this.#checksum(bytes, key.seed),
      extents,
    };
    this.#entries.set(key.hash, entry);
    this.#note(entry);
    return true;
  }

  drop(key: CacheKey): void {
    const entry = this.#entries.get(key.hash);
    if (entry) this.#remove(entry);
  }

  /** Counts an entry that never came here, because writing was behind. */
  skip(): void {
    this.#counts.skipped++;
  }

  /** Makes everything so far durable. */
  commit(): void {
    if (!this.isDirty) return;
    this.#write(() => {
      this.#pack.flush();
      try {
        if (!this.#journal.append([...this.#pending.values()])) this.#rewrite();
      } catch (error) {
        if (!this.#isDeviceFull) throw error;
        this.#startOver();
      }
      this.#settle();
    });
  }

  /** Forgets everything, on disk too. */
  clear(): void {
    this.#entries.clear();
    this.#write(() => {
      this.#rewrite();
      this.#settle();
      this.#pack.truncate(0);
      this.#extents = new ExtentMap(this.#extents.limit);
    });
  }

  stats(): CacheStats {
    const bytes = this.#pack.bytes + this.#journal.bytes;
    return { ...this.#counts, bytes, entries: this.#entries.size };
  }

  /** Commits and closes the files. The store must not be used afterwards. */
  close(): void {
    this.commit();
    closeFiles(this.#files);
  }

  #read(entry: Entry, key: CacheKey): Bytes | null {
    if (key.bytes >= 0 && key.bytes !== entry.bytes) return null;
    const bytes = this.#pack.read(entry.extents, entry.bytes);
    return bytes && this.#checksum(bytes, key.seed) === entry.checksum ? bytes : null;
  }

  /** Writes the bytes where there is room, after making some. */
  #store(bytes: Uint8Array): Extent[] | null {
    const units = Math.ceil(bytes.length / UNIT_BYTES);
    // A device with less room than the quota shows it by a failing write: one more try within it.
    for (let attempt = 0; attempt < 2; attempt++) {
      const most = Math.min(this.#extents.limit * ENTRY_SHARE, MAX_CONTENT_BYTES / UNIT_BYTES);
      if (units === 0 || units > most) return null;
      const extents = this.#allocate(units);
      if (!extents) return null;
      if (this.#pack.write(extents, bytes)) return extents;
      for (const extent of extents) this.#extents.release(extent);
      this.#isDeviceFull = true;
      this.#extents.shrink(Math.floor(this.#pack.bytes / UNIT_BYTES));
    }
    return null;
  }

  #allocate(units: number): Extent[] | null {
    const step = Math.max(units, Math.floor(this.#extents.limit * EVICTION_SHARE));
    if (this.#entries.size >= this.#maxEntries)
      this.#evictTo(this.#maxEntries - Math.max(1, Math.floor(this.#maxEntries * EVICTION_SHARE)));
    for (let wanted = step; ; wanted += step) {
      const extents = this.#extents.allocate(units);
      if (extents || this.#failure !== '') return extents;
      if (this.#entries.size === 0 && this.#leavingUnits === 0) return null;
      while (this.#extents.free + this.#leavingUnits < wanted && this.#evictOldest());
      this.commit();
    }
  }

  #evictTo(count: number): void {
    while (this.#entries.size > count) this.#evictOldest();
  }

  #evictOldest(): boolean {
    for (const entry of this.#entries.values()) {
      this.#counts.evictions++;
      this.#remove(entry);
      return true;
    }
    return false;
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.#noteDrop(entry.key);
    this.#leaving.push(...entry.extents);
    for (const { count } of entry.extents) this.#leavingUnits += count;
  }

  #noteDrop(key: KeyHash): void {
    this.#note({ kind: RecordKind.Drop, key, bytes: 0, checksum: 0, extents: [] });
  }

  #note(record: IndexRecord): void {
    this.#pending.delete(record.key);
    this.#pending.set(record.key, record);
  }

  /** The index on disk is as the one here: what left is free. */
  #settle(): void {
    this.#pending.clear();
    for (const extent of this.#leaving) this.#extents.release(extent);
    this.#leaving = [];
    this.#leavingUnits = 0;
  }

  /** The pack has left no room for its own index: begins again, with half the room. */
  #startOver(): void {
    this.#counts.evictions += this.#entries.size;
    this.#entries.clear();
    this.#leaving = [];
    const limit = Math.floor(this.#pack.bytes / UNIT_BYTES / 2);
    this.#pack.truncate(0);
    this.#rewrite();
    this.#extents = new ExtentMap(limit);
  }

  #rewrite(): void {
    this.#journal.rewrite([...this.#entries.values()]);
  }

  /** After a failed write nobody knows what the index on disk says: nothing is written over. */
  #write(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#failure = reasonOf(error);
      this.#pending.clear();
    }
  }
}
