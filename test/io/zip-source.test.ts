/** Worlds in zip archives made by three different programs, and archives that mean harm. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { ErrorCode, StreamError } from '../../src/base/errors.ts';
import { createRandom } from '../../src/base/random.ts';
import { readParts } from '../../src/io/parts.ts';
import type { Bytes, Source } from '../../src/io/source.ts';
import { blobSource } from '../../src/io/sources/blob.ts';
import { makeSource } from '../../src/io/sources/make-source.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import { type ZipSourceOptions, zipSource } from '../../src/io/sources/zip.ts';

const folder = mkdtempSync(join(tmpdir(), 'farfield-zip-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const random = createRandom(8);
const FILES: Record<string, Uint8Array> = {
  'world.json': new TextEncoder().encode(JSON.stringify({ format: 'test' })),
  'pack-1.ffp': Uint8Array.from({ length: 300_000 }, (_, i) => (i >> 6) ^ (random() < 0.1 ? 7 : 0)),
  'noise.ffp': Uint8Array.from({ length: 70_000 }, () => random() * 256),
  'deep/er/file': new Uint8Array([1, 2, 3]),
};

function open(archive: Uint8Array, options: ZipSourceOptions = {}): Source {
  return zipSource(memorySource({ 'w.zip': archive }), 'w.zip', options);
}

async function errorOf(work: Promise<unknown>): Promise<StreamError> {
  const error = await work.then(
    () => new Error('it succeeded'),
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(StreamError);
  return error as StreamError;
}

/** Reads every file in every way and compares. */
async function checkArchive(source: Source): Promise<void> {
  for (const [name, bytes] of Object.entries(FILES)) {
    expect(Buffer.compare(await source.readAll(name), bytes), name).toBe(0);
    for (let run = 0; run < 5; run++) {
      const start = Math.floor(random() * (bytes.length - 1));
      const end = start + 1 + Math.floor(random() * (bytes.length - start - 1));
      expect(Buffer.compare(await source.read(name, start, end), bytes.subarray(start, end))).toBe(
        0,
      );
    }
    const parts = [0, 1, 2].map((i) => ({
      start: Math.floor((bytes.length / 3) * i),
      end: Math.floor((bytes.length / 3) * (i + 1)),
    }));
    const seen: Bytes[] = [];
    await readParts(source, name, parts, { onPart: (i, part) => void seen.splice(i, 1, part) });
    expect(Buffer.compare(Buffer.concat(seen), bytes), name).toBe(0);
    expect((await errorOf(source.read(name, 0, bytes.length + 1))).code).toBe(ErrorCode.ShortRead);
  }
  expect((await errorOf(source.readAll('missing'))).message).toMatch(
    /there is no file missing.*world\.json/,
  );
  const aborted = source.read('noise.ffp', 0, 9, AbortSignal.abort());
  expect((await errorOf(aborted)).code).toBe(ErrorCode.Cancelled);
}

/** Runs a program over the files; null where the machine has no such program. */
function archiveBy(command: string, args: string[]): Uint8Array | null {
  const at = mkdtempSync(join(folder, 'made-'));
  for (const [name, bytes] of Object.entries(FILES)) {
    mkdirSync(dirname(join(at, 'island', name)), { recursive: true });
    writeFileSync(join(at, 'island', name), bytes);
  }
  try {
    execFileSync(command, args, { cwd: at, stdio: 'pipe' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return readFileSync(join(at, 'w.zip'));
}

const PYTHON = `
import sys, zipfile, os
kind = sys.argv[1]
with zipfile.ZipFile('w.zip', 'w', zipfile.ZIP_STORED if kind == 'stored' else zipfile.ZIP_DEFLATED) as z:
  for base, _, names in os.walk('island'):
    for name in names:
      path = os.path.join(base, name)
      with z.open(path, 'w', force_zip64=(kind == 'zip64')) as out, open(path, 'rb') as source:
        out.write(source.read())
  z.comment = b'PK\\x05\\x06 a comment that looks like an end' * 9 if kind == 'comment' else b''
if kind == 'zip64':
  # zipfile writes the large end record only for large archives: put one in, as others do.
  data = open('w.zip', 'rb').read()
  import struct
  end = data.rindex(b'PK\\x05\\x06')
  count, size, offset = struct.unpack('<HII', data[end + 10:end + 20])
  large = struct.pack('<IQHHIIQQQQ', 0x06064b50, 44, 45, 45, 0, 0, count, count, size, offset)
  locator = struct.pack('<IIQI', 0x07064b50, 0, end, 1)
  small = data[end:end + 8] + struct.pack('<HHIIH', 0xffff, 0xffff, 0xffffffff, 0xffffffff, 0)
  open('w.zip', 'wb').write(data[:end] + large + locator + small)
if kind == 'prefixed':
  data = open('w.zip', 'rb').read()
  open('w.zip', 'wb').write(b'#!/bin/sh\\n' * 50 + data)
`;

const ARCHIVES: [string, () => Uint8Array | null][] = [
  ['fflate, deflated', () => zipSync(FILES)],
  ['fflate, stored', () => zipSync(FILES, { level: 0 })],
  ['zip', () => archiveBy('zip', ['-qr', 'w.zip', 'island'])],
  ['zip -0, with a stream', () => archiveBy('sh', ['-c', 'zip -0 -qr - island | cat > w.zip'])],
  ...['deflated', 'stored', 'comment', 'zip64', 'prefixed'].map(
    (kind): [string, () => Uint8Array | null] => [
      `python, ${kind}`,
      () => archiveBy('python3', ['-c', PYTHON, kind]),
    ],
  ),
];

describe.each(ARCHIVES)('an archive made by %s', (_, make) => {
  const archive = make();
  it.skipIf(archive === null)('is read by range and whole, cached and not', async () => {
    await checkArchive(open(archive!));
    await checkArchive(open(archive!, { cacheBytes: 0 }));
  });

  it.skipIf(archive === null)(
    'is read from a Blob, also after its descriptor travelled',
    async () => {
      const files = { 'w.zip': new Blob([archive! as Bytes]) };
      const source = zipSource(blobSource(files), 'w.zip');
      await checkArchive(source);
      await checkArchive(makeSource(structuredClone(source.descriptor!)));
    },
  );
});

describe('zipSource', () => {
  it('reads a range of a stored file with one request for exactly its bytes', async () => {
    const inner = memorySource({ 'w.zip': zipSync(FILES, { level: 0 }) });
    const reads: number[] = [];
    const source = zipSource(
      {
        ...inner,
        read: (file, start, end, signal) => {
          reads.push(end - start);
          return inner.read(file, start, end, signal);
        },
        readParts: (file, parts, sink, options) => {
          reads.push(parts.at(-1)!.end - parts[0]!.start);
          return inner.readParts!(file, parts, sink, options);
        },
      },
      'w.zip',
    );
    await source.read('pack-1.ffp', 100, 200);
    reads.length = 0;
    await source.read('pack-1.ffp', 5000, 9000);
    expect(reads).toEqual([4000]);
  });

  it('says what it needs where nobody knows how long the archive is', async () => {
    const { size: _, ...inner } = memorySource({ 'w.zip': zipSync(FILES) });
    const lost = zipSource(inner, 'w.zip');
    expect((await errorOf(lost.readAll('world.json'))).message).toContain('pass archiveBytes');
    const archiveBytes = zipSync(FILES).length;
    await checkArchive(zipSource(inner, 'w.zip', { archiveBytes }));
  });

  it('notices a changed byte of a deflated file by its CRC, and of a stored one read whole', async () => {
    for (const level of [0, 6] as const) {
      const archive = zipSync({ 'noise.ffp': FILES['noise.ffp']! }, { level });
      archive[archive.length >> 1]! ^= 1;
      const { code } = await errorOf(open(archive).readAll('noise.ffp'));
      expect([ErrorCode.Checksum, ErrorCode.Decode]).toContain(code);
    }
  });

  it.each(['../evil', '/etc/passwd', 'a/../../b', 'C:\\x', '..\\x'])(
    'refuses an archive with the name %s',
    async (name) => {
      const archive = zipSync({ 'world.json': FILES['world.json']!, [name]: new Uint8Array(1) });
      const { message } = await errorOf(open(archive).readAll('world.json'));
      expect(message).toContain('leads out of it');
    },
  );

  const edits: [string, (view: DataView, end: number, central: number) => void, RegExp][] = [
    ['no end record', (v, end) => v.setUint32(end, 0, true), /no end record/],
    [
      'a directory of 4 GiB',
      (v, end) => v.setUint32(end + 12, 0xfffffffe, true),
      /its directory lies at/,
    ],
    ['more files than fit', (v, end) => v.setUint16(end + 10, 9000, true), /claims 9000 files/],
    ['a second disk', (v, end) => v.setUint16(end + 4, 1, true), /several parts/],
    ['a directory that is none', (v, _, c) => v.setUint32(c, 7, true), /entry 0 of/],
    [
      'a file of 4 GiB',
      (v, _, c) => v.setUint32(c + 24, 0xfffffffe, true),
      /claims 4294967294 bytes/,
    ],
    ['data beyond its end', (v, _, c) => v.setUint32(c + 20, 9e8, true), /claims 900000000 bytes/],
    ['an unknown method', (v, _, c) => v.setUint16(c + 10, 93, true), /packed by method 93/],
    ['encryption', (v, _, c) => v.setUint16(c + 8, 1, true), /is encrypted/],
    ['no local header', (v, _, c) => v.setUint32(c + 42, 3, true), /no local header/],
    ['a size too small', (v, _, c) => v.setUint32(c + 24, 5, true), /inflates to more than 5/],
    [
      'a size too large',
      (v, _, c) => v.setUint32(c + 24, 1000, true),
      /inflates to \d+ bytes, expected 1000/,
    ],
  ];
  it.each(edits)('refuses an archive with %s', async (_, edit, message) => {
    const archive = zipSync({ 'world.json': FILES['world.json']! });
    const view = new DataView(archive.buffer, archive.byteOffset, archive.length);
    const end = archive.length - 22;
    edit(view, end, view.getUint32(end + 16, true));
    const error = await errorOf(open(archive).readAll('world.json'));
    expect(error.message).toMatch(message);
    expect(error.code).toBe(ErrorCode.Decode);
  });

  it('refuses bytes that are no archive at all, and an empty file', async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(5000).fill(80)])
      expect((await errorOf(open(bytes).readAll('x'))).code).toBe(ErrorCode.Decode);
  });

  it('reads an empty archive as one without files', async () => {
    const { code } = await errorOf(open(zipSync({} as Zippable)).readAll('x'));
    expect(code).toBe(ErrorCode.NotFound);
  });
});
