/** A few thousand damaged files through every reader; `npm run test:fuzz` takes many more. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test } from 'vitest';
import { ErrorCode, StreamError } from '../../src/base/errors.ts';
import { createRandom } from '../../src/base/random.ts';
import { countLines } from '../support/fuzz/coverage.ts';
import { fuzz, MAX_CASE_BYTES } from '../support/fuzz/fuzz.ts';
import { judge } from '../support/fuzz/judge.ts';
import { mutate } from '../support/fuzz/mutate.ts';
import type { FuzzOrder, FuzzReport } from '../support/fuzz/protocol.ts';
import { digest, type FuzzSubject } from '../support/fuzz/subject.ts';
import { allSubjects } from '../support/fuzz/subjects.ts';
import { watch } from '../support/fuzz/watch.ts';

const folder = mkdtempSync(join(tmpdir(), 'farfield-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const subjects = await allSubjects(folder);

test.each(subjects.map((subject) => [subject.name, subject] as const))(
  'the reader of %s refuses damage or reads it, and does nothing worse',
  async (_, subject) => {
    const counts = await fuzz(subject, { cases: subject.weight < 1 ? 60 : 700, seed: 5 });
    expect(counts.failures).toEqual([]);
    expect(counts.refused).toBeGreaterThan(0);
    expect(counts.reached * 2).toBeGreaterThan(counts.cases);
  },
);

describe('the fuzzer', () => {
  const broken = (read: FuzzSubject['read'], isGuarded = false): FuzzSubject => ({
    name: 'broken',
    weight: 1,
    files: [],
    seeds: [Uint8Array.from({ length: 50 }, (_, i) => i)],
    read,
    isGuarded,
  });
  const failuresOf = async (subject: FuzzSubject): Promise<string[]> =>
    (await fuzz(subject, { cases: 50, seed: 1 })).failures;

  test('notices a reader that throws what is no error of ours', async () => {
    const failures = await failuresOf(
      broken((bytes) => {
        if (bytes[0] !== 0) throw new RangeError('Invalid typed array length');
        return '';
      }),
    );
    expect(failures[0]).toContain('RangeError: Invalid typed array length');
    expect(failures[0]).toMatch(/case \d+ of seed 1/);
  });

  test('notices a reader that allocates by what a file claims', async () => {
    const greedy = broken((bytes) =>
      digest(new Uint8Array(bytes.length === 50 ? 1 : MAX_CASE_BYTES + 1)),
    );
    expect((await failuresOf(greedy))[0]).toMatch(/it took \d+ bytes, expected at most/);
  });

  test('notices wrong data behind a checksum that is not looked at', async () => {
    const trusting = broken((bytes) => digest(bytes), true);
    expect((await failuresOf(trusting))[0]).toContain('wrong data was accepted');
  });

  test('finds nothing in a reader that refuses all that is not sound', async () => {
    const strict = broken((bytes) => {
      if (bytes.length !== 50 || bytes.some((byte, i) => byte !== i))
        throw new StreamError(ErrorCode.Decode, 'these are not the sound bytes');
      return 'sound';
    }, true);
    expect(await failuresOf(strict)).toEqual([]);
  });

  test('damages the same bytes in the same way for one seed, and differently for another', () => {
    const bytes = new Uint8Array(200).fill(3);
    expect(mutate(bytes, createRandom(4))).toEqual(mutate(bytes, createRandom(4)));
    const seen = new Set(
      Array.from({ length: 50 }, (_, i) => digest(mutate(bytes, createRandom(i)))),
    );
    expect(seen.size).toBeGreaterThan(30);
    expect(bytes.every((byte) => byte === 3)).toBe(true);
  });

  test('counts a line as missed only where none of it ran', () => {
    const text = 'a();\nif (x) {\n  b();\n}\n// no code\nc();\n';
    const whole = { startOffset: 0, endOffset: text.length, count: 1 };
    const block = { startOffset: text.indexOf('{'), endOffset: text.indexOf('}') + 1, count: 0 };
    expect(countLines(text, [whole, block])).toEqual({ lines: 4, covered: 3, missed: [3] });
    expect(countLines(text, [whole]).missed).toEqual([]);
  });
});

describe('a run in its thread', () => {
  const start = (only: string, hangMs?: number): Promise<FuzzReport[]> => {
    const progress = new Int32Array(new SharedArrayBuffer(4));
    const workerData: FuzzOrder = { cases: 40, seed: 1, only, progress };
    const file = new URL('../../dist/test/support/fuzz/fuzz.worker.js', import.meta.url);
    return watch(new Worker(file, { workerData }), progress, hangMs);
  };

  test('is ended where a reader hangs, and says in which case', async () => {
    await expect(start('control: hangs', 1000)).rejects.toThrow(/^control hangs in case \d+$/);
  }, 120_000);

  test('fails where a reader allocates by what a file claims', async () => {
    expect(judge(await start('control: allocates'))[0]).toMatch(/it took \d+ bytes, expected/);
  }, 120_000);

  test('ends by itself where nothing is wrong, with the lines that ran', async () => {
    const [report] = await start('lz4 block');
    expect(report).toMatchObject({ name: 'lz4 block', cases: 40, failures: [] });
    expect(report!.lines[0]![1]!.covered).toBeGreaterThan(10);
  }, 120_000);

  test('says which readers there are where it is asked for another', async () => {
    await expect(start('tea leaves')).rejects.toThrow(/no reader is called "tea leaves".*ktx2/);
  }, 120_000);

  test('is judged by failures, by parsers reached and by lines that ran', () => {
    const file = { lines: 20, covered: 18, missed: [4, 5] };
    const counts = { cases: 10, reached: 5, refused: 9, read: 1, mostBytes: 0, failures: [] };
    const good: FuzzReport = { name: 'r', files: ['r.ts'], ...counts, lines: [['r.ts', file]] };
    expect(judge([good])).toEqual([]);
    expect(judge([{ ...good, failures: ['it threw'] }])).toEqual(['it threw']);
    expect(judge([{ ...good, reached: 4 }])).toEqual(['4 of 10 cases reached a parser']);
    const less: FuzzReport = { ...good, lines: [['r.ts', { ...file, covered: 17 }]] };
    expect(judge([less])).toEqual(['r: 17 of 20 lines ran, expected 90 %']);
    expect(judge([{ ...good, lines: [['r.ts', null]] }])).toHaveLength(1);
  });
});
