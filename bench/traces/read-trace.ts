/**
 * Published traces of page accesses, in the formats in which they are passed around:
 *
 *     *.lis      ARC's: `start count 0 number` a line, a run of pages
 *     *.trace    LIRS's: a page a line; blank lines and `*` are skipped
 *     *.trace.xz, *.bin   cache2k's: pages as 32-bit numbers, big-endian
 *
 * each as it is or compressed (.gz, .zst, .xz).
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'fflate';
import xz from 'xz-decompress';
import { ZSTDDecoder } from 'zstddec';
import { reasonOf } from '../../src/base/errors.ts';

export interface Trace {
  name: string;
  /** Pages in order of access, numbered from 0 in order of their first. */
  pages: Uint32Array;
  /** Different pages. */
  pageCount: number;
}

const COMPRESSIONS = ['.gz', '.zst', '.xz'];
const FORMATS = ['.lis', '.trace', '.bin'];

const EXPECTED = `expected ${FORMATS.join(', ')}, plain or ${COMPRESSIONS.join(', ')}`;

/** Files of a folder that are traces, by name. Throws where there is no folder, or none in it. */
export function listTraces(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(
      `traces: there is no folder ${folder}; name one with --traces that holds traces (${EXPECTED})`,
    );
  const files = readdirSync(folder)
    .filter((name) => !name.startsWith('.') && statSync(join(folder, name)).isFile())
    .sort();
  if (files.length === 0) throw new Error(`traces: ${folder} is empty; ${EXPECTED}`);
  for (const name of files) formatOf(name);
  return files.map((name) => join(folder, name));
}

/** Reads one trace. Throws where its name or content is of no known format. */
export async function readTrace(file: string): Promise<Trace> {
  const { stem, format, compression } = formatOf(basename(file));
  let bytes: Uint8Array;
  try {
    bytes = await unpack(readFileSync(file), compression);
  } catch (error) {
    throw new Error(`traces: ${file} cannot be read: ${reasonOf(error)}`);
  }
  const numbers = format === '.lis' ? parseRuns : isText(bytes) ? parseLines : parseWords;
  return { name: stem, ...renumber(numbers(bytes, file)) };
}

function formatOf(name: string): { stem: string; format: string; compression: string } {
  const compression = COMPRESSIONS.find((end) => name.endsWith(end)) ?? '';
  const rest = name.slice(0, name.length - compression.length);
  const format = FORMATS.find((end) => rest.endsWith(end));
  if (!format) throw new Error(`traces: ${name} is of no known format; ${EXPECTED}`);
  return { stem: rest.slice(0, rest.length - format.length), format, compression };
}

async function unpack(bytes: Uint8Array, compression: string): Promise<Uint8Array> {
  if (compression === '.gz') return gunzipSync(bytes);
  if (compression === '.xz') {
    const packed = new Blob([new Uint8Array(bytes)]).stream();
    return new Uint8Array(await new Response(new xz.XzReadableStream(packed)).arrayBuffer());
  }
  if (compression !== '.zst') return bytes;
  const zstd = new ZSTDDecoder();
  await zstd.init();
  return zstd.decode(bytes);
}

/** A trace in text has nothing but digits, blanks, stars and ends of lines. */
function isText(bytes: Uint8Array): boolean {
  const isOne = (byte: number): boolean =>
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x20 ||
    byte === 0x0a ||
    byte === 0x0d ||
    byte === 0x2a;
  return bytes.subarray(0, 64).every(isOne);
}

function linesOf(bytes: Uint8Array): string[] {
  return new TextDecoder().decode(bytes).split('\n');
}

function parseRuns(bytes: Uint8Array, file: string): number[] {
  const pages: number[] = [];
  linesOf(bytes).forEach((line, i) => {
    if (line.trim() === '') return;
    const gap = line.indexOf(' ');
    const [start, count] = [Number(line.slice(0, gap)), Number.parseInt(line.slice(gap), 10)];
    if (gap < 1 || !Number.isInteger(start) || !(count >= 1 && count <= 2 ** 24))
      throw new Error(
        `traces: line ${i + 1} of ${file}: expected "start count 0 number", got "${line}"`,
      );
    for (let page = start; page < start + count; page++) pages.push(page);
  });
  return pages;
}

function parseLines(bytes: Uint8Array, file: string): number[] {
  const pages: number[] = [];
  linesOf(bytes).forEach((line, i) => {
    const text = line.trim();
    if (text === '' || text === '*') return;
    const page = Number(text);
    if (!Number.isInteger(page))
      throw new Error(`traces: line ${i + 1} of ${file}: expected a page, got "${text}"`);
    pages.push(page);
  });
  return pages;
}

function parseWords(bytes: Uint8Array, file: string): number[] {
  if (bytes.length % 4 !== 0)
    throw new Error(
      `traces: ${file}: expected pages of 4 bytes each, got ${bytes.length} bytes; ${EXPECTED}`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(i * 4));
}

function renumber(numbers: readonly number[]): { pages: Uint32Array; pageCount: number } {
  const ids = new Map<number, number>();
  const pages = Uint32Array.from(numbers, (number) => {
    const id = ids.get(number) ?? ids.size;
    if (id === ids.size) ids.set(number, id);
    return id;
  });
  return { pages, pageCount: ids.size };
}
