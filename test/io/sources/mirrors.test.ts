import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/base/clock.ts';
import { ErrorCode, StreamError } from '../../../src/base/errors.ts';
import { createPartCutter } from '../../../src/io/parts.ts';
import type { Part, Source } from '../../../src/io/source.ts';
import { memorySource } from '../../../src/io/sources/memory.ts';
import { mirrored } from '../../../src/io/sources/mirrors.ts';
import { failureOf, keepParts, readThrough } from '../../support/sources.ts';

const FILE = Uint8Array.from({ length: 1000 }, (_, i) => i & 255);
const PARTS: Part[] = [
  { start: 0, end: 10 },
  { start: 10, end: 20 },
  { start: 500, end: 600 },
  { start: 550, end: 900 },
];

/** A source that delivers its bytes up to `until`, then fails with `error`; null: it is well. */
interface Weak extends Source {
  error: StreamError | null;
  until: number;
  asked: string[];
}

function weak(name: string): Weak {
  const inner = memorySource({ file: FILE });
  const source: Weak = {
    name,
    error: null,
    until: 0,
    asked: [],
    async read(file, start, end, signal) {
      source.asked.push(`${start}-${end}`);
      if (source.error) throw source.error;
      return inner.read(file, start, end, signal);
    },
    async readAll(file, signal) {
      source.asked.push('all');
      if (source.error) throw source.error;
      return inner.readAll(file, signal);
    },
    async readParts(file, parts, sink) {
      const cutter = createPartCutter(parts, sink);
      source.asked.push(`${cutter.start}-${cutter.end}`);
      const bytes = await inner.read(file, cutter.start, cutter.end);
      cutter.push(source.error ? bytes.subarray(0, source.until) : bytes);
      if (source.error) throw source.error;
      return { linkBytes: bytes.length, cachedBytes: 0, firstByteMs: 5 };
    },
  };
  return source;
}

function makeMirrors(count: number) {
  const clock = createManualClock();
  const mirrors = Array.from({ length: count }, (_, i) => weak(`mirror ${'abc'[i]}`));
  const source = mirrored(mirrors, { clock, random: () => 1 });
  const asked = (): string[] =>
    mirrors.flatMap(({ name, asked }) => asked.splice(0).map((what) => `${name.at(-1)} ${what}`));
  return { clock, mirrors, source, asked };
}

const error = (code: ErrorCode, retryAfterMs = 0): StreamError =>
  new StreamError(code, 'it broke', retryAfterMs);

describe('mirrors', () => {
  it('are not asked while the first one is well', async () => {
    const { source, asked } = makeMirrors(3);
    expect(await source.read('file', 5, 9)).toEqual(FILE.slice(5, 9));
    expect(await source.readAll('file')).toEqual(FILE);
    expect(asked()).toEqual(['a 5-9', 'a all']);
    expect(source.name).toBe('mirror a or mirror b or mirror c');
  });

  it('are asked at once for the parts that the one before did not deliver', async () => {
    const { mirrors, source, asked } = makeMirrors(3);
    Object.assign(mirrors[0]!, { error: error(ErrorCode.Network), until: 15 });
    Object.assign(mirrors[1]!, { error: error(ErrorCode.Timeout), until: 590 });
    const kept = keepParts();
    const report = await readThrough(source, 'file', PARTS, kept);
    expect(asked()).toEqual(['a 0-900', 'b 10-900', 'c 550-900']);
    expect(kept.problems).toEqual([]);
    expect([...kept.parts.keys()].sort()).toEqual([0, 1, 2, 3]);
    for (const [i, bytes] of kept.parts)
      expect(bytes).toEqual(FILE.slice(PARTS[i]!.start, PARTS[i]!.end));
    expect(report.linkBytes).toBe(15 + 590 + 350);
  });

  it('are passed by for a while after a failure, then tried again, one read at a time', async () => {
    const { clock, mirrors, source, asked } = makeMirrors(2);
    mirrors[0]!.error = error(ErrorCode.Server);
    for (let i = 0; i < 3; i++) await source.read('file', i, 9);
    expect(asked()).toEqual(['a 0-9', 'b 0-9', 'b 1-9', 'b 2-9']);
    clock.advance(10_000);
    await Promise.all([0, 1].map((i) => source.read('file', i, 9)));
    expect(asked().sort()).toEqual(['a 0-9', 'b 0-9', 'b 1-9']);
    mirrors[0]!.error = null;
    clock.advance(19_999);
    await source.read('file', 0, 9);
    clock.advance(1);
    await source.read('file', 1, 9);
    await source.read('file', 2, 9);
    expect(asked()).toEqual(['a 1-9', 'a 2-9', 'b 0-9']);
  });

  it('stand in for a file that is missing or damaged in one place, which stays the first choice', async () => {
    for (const code of [ErrorCode.NotFound, ErrorCode.ShortRead]) {
      const { mirrors, source, asked } = makeMirrors(2);
      mirrors[0]!.error = error(code);
      await source.read('file', 0, 9);
      await source.readAll('file');
      expect(asked()).toEqual(['a 0-9', 'a all', 'b 0-9', 'b all']);
    }
  });

  it('are asked in another order when what came last was damaged', async () => {
    const { source, asked } = makeMirrors(3);
    const read = (fresh: boolean) =>
      readThrough(source, 'file', [PARTS[0]!], keepParts(), { fresh });
    await read(false);
    await read(true);
    await read(true);
    await read(false);
    expect(asked()).toEqual(['a 0-10', 'a 0-10', 'a 0-10', 'b 0-10']);
  });

  it('end with an error that names them all, final only when every one says so', async () => {
    const { mirrors, source, asked } = makeMirrors(2);
    mirrors[0]!.error = error(ErrorCode.Unavailable, 300);
    mirrors[1]!.error = error(ErrorCode.Server, 200);
    let failure = await failureOf(source.read('file', 0, 9));
    expect([failure.code, failure.retryAfterMs]).toEqual([ErrorCode.Server, 200]);
    expect(failure.message).toBe('it broke (all mirrors tried: mirror a, mirror b)');
    // None is well: all are tried all the same.
    mirrors[1]!.error = error(ErrorCode.NotFound);
    failure = await failureOf(source.read('file', 0, 9));
    expect([failure.code, failure.retryAfterMs]).toEqual([ErrorCode.Unavailable, 300]);
    mirrors[0]!.error = error(ErrorCode.NotFound);
    expect((await failureOf(source.readAll('file'))).code).toBe(ErrorCode.NotFound);
    expect(asked().length).toBe(6);
  });

  it('are not asked when a read is cancelled', async () => {
    const { mirrors, source, asked } = makeMirrors(2);
    mirrors[0]!.error = error(ErrorCode.Cancelled);
    expect((await failureOf(source.read('file', 0, 9))).code).toBe(ErrorCode.Cancelled);
    mirrors[0]!.error = null;
    await source.read('file', 0, 9);
    expect(asked()).toEqual(['a 0-9', 'a 0-9']);
  });

  it('pass on who is available, and are disposed together', async () => {
    const calls: string[] = [];
    const listeners: (() => void)[] = [];
    const one = (name: string): Source => ({
      ...memorySource({}),
      onAvailable(callback) {
        listeners.push(callback);
        return () => calls.push(`${name} stopped`);
      },
      async dispose() {
        calls.push(`${name} disposed`);
      },
    });
    const source = mirrored([one('a'), memorySource({}), one('b')]);
    const stop = source.onAvailable!(() => calls.push('told'));
    for (const listener of listeners) listener();
    stop();
    await source.dispose!();
    expect(calls).toEqual(['told', 'told', 'a stopped', 'b stopped', 'a disposed', 'b disposed']);
    expect(() => mirrored([])).toThrow(/at least one/);
  });
});
