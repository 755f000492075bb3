/**
 * The directory of a zip archive, read by ranges from its end. Every figure in it is checked against
 * the size of the archive before anything is allocated by it.
 *
 * Based on: PKWARE. APPNOTE.TXT, .ZIP File Format Specification. 6.3.10. 2022.
 */
import { ErrorCode, StreamError } from '../../base/errors.ts';
import type { Bytes } from '../source.ts';
import { worldFolder } from './blob.ts';

/** A file in the archive. */
export interface ZipEntry {
  name: string;
  /** 0 = stored, 8 = deflated; others cannot be read. */
  method: number;
  isEncrypted: boolean;
  crc: number;
  packedBytes: number;
  bytes: number;
  /** First byte of its local header. */
  headerAt: number;
}

export interface ZipDirectory {
  /** By name, counted from the folder that holds the world. */
  entries: ReadonlyMap<string, ZipEntry>;
  /** First byte behind the data of all entries. */
  dataEnd: number;
}

/** Reads bytes `[start, end)` of the archive. */
export type ReadRange = (start: number, end: number) => Promise<Bytes>;

export const STORED = 0;
export const DEFLATED = 8;
export const LOCAL_HEADER = 0x04034b50;

const END = 0x06054b50;
const END_BYTES = 22;
const END64_LOCATOR = 0x07064b50;
const END64_LOCATOR_BYTES = 20;
const END64 = 0x06064b50;
const END64_BYTES = 56;
const CENTRAL = 0x02014b50;
const CENTRAL_BYTES = 46;
const MAX_COMMENT_BYTES = 65_535;

/** A world has tens of files; this is room for hundreds of thousands. */
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;

/** The complaint about an archive; final, because the bytes will not change. */
export type Complain = (what: string) => StreamError;

/**
 * @param name of the archive, for messages
 * @param size bytes of the archive
 */
export async function readZipDirectory(
  name: string,
  size: number,
  read: ReadRange,
): Promise<ZipDirectory> {
  const complain: Complain = (what) =>
    new StreamError(ErrorCode.Decode, `${name} is no zip archive that can be read: ${what}`);
  if (size < END_BYTES) throw complain(`it is ${size} bytes long, expected at least ${END_BYTES}`);
  const tailStart = Math.max(0, size - END_BYTES - MAX_COMMENT_BYTES - END64_LOCATOR_BYTES);
  const tail = await read(tailStart, size);
  const { count, bytes, offset, end } = await findEnd(tail, tailStart, read, complain);
  const start = end - bytes;
  // Where the archive is appended to another file, all offsets count from its own first byte.
  const base = start - offset;
  if (base < 0 || bytes > end)
    throw complain(`its directory lies at byte ${offset}, ${bytes} bytes long, but ends at ${end}`);
  if (bytes > MAX_DIRECTORY_BYTES || count * CENTRAL_BYTES > bytes)
    throw complain(`its directory claims ${count} files in ${bytes} bytes`);
  const directory = bytes === 0 ? new Uint8Array(0) : await read(start, end);
  const all = listEntries(directory, count, base, complain);
  for (const entry of all)
    if (entry.headerAt + entry.packedBytes > start)
      throw complain(`${entry.name} claims ${entry.packedBytes} bytes at ${entry.headerAt}`);
  return { entries: byName(all, complain), dataEnd: start };
}

interface DirectoryEnd {
  count: number;
  bytes: number;
  /** As the archive counts. */
  offset: number;
  /** First byte behind the directory. */
  end: number;
}

/** The end record is the last thing in the archive but a comment of any bytes. */
async function findEnd(
  tail: Bytes,
  tailStart: number,
  read: ReadRange,
  complain: Complain,
): Promise<DirectoryEnd> {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  let at = tail.length - END_BYTES;
  while (
    at >= 0 &&
    !(
      view.getUint32(at, true) === END &&
      at + END_BYTES + view.getUint16(at + 20, true) === tail.length
    )
  )
    at--;
  if (at < 0) throw complain('it has no end record; it may be cut off');
  const count = view.getUint16(at + 10, true);
  const bytes = view.getUint32(at + 12, true);
  const offset = view.getUint32(at + 16, true);
  const locator = at - END64_LOCATOR_BYTES;
  const isLarge = count === 0xffff || bytes === 0xffffffff || offset === 0xffffffff;
  const hasLocator = locator >= 0 && view.getUint32(locator, true) === END64_LOCATOR;
  if (!isLarge || !hasLocator) {
    checkDisks(view.getUint16(at + 4, true), view.getUint16(at + 6, true), complain);
    return { count, bytes, offset, end: tailStart + at };
  }
  return readLargeEnd(readUint64(view, locator + 8, complain), tailStart + locator, read, complain);
}

async function readLargeEnd(
  stated: number,
  locator: number,
  read: ReadRange,
  complain: Complain,
): Promise<DirectoryEnd> {
  // It lies before its locator; where it says, unless something was put in front of the archive.
  for (const at of [stated, locator - END64_BYTES]) {
    if (at < 0 || at + END64_BYTES > locator) continue;
    const bytes = await read(at, at + END64_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint32(0, true) !== END64) continue;
    checkDisks(view.getUint32(16, true), view.getUint32(20, true), complain);
    return {
      count: readUint64(view, 32, complain),
      bytes: readUint64(view, 40, complain),
      offset: readUint64(view, 48, complain),
      end: at,
    };
  }
  throw complain(`its zip64 end record is not at byte ${stated}`);
}

function checkDisks(own: number, first: number, complain: Complain): void {
  if (own !== 0 || first !== 0) throw complain('it is one of several parts');
}

function listEntries(
  directory: Bytes,
  count: number,
  base: number,
  complain: Complain,
): ZipEntry[] {
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
  const entries: ZipEntry[] = [];
  const decoder = new TextDecoder();
  let at = 0;
  for (let i = 0; i < count; i++) {
    const isWhole = at + CENTRAL_BYTES <= directory.length;
    if (!isWhole || view.getUint32(at, true) !== CENTRAL)
      throw complain(`entry ${i} of ${count} is not at byte ${at} of its directory`);
    const nameAt = at + CENTRAL_BYTES;
    const extraAt = nameAt + view.getUint16(at + 28, true);
    const commentAt = extraAt + view.getUint16(at + 30, true);
    const next = commentAt + view.getUint16(at + 32, true);
    if (next > directory.length) throw complain(`entry ${i} reaches beyond the directory`);
    const entry: ZipEntry = {
      name: decoder.decode(directory.subarray(nameAt, extraAt)),
      method: view.getUint16(at + 10, true),
      isEncrypted: (view.getUint16(at + 8, true) & 1) !== 0,
      crc: view.getUint32(at + 16, true),
      packedBytes: view.getUint32(at + 20, true),
      bytes: view.getUint32(at + 24, true),
      headerAt: view.getUint32(at + 42, true),
    };
    readLargeFields(entry, view, extraAt, commentAt, complain);
    entry.headerAt += base;
    entries.push(entry);
    at = next;
  }
  return entries;
}

/** Figures that do not fit into 32 bits stand in an extra field, in this order. */
function readLargeFields(
  entry: ZipEntry,
  view: DataView,
  from: number,
  to: number,
  complain: Complain,
): void {
  for (let at = from; at + 4 <= to; ) {
    const tag = view.getUint16(at, true);
    const end = at + 4 + view.getUint16(at + 2, true);
    if (end > to) throw complain(`${entry.name} has an extra field that reaches beyond its entry`);
    if (tag === 1) {
      let field = at + 4;
      for (const key of ['bytes', 'packedBytes', 'headerAt'] as const) {
        if (entry[key] !== 0xffffffff) continue;
        if (field + 8 > end) throw complain(`${entry.name} lacks a 64-bit figure`);
        entry[key] = readUint64(view, field, complain);
        field += 8;
      }
    }
    at = end;
  }
}

/** Throws on a name that leads out of the archive: whoever made it meant harm. */
function byName(all: readonly ZipEntry[], complain: Complain): Map<string, ZipEntry> {
  const files = all.filter(({ name }) => !name.endsWith('/'));
  for (const { name } of files)
    if (/^([/\\]|[A-Za-z]:)|\0/.test(name) || name.split(/[/\\]/).includes('..'))
      throw complain(`the name ${JSON.stringify(name)} leads out of it`);
  const folder = worldFolder(files.map(({ name }) => name));
  const entries = new Map<string, ZipEntry>();
  for (const entry of files) {
    if (!entry.name.startsWith(folder)) continue;
    const name = entry.name.slice(folder.length);
    if (entries.has(name)) throw complain(`${entry.name} is in it twice`);
    entries.set(name, entry);
  }
  return entries;
}

function readUint64(view: DataView, at: number, complain: Complain): number {
  const value = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
  if (!Number.isSafeInteger(value)) throw complain(`it claims a size of ${value} bytes`);
  return value;
}
