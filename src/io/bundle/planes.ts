/**
 * How columns are packed: the lowest bytes of all values end to end, then the next ones, and so on.
 * Bytes of one place are alike (the high bytes of neighboring positions are equal), which is what
 * codecs of bytes find. With it LZ4, which undoes a megabyte in a millisecond, packs placements
 * within a twentieth of deflate.
 *
 * Based on: Alted. Why modern CPUs are starving and what can be done about it. 2010 (the shuffle of Blosc).
 */
import { reasonOf } from '../../base/errors.ts';
import { undoBlocks } from '../blocks.ts';
import type { Bytes } from '../source.ts';
import { COLUMN_BYTES } from './catalog-layout.ts';
import { damaged } from './damage.ts';
import type { ColumnSpec } from './format.ts';
import { encodeBlocks, type PackBlock } from './write-payload.ts';

/** Rows packed together: none takes a reader longer than a millisecond. */
const GROUP_ROWS = 16_384;

/** No codec packs more than this many bytes into one (deflate). */
const MAX_RATIO = 1032;

type Column = Uint8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array;

/** Writes `size`-byte elements of `source` as `size` planes at `to` of `target`. */
export function putPlanes(source: Column, size: number, target: Uint8Array, to: number): void {
  const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  const count = bytes.length / size;
  for (let byte = 0; byte < size; byte++) {
    const plane = to + byte * count;
    for (let i = 0; i < count; i++) target[plane + i] = bytes[i * size + byte]!;
  }
}

/** Undoes `putPlanes`: fills `target` from the planes at `from` of `source`. */
export function takePlanes(source: Uint8Array, from: number, size: number, target: Column): void {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  const count = bytes.length / size;
  for (let byte = 0; byte < size; byte++) {
    const plane = from + byte * count;
    for (let i = 0; i < count; i++) bytes[i * size + byte] = source[plane + i]!;
  }
}

/**
 * The section of a packed column: for each group of rows the bytes it takes (u32) and its planes in
 * the framing of payloads (`io/blocks.ts`). Values of a rising column are stored as differences.
 */
export function packColumn(column: Column, spec: ColumnSpec, pack: PackBlock): Bytes {
  const values = spec.packed === 'rising' ? differences(column as Uint32Array) : column;
  const groups: Bytes[] = [];
  let size = 0;
  for (let at = 0; at < values.length; at += GROUP_ROWS * spec.width) {
    const group = values.subarray(at, at + GROUP_ROWS * spec.width);
    const planes = new Uint8Array(group.byteLength);
    putPlanes(group, COLUMN_BYTES[spec.type] * spec.width, planes, 0);
    const framed = encodeBlocks(planes, pack);
    groups.push(framed);
    size += 4 + framed.length;
  }
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let to = 0;
  for (const group of groups) {
    view.setUint32(to, group.length, true);
    bytes.set(group, to + 4);
    to += 4 + group.length;
  }
  return bytes;
}

/** Whether so few bytes can hold so many; asked before memory is taken for them. */
export function canHold(packedBytes: number, contentBytes: number): boolean {
  return contentBytes <= packedBytes * MAX_RATIO;
}

/** Undoes `packColumn` into `target`, one group a step. Throws `StreamError(Decode)`. */
export function* unpackColumn(section: Bytes, spec: ColumnSpec, target: Column): Generator<void> {
  const view = new DataView(section.buffer, section.byteOffset, section.byteLength);
  let from = 0;
  for (let at = 0; at < target.length; at += GROUP_ROWS * spec.width) {
    const group = target.subarray(at, at + GROUP_ROWS * spec.width);
    const start = from + 4;
    const end = start > section.length ? start : start + view.getUint32(from, true);
    if (end > section.length)
      throw damaged(`section ${spec.tag}: a group ends at byte ${end} of ${section.length}`);
    const planes = undoExactly(
      section.subarray(start, end),
      group.byteLength,
      `section ${spec.tag}`,
    );
    takePlanes(planes, 0, COLUMN_BYTES[spec.type] * spec.width, group);
    if (spec.packed === 'rising')
      sum(group as Uint32Array, at > 0 ? (target[at - 1] as number) : 0);
    from = end;
    yield;
  }
  if (from !== section.length)
    throw damaged(`section ${spec.tag} ends at byte ${from} of ${section.length}`);
}

/** The content of framed bytes that must have one size. `name` is for the message. */
export function undoExactly(framed: Bytes, contentBytes: number, name: string): Bytes {
  let content: Bytes;
  try {
    content = undoBlocks(framed, { maxBytes: contentBytes });
  } catch (error) {
    throw damaged(`${name}: ${reasonOf(error)}`);
  }
  if (content.length !== contentBytes)
    throw damaged(`${name} unpacks to ${content.length} bytes, expected ${contentBytes}`);
  return content;
}

function differences(column: Uint32Array): Uint32Array {
  return column.map((value, i) => value - (i === 0 ? 0 : column[i - 1]!));
}

function sum(values: Uint32Array, before: number): void {
  let total = before;
  for (let i = 0; i < values.length; i++) {
    total = (total + values[i]!) >>> 0;
    values[i] = total;
  }
}
