/** Entries that wait to be stored: a bounded number of bytes, and already there for who asks. */
import type { Bytes } from '../source.ts';
import { MAX_BEHIND_BYTES } from './access.ts';
import type { CacheKey } from './key.ts';

export class WriteBehind {
  /** Reads that found what waits here. */
  hits = 0;
  /** By hash, in the order they came. */
  readonly #waiting = new Map<string, { key: CacheKey; bytes: Bytes }>();
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Takes a copy. False, and nothing taken, when too much waits already. */
  add(key: CacheKey, bytes: Uint8Array): boolean {
    this.remove(key);
    if (this.#bytes + bytes.length > MAX_BEHIND_BYTES) return false;
    this.#waiting.set(key.hash, { key, bytes: Uint8Array.from(bytes) });
    this.#bytes += bytes.length;
    return true;
  }

  /** A copy of what waits under `key`. */
  find(key: CacheKey): Bytes | null {
    const found = this.#waiting.get(key.hash);
    if (!found) return null;
    this.hits++;
    return found.bytes.slice();
  }

  remove({ hash }: CacheKey): void {
    this.#bytes -= this.#waiting.get(hash)?.bytes.length ?? 0;
    this.#waiting.delete(hash);
  }

  /** Hands on the oldest until about `bytes` are through. */
  drain(bytes: number, store: (key: CacheKey, bytes: Bytes) => void): void {
    let left = bytes;
    for (const entry of this.#waiting.values()) {
      if (left <= 0) return;
      left -= entry.bytes.length;
      this.remove(entry.key);
      store(entry.key, entry.bytes);
    }
  }

  clear(): void {
    this.#waiting.clear();
    this.#bytes = 0;
  }
}
