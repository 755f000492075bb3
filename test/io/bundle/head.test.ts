import { describe, expect, test } from 'vitest';
import {
  FORMAT_NAME,
  FORMAT_VERSION,
  formatHead,
  parseHead,
  type WorldHeadFields,
} from '../../../src/io/bundle/index.ts';

const FIELDS: WorldHeadFields = {
  format: FORMAT_NAME,
  version: FORMAT_VERSION,
  name: 'Insel "Größe"',
  generator: 'farfield 0.1.0',
  catalog: {
    file: 'catalog-0123456789abcdef.ffc',
    bytes: 1234,
    sha256: '0123456789abcdef',
    directoryBytes: 1000,
  },
  packs: [{ file: 'pack-fedcba9876543210.ffp', bytes: 99, sha256: 'fedcba9876543210' }],
  bounds: [-1.5, 0, -2, 1.5, 20.25, 2],
  counts: { assets: 1, payloads: 5, levels: 0, placements: 9, terrain: 0 },
  residentBytes: 123456,
};

/** The text of a head with one field changed and the checksum made right again. */
function edited(change: Partial<Record<keyof WorldHeadFields, unknown>>): string {
  return formatHead({ ...FIELDS, ...change } as WorldHeadFields);
}

describe('a world head', () => {
  test('is read back as it was written', () => {
    const { checksum, ...fields } = parseHead(formatHead(FIELDS));
    expect(fields).toEqual(FIELDS);
    expect(checksum).toMatch(/^[0-9a-f]{8}$/);
  });

  test('has one text, whatever the order of its fields', () => {
    const reversed = Object.fromEntries(Object.entries(FIELDS).reverse());
    expect(formatHead(reversed as unknown as WorldHeadFields)).toBe(formatHead(FIELDS));
  });

  test('is refused whichever byte is flipped', () => {
    const bytes = new TextEncoder().encode(formatHead(FIELDS));
    for (let offset = 0; offset < bytes.length; offset++)
      for (let bit = 1; bit < 256; bit *= 2) {
        const broken = bytes.slice();
        broken[offset]! ^= bit;
        const text = new TextDecoder().decode(broken);
        expect(() => parseHead(text), `byte ${offset} bit ${bit}`).toThrow();
      }
    expect(() => parseHead(new TextDecoder().decode(bytes))).not.toThrow();
  });

  test('with other spacing is refused: it was edited', () => {
    const text = formatHead(FIELDS);
    expect(() => parseHead(`${text}\n`)).toThrow('was changed after it was written');
    expect(() => parseHead(JSON.stringify(JSON.parse(text)))).toThrow('was changed');
  });

  test('of a newer version says which and what to do', () => {
    expect(() => parseHead(edited({ version: 7 }))).toThrow(
      `the world has format version 7, the newest this farfield can read is ${FORMAT_VERSION}; ` +
        'use a newer farfield, or cook the world again with this one',
    );
    // Also when only the number was changed.
    const own = `"version": ${FORMAT_VERSION}`;
    const text = formatHead(FIELDS).replace(own, `"version": ${FORMAT_VERSION + 1}`);
    expect(() => parseHead(text)).toThrow(`format version ${FORMAT_VERSION + 1}`);
  });

  test('of an older version is refused, and says that the world must be cooked again', () => {
    expect(() => parseHead(edited({ version: 1 }))).toThrow(
      `the world has format version 1, this farfield reads version ${FORMAT_VERSION}; ` +
        'cook the world again',
    );
  });

  const refused: [string, Parameters<typeof edited>[0], RegExp][] = [
    ['another format', { format: 'gltf' }, /format is "gltf", expected "farfield-world"/],
    ['version 0', { version: 0 }, /version is 0/],
    [
      'a pack in another folder',
      { packs: [{ ...FIELDS.packs[0], file: '../x' }] },
      /plain file name/,
    ],
    ['a hidden file', { catalog: { ...FIELDS.catalog, file: '.x' } }, /plain file name/],
    ['a short hash', { catalog: { ...FIELDS.catalog, sha256: '12' } }, /16 hex digits/],
    ['a negative size', { residentBytes: -1 }, /residentBytes is -1/],
    ['bounds of five numbers', { bounds: [1, 2, 3, 4, 5] }, /six numbers/],
    ['a nameless world', { name: 5 }, /name is 5, expected a text/],
  ];
  test.each(refused)('with %s is refused', (_, change, message) => {
    expect(() => parseHead(edited(change))).toThrow(message);
  });

  test('that is not JSON, or no object, is refused', () => {
    expect(() => parseHead('<html>')).toThrow('world.json): it is not JSON');
    expect(() => parseHead('[]')).toThrow('expected an object');
  });
});
