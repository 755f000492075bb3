/** Slices of placements: nothing is lost, each stands alone, and what is damaged is refused. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drain } from '../../../src/base/steps.ts';
import {
  COUNTS_AT,
  HEADER_CHECKSUM_AT,
  headerChecksum,
} from '../../../src/io/bundle/catalog-layout.ts';
import { type Catalog, type Directory, TABLES } from '../../../src/io/bundle/format.ts';
import { lz4Block, readCatalog, storeBlock, writeCatalog } from '../../../src/io/bundle/index.ts';
import { readDirectory } from '../../../src/io/bundle/read-directory.ts';
import { type PlacementSlice, readSlice } from '../../../src/io/bundle/read-slice.ts';
import {
  readContent,
  SLICE_PLACEMENTS,
  writeContent,
} from '../../../src/io/bundle/slice-layout.ts';
import type { Bytes } from '../../../src/io/source.ts';
import { sampleCatalog } from '../../support/sample-catalog.ts';
import { makeSyntheticWorld } from '../../support/synthetic-world.ts';

const synthetic = makeSyntheticWorld({ placements: 30_000, assets: 8, extentMeters: 3000 });

function bits(array: Float32Array): Uint32Array {
  return new Uint32Array(array.slice().buffer);
}

/** The columns that differ: to compare bytes takes no time, to compare values seconds. */
function differing(one: Catalog, other: Catalog): string[] {
  return Object.keys(one).filter((name) => {
    if (name === 'counts') return false;
    const [a, b] = [one[name as 'text'], other[name as 'text']];
    const bytes = (array: Uint8Array) =>
      Buffer.from(array.buffer, array.byteOffset, array.byteLength);
    return a.constructor !== b.constructor || !bytes(a).equals(bytes(b));
  });
}

function sliceBytes(file: Bytes, directory: Directory, slice: number): Bytes {
  const { directoryBytes, sliceStarts } = directory;
  return file.subarray(
    directoryBytes + sliceStarts[slice]!,
    directoryBytes + sliceStarts[slice + 1]!,
  );
}

/** A catalog whose only cell, of one run, holds so many placements. */
function oneCell(placements: number): Catalog {
  const catalog = sampleCatalog();
  return {
    ...catalog,
    cellBoxes: new Float32Array(6).fill(1),
    cellLevels: Uint16Array.of(0xffff),
    cellLayers: Uint16Array.of(0xffff),
    cellProxies: Uint16Array.of(0xffff),
    cellRuns: Uint32Array.of(0, 1),
    runAssets: Uint32Array.of(0),
    runSlots: Uint32Array.of(0, placements),
    runScales: Float32Array.of(1),
    positions: new Float32Array(placements * 3).map((_, i) => i / 7),
    rotations: new Int16Array(placements * 4).map((_, i) => i * 31),
    scales: new Float32Array(placements).fill(1),
    counts: { ...catalog.counts, cells: 1, runs: 1, placements },
  };
}

describe('the content of a slice', () => {
  test('gives back every bit of any positions, turns and scales', () => {
    const onGrid = fc.integer({ min: -1e9, max: 1e9 }).map((steps) => steps / 1024);
    const position = fc.oneof(fc.float(), onGrid);
    const i16 = fc.integer({ min: -32768, max: 32767 });
    let grids = 0;
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(fc.tuple(position, onGrid, i16, i16, i16, i16, fc.float()), { maxLength: 20 }),
        (isOnGrid, rows) => {
          const placements = {
            positions: Float32Array.from(rows.flatMap(([x, y]) => [isOnGrid ? y : x, y, -y])),
            rotations: Int16Array.from(rows.flatMap(([, , x, y, z, w]) => [x, y, z, w])),
            scales: Float32Array.from(rows, (row) => row[6]),
          };
          const content = writeContent(placements);
          grids += content[0]!;
          const read = readContent(content, rows.length);
          expect(bits(read.positions)).toEqual(bits(placements.positions));
          expect(read.rotations).toEqual(placements.rotations);
          expect(bits(read.scales)).toEqual(bits(placements.scales));
        },
      ),
      { seed: 5, numRuns: 300 },
    );
    expect(grids).toBeGreaterThan(50);
    expect(grids).toBeLessThan(250);
  });
});

describe('a catalog of many slices', () => {
  test.each([
    ['stored', storeBlock],
    ['packed', lz4Block],
  ])('%s is read back as it was written', (_, pack) => {
    const read = readCatalog(writeCatalog(synthetic.catalog, pack));
    expect(read.counts).toEqual(synthetic.catalog.counts);
    expect(differing(synthetic.catalog, read)).toEqual([]);
  });

  test('has slices that stand alone, cut between cells, and that together hold everything', () => {
    const file = writeCatalog(synthetic.catalog, lz4Block);
    const directory = drain(readDirectory(file));
    const { slices } = directory.counts;
    expect(slices).toBeGreaterThan(3);
    const read: PlacementSlice[] = [];
    // Last first: none needs another one before it.
    for (let slice = slices - 1; slice >= 0; slice--)
      read.unshift(readSlice(directory, slice, sliceBytes(file, directory, slice)));
    let next = 0;
    let cell = 0;
    for (const { first, firstCell, endCell, scales } of read) {
      expect([first, firstCell]).toEqual([next, cell]);
      expect(scales.length).toBeLessThanOrEqual(SLICE_PLACEMENTS);
      next += scales.length;
      cell = endCell;
    }
    expect([next, cell]).toEqual([30_000, directory.counts.cells]);
    const joined = { ...synthetic.catalog, positions: new Float32Array(90_000) };
    for (const { first, positions } of read) joined.positions.set(positions, first * 3);
    expect(differing(joined, synthetic.catalog)).toEqual([]);
  });

  test('keeps a cell in one slice however large it is', () => {
    const catalog = oneCell(SLICE_PLACEMENTS * 2 + 5);
    const file = writeCatalog(catalog);
    expect(drain(readDirectory(file)).counts.slices).toBe(1);
    expect(differing(catalog, readCatalog(file))).toEqual([]);
  });

  test('may have no placements at all', () => {
    const empty = { ...oneCell(0), cellBoxes: new Float32Array(0), cellLevels: new Uint16Array(0) };
    const noLayers = { cellLayers: new Uint16Array(0), cellProxies: new Uint16Array(0) };
    const file = writeCatalog({
      ...empty,
      ...noLayers,
      cellRuns: Uint32Array.of(0),
      runAssets: new Uint32Array(0),
      runSlots: Uint32Array.of(0),
      runScales: new Float32Array(0),
      counts: { ...empty.counts, cells: 0, runs: 0 },
    });
    expect(readCatalog(file).counts.placements).toBe(0);
  });
});

describe('a damaged slice', () => {
  const file = writeCatalog(synthetic.catalog, lz4Block);
  const directory = drain(readDirectory(file));

  test('is noticed wherever a bit is flipped, and its neighbors are read all the same', () => {
    const sound = sliceBytes(file, directory, 1);
    for (let at = 0; at < sound.length; at += 997) {
      const broken = sound.slice();
      broken[at]! ^= 1 << (at % 8);
      expect(() => readSlice(directory, 1, broken), `byte ${at}`).toThrow(
        /slice 1 has checksum .*cook the world again/,
      );
    }
    expect(readSlice(directory, 2, sliceBytes(file, directory, 2)).scales.length).toBeGreaterThan(
      0,
    );
  });

  test('with its checksum made right never makes the reader do anything but throw or answer', () => {
    const sound = sliceBytes(file, directory, 0);
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (edits) => {
          const broken = sound.slice();
          for (const [offset, value] of edits) broken[offset] = value;
          try {
            const { positions, scales } = readSlice(directory, 0, broken, { checksums: false });
            expect(positions.every(Number.isFinite)).toBe(true);
            expect(scales.every((scale) => scale > 0 && scale < Infinity)).toBe(true);
          } catch (error) {
            refused++;
            expect((error as Error).name).toBe('StreamError');
          }
        },
      ),
      { seed: 11, numRuns: 200 },
    );
    expect(refused).toBeGreaterThan(20);
  });

  test('that cannot hold what the directory says is refused with the directory', () => {
    const lying = { ...oneCell(6), runSlots: Uint32Array.of(0, 2 ** 24) };
    const bytes = writeCatalog(lying);
    const view = new DataView(bytes.buffer);
    view.setUint32(COUNTS_AT + TABLES.indexOf('placements') * 4, 2 ** 24, true);
    view.setUint32(HEADER_CHECKSUM_AT, headerChecksum(bytes, view.getUint16(6, true)), true);
    expect(() => readCatalog(bytes)).toThrow(
      /slice 0 of \d+ bytes cannot hold 16777216 placements/,
    );
  });
});
