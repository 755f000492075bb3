import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COLUMN_SPECS, FORMAT_VERSION, TABLES } from '../../../src/io/bundle/index.ts';

const DOCS = readFileSync(new URL('../../../docs/bundle-format.md', import.meta.url), 'utf8');

test('the document of the format lists every column as the code has it, in file order', () => {
  const rows = [...DOCS.matchAll(/^\| `([A-Z]{4})` \| (.+?) \| (\w+) \|/gm)].map((m) => m.slice(1));
  const prefixes: Record<string, string> = {
    STRS: 'text',
    CRUN: 'runs',
    RSLT: 'placements',
    LCEL: 'cells',
    LPOS: 'bytes',
  };
  const expected = Object.values(COLUMN_SPECS).map(({ tag, type, width, table, prefix }) => {
    const wide = width > 1 ? `${type} × ${width}` : type;
    return [tag, prefix ? `${wide}, prefix → ${prefixes[tag]}` : wide, table];
  });
  expect(rows).toEqual(expected);
});

test('the document names the version and the tables of the code', () => {
  expect(DOCS).toContain(`# The bundle format, version ${FORMAT_VERSION}\n`);
  expect(DOCS).toContain(TABLES.map((table) => `\`${table}\``).join(', '));
});
