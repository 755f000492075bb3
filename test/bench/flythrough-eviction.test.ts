/** What is said of flights by eviction policy, and where the table goes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  controlLines,
  type EvictionResult,
  evictionTable,
} from '../../bench/flythrough/eviction.ts';
import { writeTable } from '../../bench/flythrough/write-table.ts';
import { temporaryFolder } from '../cook/sources.ts';

const result = (label: string, relative: number, mustExceed: number | null): EvictionResult => ({
  subject: `plugin:${label}`,
  label,
  relative,
  relativeByMemory: [relative, relative],
  relativePx: relative,
  reloadPercent: 20,
  hitPercent: 40,
  flights: [],
  mustExceed,
  isCaught: mustExceed === null || relative > mustExceed,
});

describe('the table of eviction policies', () => {
  const results = [
    result('distance', 1.5, 1.2),
    result('value', 1, null),
    result('heat', 1.1, 1.2),
  ];

  test('has the best first', () => {
    const lines = evictionTable(results).split('\n');
    expect(lines.slice(2).map((line) => line.split(' ')[1])).toEqual(['value', 'heat', 'distance']);
    expect(lines[2]).toBe('| value | 1.00 | 1.00 | 1.00 | 1.00 | 20 | 40 |');
  });

  test('says which of those that must be worse were, and of no others', () => {
    expect(controlLines(results)).toEqual([
      'caught     distance: error ÷ value 1.50, must exceed 1.2',
      'NOT CAUGHT heat: error ÷ value 1.10, must exceed 1.2',
    ]);
  });

  test('goes between its two lines, and nowhere else', () => {
    const file = join(temporaryFolder(), 'page.md');
    const begin = '<!-- eviction: written by `npm run bench -- flythrough --eviction` -->';
    writeFileSync(file, `before\n${begin}\n\nold\n\n<!-- end of eviction -->\nafter\n`);
    writeTable('eviction', 'new', file);
    expect(readFileSync(file, 'utf8')).toBe(
      `before\n${begin}\n\nnew\n\n<!-- end of eviction -->\nafter\n`,
    );
    expect(() => writeTable('ablations', 'new', file)).toThrow(
      /page\.md: expected the lines <!-- ablations: .* and <!-- end of ablations -->/,
    );
  });
});
