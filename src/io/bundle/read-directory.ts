/**
 * Reads the directory of a catalog: columns that are packed are undone, the others are typed arrays
 * on the file's own bytes. What would later be used as an index is checked here once, so that nothing
 * above needs to. Done in steps of a millisecond or less, for a thread that has frames to draw.
 */
import { crc32 } from '../../base/crc32.ts';
import type { Bytes } from '../source.ts';
import {
  assertLittleEndian,
  COLUMN_BYTES,
  COUNTS_AT,
  columnLength,
  DIRECTORY_BYTES_AT,
  HEADER_CHECKSUM_AT,
  headerChecksum,
  SECTION_ALIGN_BYTES,
  SECTION_ENTRY_BYTES,
  SECTIONS_AT,
} from './catalog-layout.ts';
import { checkDirectory } from './check-directory.ts';
import { damaged, otherVersion } from './damage.ts';
import {
  CATALOG_MAGIC,
  COLUMN_SPECS,
  type ColumnName,
  type ColumnSpec,
  type ColumnType,
  type Directory,
  FORMAT_VERSION,
  TABLES,
  type TableName,
} from './format.ts';
import { canHold, unpackColumn } from './planes.ts';

/** Bytes whose checksum is computed in one step. */
const CHECKSUM_STEP_BYTES: number = 1024 * 1024;

/**
 * The directory that `bytes` begin with; they must not change afterwards. Copies once when they do
 * not start on an 8-byte boundary of their buffer. The steps throw `StreamError(Decode)` that names
 * the section, what was seen and what was expected.
 *
 * @param checksums whether to check the CRC-32 of every section; the header's is always checked
 */
export function* readDirectory(
  bytes: Bytes,
  checksums: boolean = true,
): Generator<void, Directory> {
  assertLittleEndian();
  const aligned = bytes.byteOffset % SECTION_ALIGN_BYTES === 0 ? bytes : bytes.slice();
  const view = new DataView(aligned.buffer, aligned.byteOffset, aligned.byteLength);
  const { sectionCount, counts, directoryBytes } = readHeader(aligned, view);
  const sections = readSections(aligned, view, sectionCount, directoryBytes);
  const columns: Record<string, unknown> = { counts, directoryBytes };
  for (const [name, spec] of Object.entries(COLUMN_SPECS)) {
    const section = sections.get(spec.tag);
    if (!section) throw damaged(`section ${spec.tag} is missing`);
    const end = section.offset + section.bytes;
    if (checksums) yield* checkSum(aligned, section, spec.tag);
    columns[name] = yield* readColumn(
      aligned.subarray(section.offset, end),
      spec,
      columnLength(spec, counts),
    );
  }
  const directory = columns as Record<ColumnName, unknown> as Directory;
  yield* checkDirectory(directory);
  return directory;
}

function* checkSum(bytes: Bytes, section: Section, tag: string): Generator<void> {
  const end = section.offset + section.bytes;
  let seen = 0;
  for (let at = section.offset; at < end; at += CHECKSUM_STEP_BYTES) {
    seen = crc32(bytes.subarray(at, Math.min(end, at + CHECKSUM_STEP_BYTES)), seen);
    yield;
  }
  if (seen !== section.checksum)
    throw damaged(`section ${tag} has checksum ${hex(seen)}, expected ${hex(section.checksum)}`);
}

function* readColumn(section: Bytes, spec: ColumnSpec, length: number): Generator<void, Column> {
  const expected = length * COLUMN_BYTES[spec.type];
  if (spec.packed) {
    if (!canHold(section.length, expected))
      throw damaged(`section ${spec.tag}: ${section.length} bytes cannot hold ${expected}`);
    const column = viewColumn(spec.type, new ArrayBuffer(expected), 0, length);
    yield* unpackColumn(section, spec, column);
    return column;
  }
  if (section.length !== expected)
    throw damaged(`section ${spec.tag} has ${section.length} bytes, expected ${expected}`);
  return viewColumn(spec.type, section.buffer, section.byteOffset, length);
}

type Column = ReturnType<typeof viewColumn>;

interface Section {
  offset: number;
  bytes: number;
  checksum: number;
}

function readHeader(bytes: Bytes, view: DataView) {
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
  const directoryBytes = view.getUint32(DIRECTORY_BYTES_AT, true);
  if (directoryBytes < end || directoryBytes > bytes.length)
    throw damaged(
      `its directory ends at byte ${directoryBytes}, expected ${end} to ${bytes.length}`,
    );
  return { sectionCount, counts, directoryBytes };
}

/** Sections by tag. Unknown ones are kept out of the way: a newer cook may add some. */
function readSections(
  bytes: Bytes,
  view: DataView,
  count: number,
  directoryBytes: number,
): Map<string, Section> {
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
    if (section.offset + section.bytes > directoryBytes)
      throw damaged(
        `section ${tag} ends at byte ${section.offset + section.bytes} of ${directoryBytes}`,
      );
    if (sections.has(tag)) throw damaged(`section ${tag} is there twice`);
    sections.set(tag, section);
  }
  return sections;
}

function viewColumn(type: ColumnType, buffer: ArrayBuffer, start: number, length: number) {
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
