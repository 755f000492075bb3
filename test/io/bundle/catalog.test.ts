import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DIRECTORY_BYTES_AT,
  HEADER_CHECKSUM_AT,
  headerChecksum,
  SECTIONS_AT,
} from '../../../src/io/bundle/catalog-layout.ts';
import {
  type Catalog,
  COLUMN_SPECS,
  type ColumnName,
  directoryBytesOf,
  FORMAT_VERSION,
  readCatalog,
  stringAt,
  writeCatalog,
} from '../../../src/io/bundle/index.ts';
import { sampleCatalog } from '../../support/sample-catalog.ts';

const COLUMN_NAMES = [
  ...(Object.keys(COLUMN_SPECS) as ColumnName[]).filter((name) => !name.startsWith('slice')),
  'positions',
  'rotations',
  'scales',
] as (keyof Omit<Catalog, 'counts'>)[];

/** Changes the sample before it is written. */
function written(edit: (catalog: Catalog) => void = () => undefined): Uint8Array {
  const catalog = sampleCatalog();
  edit(catalog);
  return writeCatalog(catalog);
}

/** Bytes of the file that belong to no section, no entry and no header: padding. */
function isPadding(bytes: Uint8Array): (offset: number) => boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const count = view.getUint16(6, true);
  const used = new Uint8Array(bytes.length).fill(1, 0, SECTIONS_AT + count * 16);
  for (let i = 0; i < count; i++) {
    const start = view.getUint32(SECTIONS_AT + i * 16 + 4, true);
    used.fill(1, start, start + view.getUint32(SECTIONS_AT + i * 16 + 8, true));
  }
  used.fill(1, view.getUint32(DIRECTORY_BYTES_AT, true));
  return (offset) => used[offset] === 0;
}

describe('a catalog', () => {
  test('is read back as it was written', () => {
    const catalog = sampleCatalog();
    const read = readCatalog(writeCatalog(catalog));
    expect(read.counts).toEqual(catalog.counts);
    for (const name of COLUMN_NAMES) expect(read[name], name).toEqual(catalog[name]);
  });

  test('is the same bytes each time it is written', () => {
    expect(written()).toEqual(written());
  });

  test('is read as views on the bytes of the file where they are not packed', () => {
    const bytes = written();
    const read = readCatalog(bytes);
    for (const [name, { packed }] of Object.entries(COLUMN_SPECS))
      if (!packed && !name.startsWith('slice'))
        expect(read[name as 'text'].buffer, name).toBe(bytes.buffer);
  });

  test('is read from any place in a larger buffer', () => {
    const bytes = written();
    for (const shift of [0, 1, 4, 8]) {
      const larger = new Uint8Array(bytes.length + 16);
      larger.set(bytes, shift);
      const read = readCatalog(larger.subarray(shift, shift + bytes.length));
      expect(read.positions).toEqual(sampleCatalog().positions);
    }
  });

  test('gives back its names', () => {
    const read = readCatalog(written());
    expect([0, 1, 2, 3, 4, 5].map((i) => stringAt(read, i))).toEqual([
      'oak',
      'größe',
      'harbor',
      'town',
      'winter',
      'hills',
    ]);
    expect(() => stringAt(read, 6)).toThrow('catalog name 6 does not exist, there are 6');
  });

  test('with a section that a later cook added is read without it', () => {
    const bytes = written();
    const count = new DataView(bytes.buffer).getUint16(6, true);
    const tableEnd = SECTIONS_AT + count * 16;
    const larger = new Uint8Array(bytes.length + 16);
    larger.set(bytes.subarray(0, tableEnd));
    larger.set(new TextEncoder().encode('NEWS'), tableEnd);
    larger.set(bytes.subarray(tableEnd), tableEnd + 16);
    const view = new DataView(larger.buffer);
    for (let i = 0; i < count; i++) {
      const at = SECTIONS_AT + i * 16 + 4;
      view.setUint32(at, view.getUint32(at, true) + 16, true);
    }
    view.setUint16(6, count + 1, true);
    view.setUint32(DIRECTORY_BYTES_AT, directoryBytesOf(bytes) + 16, true);
    expect(() => readCatalog(larger)).toThrow('its header has checksum');
    view.setUint32(HEADER_CHECKSUM_AT, headerChecksum(larger, count + 1), true);
    expect(readCatalog(larger).positions).toEqual(sampleCatalog().positions);
  });
});

describe('a damaged catalog', () => {
  test('is noticed whichever byte is flipped', () => {
    const bytes = written();
    const padding = isPadding(bytes);
    for (let offset = 0; offset < bytes.length; offset++) {
      if (padding(offset)) continue;
      for (const bit of [1, 128]) {
        const broken = bytes.slice();
        broken[offset]! ^= bit;
        expect(() => readCatalog(broken), `byte ${offset}`).toThrow();
      }
    }
    expect(() => readCatalog(bytes)).not.toThrow();
  });

  test('is noticed wherever it is cut off', () => {
    const bytes = written();
    for (let length = 0; length < bytes.length - 8; length += 3)
      expect(() => readCatalog(bytes.slice(0, length)), `${length} bytes`).toThrow(
        /damaged catalog/,
      );
  });

  test('never makes the reader do anything but throw or answer', () => {
    const bytes = written();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (edits) => {
          const broken = bytes.slice();
          for (const [offset, value] of edits) broken[offset] = value;
          try {
            readCatalog(broken, { checksums: false });
          } catch (error) {
            expect((error as Error).name).toBe('StreamError');
          }
        },
      ),
      { seed: 7, numRuns: 500 },
    );
  });

  test('of a newer version says which and what to do', () => {
    const bytes = written();
    new DataView(bytes.buffer).setUint16(4, FORMAT_VERSION + 1, true);
    expect(() => readCatalog(bytes)).toThrow(
      `format version ${FORMAT_VERSION + 1}, the newest this farfield can read is ${FORMAT_VERSION}`,
    );
  });

  test('of an older version says that the world must be cooked again', () => {
    const bytes = written();
    const view = new DataView(bytes.buffer);
    view.setUint16(4, 1, true);
    view.setUint32(HEADER_CHECKSUM_AT, headerChecksum(bytes, view.getUint16(6, true)), true);
    expect(() => readCatalog(bytes)).toThrow(
      `the catalog has format version 1, this farfield reads version ${FORMAT_VERSION}; cook`,
    );
  });

  test('that is another file says what it begins with', () => {
    expect(() => readCatalog(new TextEncoder().encode('x'.repeat(100)))).toThrow(
      'begins with 0x78787878, expected 0x54434646',
    );
  });

  const edits: [string, keyof Omit<Catalog, 'counts'>, number, number, RegExp][] = [
    ['a name outside the table', 'assetNames', 1, 6, /ANAM row 1 is 6, expected below 6/],
    ['a level name outside', 'levelNames', 0, 9, /LNAM row 0 is 9/],
    ['an asset outside', 'runAssets', 2, 2, /RAST row 2 is 2, expected below 2/],
    ['a level outside', 'cellLevels', 0, 2, /CLVL row 0 is 2, expected below 2/],
    ['a layer outside', 'cellLayers', 2, 1, /CLAY row 2 is layer 1, expected below 1/],
    [
      'an inverted layer outside',
      'cellLayers',
      1,
      0x8001,
      /CLAY row 1 is layer 1 \(while it is off\)/,
    ],
    ['a layer name outside', 'layerNames', 0, 6, /YNAM row 0 is 6, expected below 6/],
    ['a level stood in for outside', 'cellProxies', 0, 2, /CPRX row 0 is 2, expected below 2/],
    ['a proxy in a level', 'cellProxies', 1, 0, /CPRX row 1 is 0 in a cell of level 0/],
    ['a grid outside', 'levelGrids', 0, 1, /LGRD row 0 is 1, expected below 1/],
    ['a grid name outside', 'gridNames', 0, 6, /GNAM row 0 is 6/],
    ['squares without a size', 'gridEdges', 0, 0, /GCEL row 0 is 0, expected more than 0/],
    ['a range below 0', 'gridRanges', 0, -1, /GRNG row 0 is -1, expected more than 0/],
    ['a grid of a layer outside', 'gridLayers', 0, 1, /GLAY row 0 is layer 1, expected below 1/],
    ['a tile payload outside', 'terrainPayloads', 4, 10, /TPAY row 4 is 10/],
    ['no LOD', 'assetLodCounts', 0, 0, /ALOD row 0 is 0, expected 1 to 5/],
    ['six LODs', 'assetLodCounts', 0, 6, /ALOD row 0 is 6/],
    ['LODs past the payloads', 'assetPayloads', 1, 9, /APAY row 1 ends at payload 11/],
    ['runs that go back', 'cellRuns', 1, 4, /CRUN falls from 4 to 3/],
    ['runs that begin late', 'cellRuns', 0, 1, /CRUN begins with 1/],
    ['slots past the placements', 'runSlots', 4, 7, /RSLT ends with 7, expected 6/],
    ['names past the text', 'stringStarts', 6, 99, /STRS ends with 99/],
    ['a child before its parent', 'terrainChildren', 0, 0, /TCHD row 0 is 0/],
    ['a model of terrain', 'payloadKinds', 1, 2, /PKND row 1 is 2, expected 1 \(mesh\)/],
    ['terrain of models', 'payloadKinds', 6, 1, /PKND row 6 is 1, expected 2 \(terrain\)/],
    ['an unknown kind', 'payloadKinds', 1, 9, /PKND row 1 is 9, expected 1 \(mesh\)/],
    ['a file with LODs', 'payloadKinds', 0, 16, /ALOD row 0 is \d, expected 1 for a file/],
    ['children past the end', 'terrainChildren', 0, 2, /TCHD row 0 is 2, expected 1 to 1/],
    ['a box that is none', 'cellBoxes', 7, Number.NaN, /CBOX row 1 has NaN/],
    ['an endless error', 'assetErrors', 6, Number.POSITIVE_INFINITY, /AERR row 1 has Infinity/],
    ['a run without a size', 'runScales', 1, 0, /RSCL row 1 is 0, expected more than 0/],
    ['a position that is none', 'positions', 4, Number.NaN, /slice 0: position of row 1 is NaN/],
    ['a scale of 0', 'scales', 5, 0, /slice 2: scale of row 0 is 0, expected more than 0/],
  ];
  test.each(edits)('with %s is refused', (_, column, row, value, message) => {
    const bytes = written((catalog) => {
      catalog[column][row] = value;
    });
    expect(() => readCatalog(bytes)).toThrow(message);
  });

  test('in which a file is placed is refused', () => {
    const place = (kind: number) => (): unknown =>
      readCatalog(
        written((catalog) => {
          catalog.assetLodCounts.fill(1);
          catalog.payloadKinds[catalog.assetPayloads[1]!] = kind;
        }),
      );
    expect(place(1)).not.toThrow();
    expect(place(16)).toThrow(/RAST names asset 1, a file, which cannot be placed/);
  });

  test('whose cells are out of order is refused', () => {
    const ordered = (edit: (catalog: Catalog) => void) => (): unknown => readCatalog(written(edit));
    const levels = ordered((catalog) => catalog.cellLevels.set([0xffff, 1, 0]));
    expect(levels).toThrow(/CLVL falls from 1 to 0 at row 2/);
    const layers = ordered((catalog) => catalog.cellLevels.set([0xffff, 1, 1]));
    expect(layers).toThrow(/CLAY falls from 32768 to 0 at row 2/);
    const proxies = ordered((catalog) => {
      catalog.cellLevels.fill(0xffff);
      catalog.cellLayers.fill(0xffff);
    });
    expect(proxies).toThrow(/CPRX falls from 1 to 65535 at row 1/);
  });

  test('in which a grid has a square twice is refused', () => {
    const twice = written((catalog) => {
      catalog.levelGrids.fill(0);
      catalog.levelSquares.set([3, -2]);
    });
    expect(() => readCatalog(twice)).toThrow('LGXZ row 1 is square 3, -2 of grid 0, as row 0');
  });

  test('in which a tile has two parents is refused', () => {
    const catalog = sampleCatalog();
    const counts = { ...catalog.counts, terrain: 9 };
    const payloads = new Uint32Array(9).fill(5);
    const children = new Uint32Array(9).fill(0xffffffff);
    children[0] = 2;
    children[1] = 5;
    const tree = { terrainBoxes: new Float32Array(54), terrainErrors: new Float32Array(9) };
    const wide = {
      ...catalog,
      ...tree,
      terrainPayloads: payloads,
      terrainChildren: children,
      counts,
    };
    expect(() => writeCatalog(wide)).not.toThrow();
    children[1] = 3;
    expect(() => readCatalog(writeCatalog(wide))).toThrow(/two parents/);
  });
});

test('a catalog whose column does not fit its table is not written', () => {
  const catalog = { ...sampleCatalog(), scales: new Float32Array(5) };
  expect(() => writeCatalog(catalog)).toThrow('column scales has 5 values, expected 6');
});
