/** Writes a catalog file from its columns. The same columns always give the same bytes. */
import { assert } from '../../base/assert.ts';
import { crc32 } from '../../base/crc32.ts';
import type { Bytes } from '../source.ts';
import {
  assertLittleEndian,
  COLUMN_BYTES,
  COUNTS_AT,
  columnLength,
  HEADER_CHECKSUM_AT,
  headerChecksum,
  SECTION_ALIGN_BYTES,
  SECTION_ENTRY_BYTES,
  SECTIONS_AT,
} from './catalog-layout.ts';
import {
  CATALOG_MAGIC,
  type Catalog,
  COLUMN_SPECS,
  type ColumnName,
  FORMAT_VERSION,
  TABLES,
} from './format.ts';

/** The bytes of a catalog file. Throws when a column's length does not match its table. */
export function writeCatalog(catalog: Catalog): Bytes {
  assertLittleEndian();
  const names = Object.keys(COLUMN_SPECS) as ColumnName[];
  let size = align(SECTIONS_AT + names.length * SECTION_ENTRY_BYTES);
  const offsets = names.map((name) => {
    const spec = COLUMN_SPECS[name];
    const expected = columnLength(spec, catalog.counts);
    const seen = catalog[name].length;
    assert(seen === expected, `catalog column ${name} has ${seen} values, expected ${expected}`);
    const offset = size;
    size = align(size + expected * COLUMN_BYTES[spec.type]);
    return offset;
  });

  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, CATALOG_MAGIC, true);
  view.setUint16(4, FORMAT_VERSION, true);
  view.setUint16(6, names.length, true);
  TABLES.forEach((table, i) => {
    view.setUint32(COUNTS_AT + i * 4, catalog.counts[table], true);
  });
  names.forEach((name, i) => {
    const column = catalog[name];
    const offset = offsets[i]!;
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), offset);
    const entry = SECTIONS_AT + i * SECTION_ENTRY_BYTES;
    const { tag } = COLUMN_SPECS[name];
    for (let c = 0; c < 4; c++) bytes[entry + c] = tag.charCodeAt(c);
    view.setUint32(entry + 4, offset, true);
    view.setUint32(entry + 8, column.byteLength, true);
    view.setUint32(entry + 12, crc32(bytes.subarray(offset, offset + column.byteLength)), true);
  });
  view.setUint32(HEADER_CHECKSUM_AT, headerChecksum(bytes, names.length), true);
  return bytes;
}

function align(offset: number): number {
  return Math.ceil(offset / SECTION_ALIGN_BYTES) * SECTION_ALIGN_BYTES;
}
