/** Readers of other files: zip archives, the index of the cache, models for the cook. */
import { zipSync } from 'fflate';
import { crc32 } from '../../../src/base/crc32.ts';
import { ErrorCode, StreamError } from '../../../src/base/errors.ts';
import type { BlockFile } from '../../../src/io/cache/block-file.ts';
import { Journal } from '../../../src/io/cache/journal.ts';
import { loadIndex } from '../../../src/io/cache/load-index.ts';
import { encodeHeader, encodeRecord, RECORD_BYTES } from '../../../src/io/cache/record.ts';
import type { Bytes } from '../../../src/io/source.ts';
import { memorySource } from '../../../src/io/sources/memory.ts';
import { zipSource } from '../../../src/io/sources/zip.ts';
import { modelSubject } from './model-subject.ts';
import { digest, type FuzzSubject } from './subject.ts';

/** @param folder for files that a reader takes by name */
export async function fileSubjects(folder: string): Promise<FuzzSubject[]> {
  return [zipSubject(), cacheSubject(), await modelSubject(folder)];
}

function zipSubject(): FuzzSubject {
  const files = {
    'world.json': new TextEncoder().encode('{"format":"farfield-world"}'),
    'a/pack.ffp': Uint8Array.from({ length: 900 }, (_, i) => (i >> 3) ^ (i % 7)),
  };
  const archive = 'w.zip';
  return {
    name: 'zip',
    weight: 3,
    files: [
      'src/io/sources/zip.ts',
      'src/io/sources/zip-directory.ts',
      'src/io/sources/zip-inflate.ts',
    ],
    seeds: [
      new Uint8Array(zipSync(files)),
      new Uint8Array(zipSync(files, { level: 0 })),
      enlarge(zipSync(files, { extra: { 1: new Uint8Array(8) } })),
    ],
    async read(mutant) {
      // Both ways of reading what is deflated: whole, and up to a range.
      const seen: string[] = [];
      for (const cacheBytes of [1 << 20, 0]) {
        const source = zipSource(memorySource({ [archive]: mutant }), archive, { cacheBytes });
        for (const name of Object.keys(files)) seen.push(digest(await source.readAll(name)));
        seen.push(digest(await source.read('a/pack.ffp', 100, 200)));
      }
      return seen.join(' ');
    },
    isGuarded: false,
  };
}

/**
 * The same archive with 64-bit figures: the size of its last file in an extra field, and an end
 * record of the large kind.
 */
function enlarge(archive: Uint8Array): Bytes {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = archive.length - 22;
  const [directoryBytes, directory] = [
    view.getUint32(end + 12, true),
    view.getUint32(end + 16, true),
  ];
  for (let at = directory; at < end; ) {
    const extra = at + 46 + view.getUint16(at + 28, true);
    view.setUint32(extra + 4, view.getUint32(at + 24, true), true);
    view.setUint32(at + 24, 0xffffffff, true);
    at = extra + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  const large = new Uint8Array(archive.length + 76);
  large.set(archive.subarray(0, end));
  large.set(archive.subarray(end), end + 76);
  const out = new DataView(large.buffer);
  out.setUint32(end, 0x06064b50, true);
  out.setUint32(end + 4, 44, true);
  out.setUint32(end + 32, view.getUint16(end + 10, true), true);
  out.setUint32(end + 40, directoryBytes, true);
  out.setUint32(end + 48, directory, true);
  out.setUint32(end + 56, 0x07064b50, true);
  out.setUint32(end + 64, end, true);
  out.setUint32(end + 72, 1, true);
  out.setUint16(end + 76 + 10, 0xffff, true);
  out.setUint32(end + 76 + 12, 0xffffffff, true);
  out.setUint32(end + 76 + 16, 0xffffffff, true);
  return large;
}

const KEY = '0123456789abcdef';

/** A journal of puts, touches and drops, and its reader over two files in memory. */
function cacheSubject(): FuzzSubject {
  const seed = new Uint8Array(RECORD_BYTES * 12);
  encodeHeader(seed.subarray(0, RECORD_BYTES), 3);
  for (let place = 1; place < 12; place++) {
    const isPut = place % 4 !== 0;
    const extents = isPut ? [{ start: place * 2, count: 1 }] : [];
    const kind = isPut ? 1 : place % 8 === 0 ? 3 : 2;
    const key = `${KEY.slice(0, 14)}${(isPut ? place : place - 1).toString(16).padStart(2, '0')}`;
    const target = seed.subarray(place * RECORD_BYTES, (place + 1) * RECORD_BYTES);
    const bytes = isPut ? 100 + place : 0;
    encodeRecord(target, { kind, key, bytes, checksum: place, extents }, 3, place);
  }
  return {
    name: 'cache index',
    weight: 2,
    // `journal.ts` reads and writes; what reads is `load`, without which nothing here would run.
    files: ['src/io/cache/record.ts', 'src/io/cache/load-index.ts'],
    seeds: [seed],
    repair: repairJournal,
    read(mutant) {
      const journal = new Journal([fileOf(mutant), fileOf(new Uint8Array(0))], 1 << 20);
      const { entries, refused } = loadIndex(journal, 64);
      let used = 0;
      for (const entry of entries.values())
        for (const { start, count } of entry.extents) {
          if (start + count > 64) throw new Error(`an entry ends at unit ${start + count} of 64`);
          used += count;
        }
      if (used > 64) throw new Error(`${used} units are used twice`);
      // A journal that is damaged ends where the damage begins: that is no error.
      if (entries.size === 0)
        throw new StreamError(ErrorCode.Decode, `nothing is left, ${refused}`);
      return JSON.stringify([...entries]);
    },
    isGuarded: false,
  };
}

/** Seals every record again with the generation that the header then has. */
function repairJournal(mutant: Bytes): Bytes {
  const view = new DataView(mutant.buffer, mutant.byteOffset, mutant.byteLength);
  if (mutant.length < RECORD_BYTES) return mutant;
  const seal = new Uint8Array(8);
  const generation = view.getUint32(16, true);
  new DataView(seal.buffer).setUint32(0, generation, true);
  for (let place = 0; (place + 1) * RECORD_BYTES <= mutant.length; place++) {
    new DataView(seal.buffer).setUint32(4, place, true);
    const at = place * RECORD_BYTES;
    const checksum = crc32(mutant.subarray(at + 4, at + RECORD_BYTES), crc32(seal));
    view.setUint32(at, checksum, true);
  }
  return mutant;
}

function fileOf(bytes: Uint8Array): BlockFile {
  return {
    size: bytes.length,
    readAt(target, at) {
      const part = bytes.subarray(at, at + target.length);
      target.set(part);
      return part.length;
    },
    writeAt: () => undefined,
    truncate: () => undefined,
    flush: () => undefined,
    close: () => undefined,
  };
}
