/**
 * What an entry is called. The index keeps 64 bits of hash; the checksum of an entry begins with the
 * text of its key, so that an entry found under the hash of another key does not pass it.
 */
import { crc32 } from '../../base/crc32.ts';
import { hashName } from '../../base/hash.ts';
import type { KeyHash } from './record.ts';

export interface CacheKey {
  hash: KeyHash;
  /** CRC-32 of the key's text, from which the checksum of the data goes on. */
  seed: number;
  /** Bytes of the data; -1 where only the entry knows. */
  bytes: number;
}

const encoder = new TextEncoder();

/** @param source what tells this world's files from those of another, e.g. its address */
export function rangeKey(source: string, file: string, start: number, end: number): CacheKey {
  return makeKey(`${source}\n${file}\n${start}-${end}`, end - start);
}

/** The key of a whole file. */
export function fileKey(source: string, file: string): CacheKey {
  return makeKey(`${source}\n${file}\nwhole`, -1);
}

function makeKey(text: string, bytes: number): CacheKey {
  const seed = crc32(encoder.encode(text));
  // Two hashes that share nothing but the text: the second sees it backwards.
  const hash = hex(hashName(text)) + hex(hashName([...text].reverse().join('')));
  return { hash, seed, bytes };
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
