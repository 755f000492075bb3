/** A source with a cache in front, in Node, on a folder. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ErrorCode, StreamError } from '../../../src/base/errors.ts';
import { cached } from '../../../src/io/cache/cached.ts';
import { folderStore } from '../../../src/io/cache/folder-store.ts';
import { groupMissing } from '../../../src/io/cache/group-missing.ts';
import { makeCachePlace } from '../../../src/io/cache/places.ts';
import { readParts } from '../../../src/io/parts.ts';
import type { Bytes, Part, ReadOptions, Source } from '../../../src/io/source.ts';
import { httpSource } from '../../../src/io/sources/http.ts';
import { makeSource } from '../../../src/io/sources/make-source.ts';
import { memorySource } from '../../../src/io/sources/memory.ts';
import { serveFolder } from '../../support/files.ts';

const PACK = 'pack-0123456789abcdef.ffp';
const FILE = Uint8Array.from({ length: 400_000 }, (_, i) => i * 13 + (i >> 8));

let folder = '';
let warnings: string[] = [];
const onWarning = (message: string): void => void warnings.push(message);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farfield-cache-'));
  warnings = [];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Watched extends Source {
  /** Ranges asked for, and whole files. */
  asked: (Part | string)[];
  error: StreamError | null;
  files: Record<string, Uint8Array>;
}

/** A source that keeps a record and can go away. */
function watched(): Watched {
  const files: Record<string, Uint8Array> = {
    [PACK]: FILE,
    'world.json': FILE.slice(0, 500),
    'catalog-0123456789abcdef.ffc': FILE.slice(0, 3000),
  };
  const inner = memorySource(files);
  const self: Watched = {
    name: 'watched',
    asked: [],
    error: null,
    files,
    async read(file, start, end, signal) {
      self.asked.push({ start, end });
      if (self.error) throw self.error;
      return inner.read(file, start, end, signal);
    },
    async readAll(file, signal) {
      self.asked.push(file);
      if (self.error) throw self.error;
      return inner.readAll(file, signal);
    },
  };
  return self;
}

async function ask(source: Source, parts: Part[], options: ReadOptions = {}, file = PACK) {
  const got = new Map<number, Bytes>();
  let linkBytes = 0;
  const report = await readParts(
    source,
    file,
    parts,
    {
      onPart(index, bytes) {
        expect(got.has(index)).toBe(false);
        const { start, end } = parts[index]!;
        expect(Buffer.compare(bytes, FILE.subarray(start, end))).toBe(0);
        expect(bytes.buffer.byteLength).toBe(end - start);
        got.set(index, bytes);
        // The receiver owns what it got: what it does to it is no business of the cache's.
        bytes.fill(0);
      },
      onBytes: (count) => {
        linkBytes += count;
      },
    },
    options,
  );
  expect(got.size).toBe(parts.length);
  expect(linkBytes).toBe(report.linkBytes);
  return report;
}

const part = (start: number, size = 1000): Part => ({ start, end: start + size });

describe('parts', () => {
  test('come from the source once, then from the cache, then from the next visit’s', async () => {
    const inner = watched();
    const place = folderStore(folder);
    const source = cached(inner, place, { onWarning });
    const parts = [part(0), part(1000), part(5000)];
    expect(await ask(source, parts)).toMatchObject({ cachedBytes: 0, linkBytes: 6000 });
    expect(await ask(source, parts)).toMatchObject({ cachedBytes: 3000, linkBytes: 0 });
    expect(await source.read(PACK, 1000, 2000)).toEqual(FILE.slice(1000, 2000));
    expect(inner.asked).toEqual([{ start: 0, end: 6000 }]);
    expect(await place.stats()).toMatchObject({ hits: 4, misses: 3 });
    await source.dispose?.();

    const away = watched();
    away.error = new StreamError(ErrorCode.Unavailable, 'offline');
    const later = cached(away, folderStore(folder), { onWarning });
    expect(await ask(later, parts)).toMatchObject({ cachedBytes: 3000, linkBytes: 0 });
    await expect(later.read(PACK, 7000, 8000)).rejects.toMatchObject({
      code: ErrorCode.Unavailable,
    });
    await later.dispose?.();
    expect(warnings).toEqual([]);
  });

  test('that are missing are asked for together, one read after the other', async () => {
    const inner = watched();
    const source = cached(inner, folderStore(folder), { onWarning });
    await ask(source, [part(1000), part(100_000, 100_000)]);
    inner.asked.length = 0;
    const all = [part(0), part(1000), part(2000), part(100_000, 100_000), part(200_000)];
    expect(await ask(source, all)).toEqual({
      cachedBytes: 101_000,
      linkBytes: 4000,
      firstByteMs: 0,
    });
    expect(inner.asked).toEqual([
      { start: 0, end: 3000 },
      { start: 200_000, end: 201_000 },
    ]);
    await source.dispose?.();
  });

  test('asked for fresh pass by the cache and renew it', async () => {
    const inner = watched();
    const source = cached(inner, folderStore(folder), { onWarning });
    const wrong = new Uint8Array(1000).fill(9);
    inner.files[PACK] = new Uint8Array(2000).fill(9);
    expect(await source.read(PACK, 0, 1000)).toEqual(wrong);
    inner.files[PACK] = FILE;
    expect(await source.read(PACK, 0, 1000)).toEqual(wrong);
    expect(await ask(source, [part(0)], { fresh: true })).toMatchObject({ cachedBytes: 0 });
    expect(await ask(source, [part(0)])).toMatchObject({ cachedBytes: 1000 });
    // Even when the renewal fails: what is known to be damaged is not given out again.
    inner.error = new StreamError(ErrorCode.Network, 'gone');
    await expect(ask(source, [part(0)], { fresh: true })).rejects.toThrow('gone');
    await expect(ask(source, [part(0)])).rejects.toThrow('gone');
    await source.dispose?.();
  });

  test('of files that may change are not kept, unless all files are said not to', async () => {
    const inner = watched();
    inner.files['world.pack'] = FILE;
    const parts = [part(0)];
    const source = cached(inner, folderStore(folder), { onWarning });
    await ask(source, parts, {}, 'world.pack');
    expect(await ask(source, parts, {}, 'world.pack')).toMatchObject({ cachedBytes: 0 });
    const all = cached(inner, folderStore(folder), { onWarning, unchanging: 'all' });
    await ask(all, parts, {}, 'world.pack');
    expect(await ask(all, parts, {}, 'world.pack')).toMatchObject({ cachedBytes: 1000 });
    await source.dispose?.();
    await all.dispose?.();
  });

  test('that were withdrawn are not delivered', async () => {
    const source = cached(watched(), folderStore(folder), { onWarning });
    await source.read(PACK, 0, 1000);
    const signal = AbortSignal.abort();
    await expect(source.read(PACK, 0, 1000, signal)).rejects.toMatchObject({
      code: ErrorCode.Cancelled,
    });
    await source.dispose?.();
  });

  test('of two worlds in one place are told apart', async () => {
    const [a, b] = [watched(), watched()];
    b.files[PACK] = FILE.slice().reverse();
    const one = cached(a, folderStore(folder), { onWarning, key: 'a' });
    const two = cached(b, folderStore(folder), { onWarning, key: 'b' });
    expect(await one.read(PACK, 0, 500)).toEqual(FILE.slice(0, 500));
    expect(await two.read(PACK, 0, 500)).toEqual(b.files[PACK].slice(0, 500));
    await one.dispose?.();
    expect(await two.read(PACK, 0, 500)).toEqual(b.files[PACK].slice(0, 500));
    expect(b.asked).toHaveLength(1);
    await two.dispose?.();
    expect(warnings).toEqual([]);
  });

  test('are grouped as the missing ones lie', () => {
    const parts = [part(0), part(1000), part(2000), part(300_000), part(300_500)];
    expect(groupMissing(parts, [1, 1, 1, 1, 1])).toEqual([]);
    expect(groupMissing(parts, [0, 1, 0, 0, 0])).toEqual([
      [0, 2],
      [3, 4],
    ]);
    expect(groupMissing(parts, [1, 0, 1, 1, 1])).toEqual([[1]]);
  });
});

describe('whole files', () => {
  test('whose name has a hash are asked for once', async () => {
    const inner = watched();
    const source = cached(inner, folderStore(folder), { onWarning });
    const file = 'catalog-0123456789abcdef.ffc';
    for (let i = 0; i < 3; i++) expect(await source.readAll(file)).toEqual(FILE.slice(0, 3000));
    expect(inner.asked).toEqual([file]);
    await source.dispose?.();
  });

  test('that may change are asked for each time, and come from the cache when that fails', async () => {
    const inner = watched();
    const source = cached(inner, folderStore(folder), { onWarning });
    await source.readAll('world.json');
    inner.files['world.json'] = FILE.slice(7, 77);
    expect(await source.readAll('world.json')).toEqual(FILE.slice(7, 77));
    for (const code of [
      ErrorCode.Network,
      ErrorCode.Timeout,
      ErrorCode.Server,
      ErrorCode.Unavailable,
    ]) {
      inner.error = new StreamError(code, 'away');
      expect(await source.readAll('world.json')).toEqual(FILE.slice(7, 77));
    }
    // A server that says "no such file" is not away: the world is gone.
    inner.error = new StreamError(ErrorCode.NotFound, 'no such file');
    await expect(source.readAll('world.json')).rejects.toThrow('no such file');
    await source.dispose?.();
  });
});

describe('the folder', () => {
  test('holds its quota', async () => {
    const quotaBytes = 300_000;
    const source = cached(watched(), folderStore(folder, { quotaBytes }), { onWarning });
    for (let at = 0; at < 390_000; at += 10_000) await source.read(PACK, at, at + 10_000);
    await source.dispose?.();
    const files = readdirSync(folder);
    expect(files.sort()).toEqual(['index-0', 'index-1', 'pack']);
    const bytes = files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
    expect(bytes).toBeLessThanOrEqual(quotaBytes);
    expect(bytes).toBeGreaterThan(quotaBytes * 0.9);
  });

  test('is cleared, open or not', async () => {
    const inner = watched();
    const place = folderStore(folder);
    const source = cached(inner, place, { onWarning });
    await source.read(PACK, 0, 1000);
    expect(await place.clear()).toBe(true);
    await source.read(PACK, 0, 1000);
    expect(inner.asked).toHaveLength(2);
    await source.dispose?.();
    expect(statSync(join(folder, 'pack')).size).toBe(1000);
    expect(await place.clear()).toBe(true);
    expect(statSync(join(folder, 'pack')).size).toBe(0);
    expect(await place.stats()).toBeNull();
  });

  test('that cannot be used leaves the source working, and is said once', async () => {
    const file = join(folder, 'taken');
    writeFileSync(file, 'not a folder');
    const inner = watched();
    const source = cached(inner, folderStore(file), { onWarning });
    for (let i = 0; i < 3; i++) expect(await source.read(PACK, 0, 100)).toEqual(FILE.slice(0, 100));
    expect(await source.readAll('world.json')).toEqual(FILE.slice(0, 500));
    expect(inner.asked).toHaveLength(4);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/no cache in .*taken: .*everything is read from its source/);
  });

  test('works through a descriptor, over HTTP, with the server stopped', async () => {
    const served = join(folder, 'served');
    const { mkdirSync } = await import('node:fs');
    mkdirSync(served);
    writeFileSync(join(served, PACK), FILE);
    const server = await serveFolder(served);
    const source = cached(httpSource(`${server.origin}/`), folderStore(join(folder, 'cache')));
    const plain = JSON.parse(JSON.stringify(source.descriptor));
    const first = makeSource(plain);
    expect(await ask(first, [part(0), part(2000)])).toMatchObject({ cachedBytes: 0 });
    await first.dispose?.();
    await server.close();
    const second = makeSource(plain);
    expect(await ask(second, [part(0), part(2000)])).toMatchObject({ cachedBytes: 2000 });
    await expect(second.read(PACK, 9000, 9100)).rejects.toBeInstanceOf(StreamError);
    await second.dispose?.();
  });

  test('of an unknown kind is refused', () => {
    expect(() => makeCachePlace({ kind: 'cellar' })).toThrow(/cellar.*expected "opfs" or "folder"/);
    expect(() => folderStore('')).toThrow(/folder must be a path/);
    expect(() => folderStore(folder, { quotaBytes: 1000 })).toThrow(/quotaBytes/);
  });
});
