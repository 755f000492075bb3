/** The source over a folder: many files through few handles, parts one by one, every way to fail. */
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ErrorCode, StreamError } from '../../src/base/errors.ts';
import { createRandom } from '../../src/base/random.ts';
import { type Closable, HandlePool } from '../../src/io/sources/handle-pool.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import { type NodeFileSource, nodeFileSource } from '../../src/io/sources/node-file.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'farfield-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function codeOf(promise: Promise<unknown>): Promise<number> {
  const error = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (error === null) return ErrorCode.None;
  expect(error).toBeInstanceOf(StreamError);
  return (error as StreamError).code;
}

/** Descriptors of this process that lead below the folder: what the system says, not the source. */
function descriptorsIn(folder: string): number {
  let count = 0;
  for (const fd of readdirSync('/proc/self/fd'))
    try {
      if (readlinkSync(join('/proc/self/fd', fd)).startsWith(folder + sep)) count++;
    } catch {
      // The descriptor of the listing itself is gone by now.
    }
  return count;
}

const isLinux = process.platform === 'linux';
const FILES = 5000;
const name = (i: number): string => `pack-${i}.ffp`;
/** What file `i` holds: 16 to 79 bytes of its own. */
const content = (i: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: 16 + (i % 64) }, (_, k) => (i * 31 + k * 7) & 255);

async function writeFiles(folder: string, count: number): Promise<void> {
  for (let i = 0; i < count; i += 200)
    await Promise.all(
      Array.from({ length: Math.min(200, count - i) }, (_, k) =>
        writeFile(join(folder, name(i + k)), content(i + k)),
      ),
    );
}

/** Runs `read` for every number up to `count`, `width` at a time; returns the most handles seen. */
async function runWide(
  folder: string,
  source: NodeFileSource,
  { count, width }: { count: number; width: number },
  read: (i: number) => Promise<void>,
): Promise<number> {
  let next = 0;
  let most = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      await read(i);
      expect(source.openFiles).toBeLessThanOrEqual(64);
      if (isLinux && i % 25 === 0) most = Math.max(most, descriptorsIn(folder));
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return most;
}

describe('a world of 5,000 files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'farfield-files-'));
  beforeAll(() => writeFiles(folder, FILES));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each([1, 8, 64])('never holds more than %i handles, and reads every byte', async (bound) => {
    const source = nodeFileSource(folder, { maxHandles: bound });
    const random = createRandom(bound);
    let cancelled = 0;
    const most = await runWide(folder, source, { count: FILES, width: 64 }, async (i) => {
      expect(source.openFiles).toBeLessThanOrEqual(bound);
      // Every fifth read goes to a file that others read too; every seventh is withdrawn at some time.
      const file = i % 5 === 0 ? Math.floor(random() * 20) : i;
      const controller = new AbortController();
      const reading = source.read(name(file), 3, 16, controller.signal);
      if (i % 7 === 0) {
        if (random() < 0.5) await Promise.resolve();
        controller.abort();
      }
      const code = await codeOf(reading);
      if (code === ErrorCode.Cancelled) cancelled++;
      else expect(await reading).toEqual(content(file).slice(3, 16));
    });
    expect(cancelled).toBeGreaterThan(100);
    expect(cancelled).toBeLessThanOrEqual(Math.ceil(FILES / 7));
    expect(most).toBeLessThanOrEqual(bound);
    if (isLinux) expect(most).toBeGreaterThan(0);
    // Handles stay open for the next read until the source ends.
    expect(source.openFiles).toBeGreaterThan(0);
    await source.dispose();
    expect(source.openFiles).toBe(0);
    if (isLinux) expect(descriptorsIn(folder)).toBe(0);
  });

  test('would hold hundreds with a handle per read: the count can see it', async () => {
    const source = nodeFileSource(folder, { maxHandles: 1000 });
    const parts = Array.from({ length: 300 }, (_, i) => source.read(name(i), 0, 16));
    await Promise.all(parts);
    expect(source.openFiles).toBe(300);
    if (isLinux) expect(descriptorsIn(folder)).toBe(300);
    await source.dispose();
  });
});

describe('a read of several parts', () => {
  const FILE = Uint8Array.from({ length: 40_000 }, (_, i) => (i * 13) & 255);
  const PARTS = [
    { start: 10, end: 3000 },
    { start: 3000, end: 3001 },
    { start: 3500, end: 20_000 },
    { start: 19_000, end: 39_999 },
  ];

  test('delivers each by itself, in order, exact, and counts the span', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'file'), FILE);
    for (const source of [
      nodeFileSource(folder, { chunkBytes: 700 }),
      nodeFileSource(folder),
      memorySource({ file: FILE }),
    ]) {
      for (const parts of [PARTS, PARTS.slice(2, 3)]) {
        const got: number[] = [];
        let bytes = 0;
        const sink = {
          onPart(index: number, part: Uint8Array) {
            const { start, end } = parts[index]!;
            expect(part).toEqual(FILE.slice(start, end));
            expect(part.buffer.byteLength).toBe(end - start);
            got.push(index);
          },
          onBytes: (count: number) => {
            bytes += count;
          },
        };
        const report = await source.readParts!('file', parts, sink);
        expect(got).toEqual(parts.map((_, i) => i));
        const span = parts.at(-1)!.end - parts[0]!.start;
        expect(bytes).toBe(span);
        expect(report).toEqual({ linkBytes: span, cachedBytes: 0, firstByteMs: 0 });
      }
      await source.dispose?.();
    }
  });

  test('stops between chunks when it is withdrawn; what was delivered stays', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'file'), FILE);
    const source = nodeFileSource(folder, { chunkBytes: 1000 });
    for (const from of [source, memorySource({ file: FILE })]) {
      const controller = new AbortController();
      const got: number[] = [];
      const sink = {
        onPart(index: number) {
          got.push(index);
          if (index === 1) controller.abort();
        },
      };
      const reading = from.readParts!('file', PARTS, sink, { signal: controller.signal });
      expect(await codeOf(reading)).toBe(ErrorCode.Cancelled);
      expect(got).toEqual([0, 1]);
    }
    // A large part is not read to its end either, and its handle serves the next read.
    const controller = new AbortController();
    const whole = source.read('file', 0, 40_000, controller.signal);
    setImmediate(() => controller.abort());
    expect(await codeOf(whole)).toBe(ErrorCode.Cancelled);
    expect(source.openFiles).toBe(1);
    expect(await source.read('file', 5, 9)).toEqual(FILE.slice(5, 9));
    await source.dispose();
  });

  test('of a file that ends early is a short read after the parts that are there', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'file'), FILE);
    const source = nodeFileSource(folder, { chunkBytes: 1000 });
    await source.read('file', 0, 10);
    await truncate(join(folder, 'file'), 3200);
    const got: number[] = [];
    const sink = { onPart: (index: number) => void got.push(index) };
    expect(await codeOf(source.readParts('file', PARTS, sink))).toBe(ErrorCode.ShortRead);
    expect(got).toEqual([0, 1]);
    await source.dispose();
  });
});

describe('a file that changes', () => {
  test('is missing when it was deleted, and found again when it is back', async () => {
    const folder = temporaryFolder();
    const source = nodeFileSource(folder, { maxHandles: 2 });
    await writeFiles(folder, 4);
    expect(await codeOf(source.read(name(0), 0, 4))).toBe(ErrorCode.None);
    await rm(join(folder, name(1)));
    expect(await codeOf(source.read(name(1), 0, 4))).toBe(ErrorCode.NotFound);
    expect(await codeOf(source.read('missing', 0, 4))).toBe(ErrorCode.NotFound);
    expect(await codeOf(source.read(folder.slice(1), 0, 4))).toBe(ErrorCode.NotFound);
    // Failed opens hold no place.
    for (let i = 0; i < 10; i++) await codeOf(source.read('missing', 0, 4));
    await writeFile(join(folder, name(1)), content(1));
    expect(await source.read(name(1), 0, 4)).toEqual(content(1).slice(0, 4));
    await source.dispose();
  });

  test('is read anew as a whole, after a short read, and when fresh bytes are asked for', async () => {
    const folder = temporaryFolder();
    const source = nodeFileSource(folder);
    const replace = async (bytes: Uint8Array): Promise<void> => {
      await writeFile(join(folder, 'next'), bytes);
      await rename(join(folder, 'next'), join(folder, 'file'));
    };
    await replace(content(1));
    expect(await source.readAll('file')).toEqual(content(1));
    await replace(content(2));
    expect(await source.readAll('file')).toEqual(content(2));
    await replace(content(40));
    // A range comes from the handle that is open: names of packs stand for one content.
    expect(await source.read('file', 0, 9)).toEqual(content(2).slice(0, 9));
    expect(await codeOf(source.read('file', 0, 50))).toBe(ErrorCode.ShortRead);
    expect(await source.read('file', 0, 50)).toEqual(content(40).slice(0, 50));
    await replace(content(3));
    const got: Uint8Array[] = [];
    const sink = { onPart: (_: number, bytes: Uint8Array) => void got.push(bytes) };
    await source.readParts('file', [{ start: 0, end: 9 }], sink, { fresh: true });
    expect(got).toEqual([content(3).slice(0, 9)]);
    await source.dispose();
  });
});

describe('dispose', () => {
  test('cancels what runs and what waits, closes every handle, and is final', async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, 60);
    const source = nodeFileSource(folder, { maxHandles: 4 });
    const codes = Array.from({ length: 60 }, (_, i) => codeOf(source.read(name(i), 0, 16)));
    await Promise.resolve();
    await source.dispose();
    expect(source.openFiles).toBe(0);
    expect(new Set(await Promise.all(codes))).toEqual(new Set([ErrorCode.Cancelled]));
    expect(await codeOf(source.read(name(0), 0, 4))).toBe(ErrorCode.Cancelled);
    expect(await codeOf(source.readAll(name(0)))).toBe(ErrorCode.Cancelled);
    await source.dispose();
  });

  test('refuses options out of range', () => {
    expect(() => nodeFileSource('.', { maxHandles: 0 })).toThrow('maxHandles must be');
    expect(() => nodeFileSource('.', { chunkBytes: 5 << 20 })).toThrow('chunkBytes must be');
  });
});

/** Handles that are opened and closed only when told to. */
function instrumentedPool(bound: number) {
  const log: string[] = [];
  let open = 0;
  let most = 0;
  const pool = new HandlePool<Closable & { file: string }>(bound, async (file) => {
    most = Math.max(most, ++open);
    log.push(`open ${file}`);
    await Promise.resolve();
    return {
      file,
      async close() {
        await Promise.resolve();
        open--;
        log.push(`close ${file}`);
      },
    };
  });
  const held = new Map<string, () => void>();
  /** Holds the file's handle until `held.get(file)` is called. */
  const hold = (file: string, signal?: AbortSignal): Promise<void> =>
    pool.use(file, () => new Promise<void>((done) => held.set(file, done)), { signal });
  return { pool, log, hold, held, most: () => most };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the handle pool', () => {
  test('closes the handle that was not used for longest, never one in use', async () => {
    const { pool, log, hold, held, most } = instrumentedPool(3);
    const busy = hold('a');
    await pool.use('b', async () => undefined);
    await pool.use('c', async () => undefined);
    await pool.use('b', async () => undefined);
    await pool.use('d', async () => undefined);
    expect(log).toEqual(['open a', 'open b', 'open c', 'close c', 'open d']);
    held.get('a')!();
    await busy;
    await pool.use('e', async () => undefined);
    expect(log.slice(5)).toEqual(['close a', 'open e']);
    expect(most()).toBe(3);
    await pool.dispose();
    expect(pool.size).toBe(0);
  });

  test('lets those that wait in by turns, and forgets the one that left', async () => {
    const { pool, log, hold, held } = instrumentedPool(1);
    const first = hold('a');
    const controller = new AbortController();
    const second = hold('b', controller.signal);
    const third = hold('c');
    // It could share the open file, but would keep those before it waiting for ever.
    const fourth = hold('a');
    await settle();
    expect(log).toEqual(['open a']);
    controller.abort();
    expect(await codeOf(second)).toBe(ErrorCode.Cancelled);
    held.get('a')!();
    await first;
    await settle();
    expect(log).toEqual(['open a', 'close a', 'open c']);
    held.get('c')!();
    await third;
    await settle();
    expect(log.slice(3)).toEqual(['close c', 'open a']);
    held.get('a')!();
    await fourth;
    await pool.dispose();
  });

  test('waits for users before it ends', async () => {
    const { pool, hold, held } = instrumentedPool(2);
    const busy = hold('a');
    await settle();
    let isOver = false;
    const over = pool.dispose().then(() => {
      isOver = true;
    });
    await settle();
    expect(isOver).toBe(false);
    held.get('a')!();
    await busy;
    await over;
    expect(pool.size).toBe(0);
  });
});
