/**
 * Where things lie in a catalog file; shared by reader and writer so that they cannot drift.
 *
 *      0  u32      magic "FFCT"
 *      4  u16      version
 *      6  u16      number of sections
 *      8  u32[12]  rows of each table, in the order of `TABLES`
 *     56  u32      bytes of the directory: all before the first slice
 *     60  u32      CRC-32 of bytes [0, 60) followed by the section table
 *     64  section table, 16 bytes each: tag (4 bytes), u32 offset, u32 bytes, u32 CRC-32
 *      …  sections, each on an 8-byte boundary, zeros between
 *      …  slices of placements, end to end (`slice-layout.ts`)
 */
import { crc32 } from '../../base/crc32.ts';
import { type ColumnSpec, type ColumnType, TABLES, type TableName } from './format.ts';

export const COUNTS_AT = 8;
export const DIRECTORY_BYTES_AT: number = COUNTS_AT + TABLES.length * 4;
export const HEADER_CHECKSUM_AT: number = DIRECTORY_BYTES_AT + 4;
export const SECTIONS_AT: number = HEADER_CHECKSUM_AT + 4;
export const SECTION_ENTRY_BYTES = 16;
export const SECTION_ALIGN_BYTES = 8;

/** Bytes of one value of each type. */
export const COLUMN_BYTES: Readonly<Record<ColumnType, number>> = {
  u8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  f32: 4,
};

export type TableCounts = Readonly<Record<TableName, number>>;

/** Values in a column, over all rows. */
export function columnLength(spec: ColumnSpec, counts: TableCounts): number {
  return (counts[spec.table] + (spec.prefix ? 1 : 0)) * spec.width;
}

/** The CRC-32 that guards the header and the section table; `bytes` starts at the file's start. */
export function headerChecksum(bytes: Uint8Array, sectionCount: number): number {
  const table = bytes.subarray(SECTIONS_AT, SECTIONS_AT + sectionCount * SECTION_ENTRY_BYTES);
  return crc32(table, crc32(bytes.subarray(0, HEADER_CHECKSUM_AT)));
}

/** Views are made on the file's own bytes, which are little-endian. */
export function assertLittleEndian(): void {
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1)
    throw new Error('farfield: bundles need a little-endian machine, this one is big-endian');
}
