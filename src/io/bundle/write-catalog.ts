/** Writes a catalog file from its columns. The same columns always give the same bytes. */
import { assert } from '../../base/assert.ts';
import { crc32 } from '../../base/crc32.ts';
import type { Bytes } from '../source.ts';
import {
  assertLittleEndian,
  COUNTS_AT,
  columnLength,
  DIRECTORY_BYTES_AT,
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
  type Directory,
  FORMAT_VERSION,
  TABLES,
} from './format.ts';
import { packColumn } from './planes.ts';
import { SLICE_PLACEMENTS, writeContent } from './slice-layout.ts';
import { encodeBlocks, type PackBlock, storeBlock } from './write-payload.ts';

/**
 * The bytes of a catalog file. Throws when a column's length does not match its table.
 *
 * @param pack packs placements and what there is much of; default: stored as it is, which is quick.
 * `lz4Block` halves it and is undone in a millisecond a megabyte.
 */
export function writeCatalog(catalog: Catalog, pack: PackBlock = storeBlock): Bytes {
  assertLittleEndian();
  const { slices, ...columns } = cutSlices(catalog, pack);
  const counts = { ...catalog.counts, slices: slices.length };
  const directory: Omit<Directory, 'directoryBytes'> = { ...catalog, ...columns, counts };
  const sections = packSections(directory, pack);
  let size = align(SECTIONS_AT + sections.length * SECTION_ENTRY_BYTES);
  const offsets = sections.map(({ bytes }) => {
    const offset = size;
    size = align(size + bytes.length);
    return offset;
  });
  const directoryBytes = size;
  const file = new Uint8Array(directoryBytes + columns.sliceStarts.at(-1)!);
  const view = new DataView(file.buffer);
  view.setUint32(0, CATALOG_MAGIC, true);
  view.setUint16(4, FORMAT_VERSION, true);
  view.setUint16(6, sections.length, true);
  TABLES.forEach((table, i) => {
    view.setUint32(COUNTS_AT + i * 4, counts[table], true);
  });
  view.setUint32(DIRECTORY_BYTES_AT, directoryBytes, true);
  sections.forEach(({ tag, bytes }, i) => {
    file.set(bytes, offsets[i]!);
    const entry = SECTIONS_AT + i * SECTION_ENTRY_BYTES;
    for (let c = 0; c < 4; c++) file[entry + c] = tag.charCodeAt(c);
    view.setUint32(entry + 4, offsets[i]!, true);
    view.setUint32(entry + 8, bytes.length, true);
    view.setUint32(entry + 12, crc32(bytes), true);
  });
  view.setUint32(HEADER_CHECKSUM_AT, headerChecksum(file, sections.length), true);
  slices.forEach((slice, i) => {
    file.set(slice, directoryBytes + columns.sliceStarts[i]!);
  });
  return file;
}

/** Bytes of the directory of a catalog that `writeCatalog` has written. */
export function directoryBytesOf(file: Uint8Array): number {
  return new DataView(file.buffer, file.byteOffset).getUint32(DIRECTORY_BYTES_AT, true);
}

function packSections(directory: Omit<Directory, 'directoryBytes'>, pack: PackBlock) {
  return (Object.keys(COLUMN_SPECS) as ColumnName[]).map((name) => {
    const spec = COLUMN_SPECS[name];
    const column = directory[name];
    checkLength(name, column.length, columnLength(spec, directory.counts));
    const bytes = spec.packed
      ? packColumn(column, spec, pack)
      : new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
    return { tag: spec.tag, bytes };
  });
}

function checkLength(name: string, seen: number, expected: number): void {
  assert(seen === expected, `catalog column ${name} has ${seen} values, expected ${expected}`);
}

type SliceColumns = Pick<Directory, 'sliceCells' | 'sliceStarts' | 'sliceChecksums'>;

/**
 * Cuts the placements before cells, as evenly as the cells allow, and packs each slice. None holds
 * placements of two levels: what cannot be read of one is nobody else's loss.
 */
function cutSlices(catalog: Catalog, pack: PackBlock): SliceColumns & { slices: Bytes[] } {
  const { counts, cellLevels, cellRuns, runSlots, positions, rotations, scales } = catalog;
  checkLength('positions', positions.length, counts.placements * 3);
  checkLength('rotations', rotations.length, counts.placements * 4);
  checkLength('scales', scales.length, counts.placements);
  const sliceCells = [0];
  const sliceStarts = [0];
  const slices: Bytes[] = [];
  for (let cell = 0; cell < counts.cells; ) {
    const first = runSlots[cellRuns[cell]!]!;
    let end = cell + 1;
    while (
      end < counts.cells &&
      cellLevels[end] === cellLevels[cell] &&
      runSlots[cellRuns[end + 1]!]! - first <= SLICE_PLACEMENTS
    )
      end++;
    const last = runSlots[cellRuns[end]!]!;
    const content = writeContent({
      positions: positions.subarray(first * 3, last * 3),
      rotations: rotations.subarray(first * 4, last * 4),
      scales: scales.subarray(first, last),
    });
    const slice = encodeBlocks(content, pack);
    slices.push(slice);
    sliceCells.push(end);
    sliceStarts.push(sliceStarts.at(-1)! + slice.length);
    cell = end;
  }
  return {
    slices,
    sliceCells: Uint32Array.from(sliceCells),
    sliceStarts: Uint32Array.from(sliceStarts),
    sliceChecksums: Uint32Array.from(slices, (slice) => crc32(slice)),
  };
}

function align(offset: number): number {
  return Math.ceil(offset / SECTION_ALIGN_BYTES) * SECTION_ALIGN_BYTES;
}
