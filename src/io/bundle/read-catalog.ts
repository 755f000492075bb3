/**
 * Reads a catalog file without copying: every column is a typed array on the file's own bytes. What
 * would later be used as an index is checked here once, so that nothing above needs to.
 */
import { crc32 } from '../../base/crc32.ts';
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
import { checkCatalog } from './check-catalog.ts';
import { damaged, otherVersion } from './damage.ts';
import {
  CATALOG_MAGIC,
  type Catalog,
  COLUMN_SPECS,
  type ColumnName,
  type ColumnType,
  FORMAT_VERSION,
  TABLES,
  type TableName,
} from './format.ts';

export interface ReadCatalogOptions {
  /** Whether to check the CRC-32 of every section; default true. The header's is always checked. */
  checksums?: boolean;
}

export const READ_CATALOG_DEFAULTS: Required<ReadCatalogOptions> = { checksums: true };

/**
 * The catalog as views on `bytes`, which must not change afterwards. Copies once when `bytes` does
 * not start on an 8-byte boundary of its buffer. Throws `StreamError(Decode)` that names the
 * section, what was seen and what was expected.
 */
export function readCatalog(bytes: Uint8Array, options: ReadCatalogOptions = {}): Catalog {
  assertLittleEndian();
  const { checksums } = { ...READ_CATALOG_DEFAULTS, ...options };
  const aligned = bytes.byteOffset % SECTION_ALIGN_BYTES === 0 ? bytes : bytes.slice();
  const view = new DataView(aligned.buffer, aligned.byteOffset, aligned.byteLength);
  const { sectionCount, counts } = readHeader(aligned, view);
  const sections = readSections(aligned, view, sectionCount);
  const columns: Record<string, unknown> = { counts };
  for (const [name, spec] of Object.entries(COLUMN_SPECS)) {
    const section = sections.get(spec.tag);
    if (!section) throw damaged(`section ${spec.tag} is missing`);
    const length = columnLength(spec, counts);
    const expected = length * COLUMN_BYTES[spec.type];
    if (section.bytes !== expected)
      throw damaged(`section ${spec.tag} has ${section.bytes} bytes, expected ${expected}`);
    if (checksums) {
      const seen = crc32(aligned.subarray(section.offset, section.offset + section.bytes));
      if (seen !== section.checksum)
        throw damaged(
          `section ${spec.tag} has checksum ${hex(seen)}, expected ${hex(section.checksum)}`,
        );
    }
    const start = aligned.byteOffset + section.offset;
    columns[name] = viewColumn(spec.type, aligned.buffer, start, length);
  }
  const catalog = columns as Record<ColumnName, unknown> as Catalog;
  checkCatalog(catalog);
  return catalog;
}

interface Section {
  offset: number;
  bytes: number;
  checksum: number;
}

function readHeader(bytes: Uint8Array, view: DataView) {
  if (bytes.length < SECTIONS_AT)
    throw damaged(`it is ${bytes.length} bytes long, expected at least ${SECTIONS_AT}`);
  const magic = view.getUint32(0, true);
  if (magic !== CATALOG_MAGIC)
    throw damaged(`it begins with ${hex(magic)}, expected ${hex(CATALOG_MAGIC)} ("FFCT")`);
  const version = view.getUint16(4, true);
  if (version > FORMAT_VERSION) throw otherVersion('catalog', version);
  const sectionCount = view.getUint16(6, true);
  const end = SECTIONS_AT + sectionCount * SECTION_ENTRY_BYTES;
  if (end > bytes.length) throw damaged(`its section table ends at byte ${end} of ${bytes.length}`);
  const seen = headerChecksum(bytes, sectionCount);
  const expected = view.getUint32(HEADER_CHECKSUM_AT, true);
  if (seen !== expected)
    throw damaged(`its header has checksum ${hex(seen)}, expected ${hex(expected)}`);
  if (version < 1) throw damaged(`its version is ${version}, expected ${FORMAT_VERSION}`);
  if (version < FORMAT_VERSION) throw otherVersion('catalog', version);
  const counts = {} as Record<TableName, number>;
  TABLES.forEach((table, i) => {
    counts[table] = view.getUint32(COUNTS_AT + i * 4, true);
  });
  return { sectionCount, counts };
}

/** Sections by tag. Unknown ones are kept out of the way: a newer cook may add some. */
function readSections(bytes: Uint8Array, view: DataView, count: number): Map<string, Section> {
  const sections = new Map<string, Section>();
  for (let i = 0; i < count; i++) {
    const entry = SECTIONS_AT + i * SECTION_ENTRY_BYTES;
    const tag = String.fromCharCode(...bytes.subarray(entry, entry + 4));
    const section: Section = {
      offset: view.getUint32(entry + 4, true),
      bytes: view.getUint32(entry + 8, true),
      checksum: view.getUint32(entry + 12, true),
    };
    if (section.offset % SECTION_ALIGN_BYTES !== 0)
      throw damaged(`section ${tag} starts at byte ${section.offset}, expected a multiple of 8`);
    if (section.offset + section.bytes > bytes.length)
      throw damaged(
        `section ${tag} ends at byte ${section.offset + section.bytes} of ${bytes.length}`,
      );
    if (sections.has(tag)) throw damaged(`section ${tag} is there twice`);
    sections.set(tag, section);
  }
  return sections;
}

function viewColumn(type: ColumnType, buffer: ArrayBufferLike, start: number, length: number) {
  switch (type) {
    case 'u8':
      return new Uint8Array(buffer, start, length);
    case 'u16':
      return new Uint16Array(buffer, start, length);
    case 'i16':
      return new Int16Array(buffer, start, length);
    case 'u32':
      return new Uint32Array(buffer, start, length);
    case 'f32':
      return new Float32Array(buffer, start, length);
  }
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
