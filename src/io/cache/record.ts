/**
 * Records of the index: 64 bytes each, little-endian. The checksum covers the record, the journal's
 * generation and the record's own place, so that what an earlier generation left is never taken for
 * part of this one.
 *
 * | byte | |
 * | --- | --- |
 * | 0 | CRC-32 of generation, place and bytes 4 to 63 |
 * | 4 | kind: 0 header, 1 put, 2 touch, 3 drop |
 * | 5 | number of extents |
 * | 8 | key, 8 bytes |
 * | 16 | bytes of data |
 * | 20 | CRC-32 of key and data |
 * | 24 | extents: first unit, number of units; 8 bytes each |
 *
 * The header is the record at place 0: magic number and version in place of the key, the generation
 * in place of the bytes.
 */
import { crc32 } from '../../base/crc32.ts';
import { type Extent, MAX_EXTENTS } from './extents.ts';

export const RECORD_BYTES = 64;

export const RecordKind = { Header: 0, Put: 1, Touch: 2, Drop: 3 } as const;
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

/** "FFCI", and the version of everything in the cache's files. */
const MAGIC = [0x49434646, 1] as const;

/** A key as the index knows it: 64 bits of hash, as 16 hex digits. */
export type KeyHash = string;

export interface IndexRecord {
  kind: RecordKind;
  key: KeyHash;
  /** Of a put alone; 0 and none else. */
  bytes: number;
  checksum: number;
  extents: readonly Extent[];
}

/** Writes `record` as the one at `place` of generation `generation`; `target` is its 64 bytes. */
export function encodeRecord(
  target: Uint8Array<ArrayBuffer>,
  { kind, key, bytes, checksum, extents }: IndexRecord,
  generation: number,
  place: number,
): void {
  const view = new DataView(target.buffer, target.byteOffset, RECORD_BYTES);
  target.fill(0, 0, RECORD_BYTES);
  view.setUint8(4, kind);
  view.setUint8(5, extents.length);
  view.setUint32(8, Number.parseInt(key.slice(0, 8), 16), true);
  view.setUint32(12, Number.parseInt(key.slice(8), 16), true);
  view.setUint32(16, bytes, true);
  view.setUint32(20, checksum, true);
  extents.forEach(({ start, count }, i) => {
    view.setUint32(24 + i * 8, start, true);
    view.setUint32(28 + i * 8, count, true);
  });
  view.setUint32(0, recordChecksum(target, generation, place), true);
}

/** Null unless the bytes are the record at `place` of `generation`. */
export function decodeRecord(
  source: Uint8Array<ArrayBuffer>,
  generation: number,
  place: number,
): IndexRecord | null {
  const view = new DataView(source.buffer, source.byteOffset, RECORD_BYTES);
  const kind = view.getUint8(4);
  const count = view.getUint8(5);
  if (kind < RecordKind.Put || kind > RecordKind.Drop || count > MAX_EXTENTS) return null;
  if (view.getUint32(0, true) !== recordChecksum(source, generation, place)) return null;
  const extents: Extent[] = [];
  for (let at = 24; at < 24 + count * 8; at += 8)
    extents.push({ start: view.getUint32(at, true), count: view.getUint32(at + 4, true) });
  return {
    kind: kind as RecordKind,
    key: hex(view.getUint32(8, true)) + hex(view.getUint32(12, true)),
    bytes: view.getUint32(16, true),
    checksum: view.getUint32(20, true),
    extents,
  };
}

export function encodeHeader(target: Uint8Array<ArrayBuffer>, generation: number): void {
  const key = hex(MAGIC[0]) + hex(MAGIC[1]);
  const header = { kind: RecordKind.Header, key, bytes: generation, checksum: 0, extents: [] };
  encodeRecord(target, header, generation, 0);
}

/** The generation of a journal; 0 where the bytes are no header. */
export function decodeHeader(source: Uint8Array<ArrayBuffer>): number {
  const view = new DataView(source.buffer, source.byteOffset, RECORD_BYTES);
  const generation = view.getUint32(16, true);
  const isHeader =
    view.getUint8(4) === RecordKind.Header &&
    view.getUint32(8, true) === MAGIC[0] &&
    view.getUint32(12, true) === MAGIC[1] &&
    view.getUint32(0, true) === recordChecksum(source, generation, 0);
  return isHeader ? generation : 0;
}

const seal = new Uint8Array(8);
const sealView = new DataView(seal.buffer);

function recordChecksum(record: Uint8Array, generation: number, place: number): number {
  sealView.setUint32(0, generation, true);
  sealView.setUint32(4, place, true);
  return crc32(record.subarray(4, RECORD_BYTES), crc32(seal));
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
