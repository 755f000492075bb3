/** What is said of flights by eviction policy, and where the table goes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  controlLines,
  type EvictionResult,
  evictionTable,
  judgeEviction,
} from '../../bench/flythrough/eviction.ts';
import { writeTable } from '../../bench/flythrough/write-table.ts';
import { temporaryFolder } from '../cook/sources.ts';

const result = (name: string, label: string, relative: number): EvictionResult => ({
  subject: name,
  label,
  relative,
  relativeByMemory: [relative, relative],
  relativePx: relative,
  reloadPercent: 20,
  hitPercent: 40,
  flights: [],
});

describe('the table of eviction policies', () => {
  const results = [
    result('plugin:evict-distance', 'distance', 1.5),
    result('plugin', 'value', 1),
    result('plugin:evict-lru', 'LRU', 1.1),
    result('plugin:evict-heat', 'heat', 1.3),
    result('plugin:evict-cold-heat', 'cold', 1.2),
  ];

  test('has the best first', () => {
    const lines = evictionTable(results).split('\n').slice(2);
    expect(lines.map((line) => line.split(' ')[1])).toEqual([
      'value',
      'LRU',
      'cold',
      'heat',
      'distance',
    ]);
    expect(lines[0]).toBe('| value | 1.00 | 1.00 | 1.00 | 1.00 | 20 | 40 |');
  });

  test('says which of those that must be worse were, and of no others', () => {
    expect(controlLines(judgeEviction(results))).toEqual([
      'NOT CAUGHT cold: error ÷ value 1.20, must exceed that of heat, 1.30',
      'caught     distance: error ÷ value 1.50, must exceed that of LRU, 1.10',
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
