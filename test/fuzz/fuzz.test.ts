/** A few thousand damaged files through every reader; `npm run test:fuzz` takes many more. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ErrorCode, StreamError } from '../../src/base/errors.ts';
import { createRandom } from '../../src/base/random.ts';
import { countLines } from '../support/fuzz/coverage.ts';
import { fuzz, MAX_CASE_BYTES } from '../support/fuzz/fuzz.ts';
import { mutate } from '../support/fuzz/mutate.ts';
import { digest, type FuzzSubject } from '../support/fuzz/subject.ts';
import { allSubjects } from '../support/fuzz/subjects.ts';

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
