/** Reading of published traces, and the one figure that must come out as it was published. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { compareWithPublished } from '../../bench/traces/published.ts';
import { listTraces, readTrace } from '../../bench/traces/read-trace.ts';
import { temporaryFolder } from '../cook/sources.ts';

const TRACES = fileURLToPath(new URL('../../../shared/data/traces', import.meta.url));

function write(name: string, content: string | Uint8Array): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, content);
  return file;
}

describe('traces', () => {
  test('ARC: runs of pages, numbered in order of their first', async () => {
    const { name, pages, pageCount } = await readTrace(write('a.lis', '7 3 0 0\n8 1 0 1\n'));
    expect([name, [...pages], pageCount]).toEqual(['a', [0, 1, 2, 1], 3]);
  });

  test('LIRS: a page a line, stars and blanks skipped, packed or not', async () => {
    const text = '5\n 9\n*\n5\n\n';
    for (const file of [
      write('b.trace', text),
      write('b.trace.gz', gzipSync(new TextEncoder().encode(text))),
    ])
      expect([...(await readTrace(file)).pages]).toEqual([0, 1, 0]);
  });

  test('cache2k: four bytes a page, the highest first', async () => {
    const file = write('c.trace', Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0));
    expect([...(await readTrace(file)).pages]).toEqual([0, 1, 0]);
  });

  test('what is no trace is refused, by name', async () => {
    const folder = join(temporaryFolder(), 'empty');
    mkdirSync(folder);
    expect(() => listTraces(folder)).toThrow(/is empty; expected \.lis, \.trace, \.bin/);
    expect(() => listTraces(join(folder, 'none'))).toThrow(/there is no folder .*none/);
    writeFileSync(join(folder, 'notes.md'), '');
    expect(() => listTraces(folder)).toThrow('notes.md is of no known format');
    await expect(readTrace(write('d.lis', '1 2\nx\n'))).rejects.toThrow(
      /line 2 of .*d\.lis: expected "start count 0 number", got "x"/,
    );
    await expect(readTrace(write('e.trace.gz', 'no archive'))).rejects.toThrow(
      /e\.trace\.gz cannot be read/,
    );
    await expect(readTrace(write('f.trace', Uint8Array.of(1, 2, 3)))).rejects.toThrow(
      'expected pages of 4 bytes each, got 3 bytes',
    );
  });
});

describe.skipIf(!existsSync(join(TRACES, 'arc-OLTP.lis.zst')))(
  'the trace OLTP (skipped without shared data)',
  () => {
    test('LRU and ARC hit what was published, and what is not them does not', async () => {
      const oltp = await readTrace(join(TRACES, 'arc-OLTP.lis.zst'));
      expect(oltp.pages.length).toBe(914_145);
      const compared = compareWithPublished(oltp, [1000]);
      expect(compared.map(({ policy, isAgreed }) => [policy, isAgreed])).toEqual([
        ['lru', true],
        ['arc', true],
        ['fifo, as if it were lru', false],
        ['arc that does not adapt', false],
      ]);
    });

    test('the xz decoder reads the web trace', async () => {
      const web = await readTrace(join(TRACES, 'cache2k-web12.trace.xz'));
      expect([web.pages.length, web.pageCount]).toEqual([95_607, 13_756]);
    });
  },
);
