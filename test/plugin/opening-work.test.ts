/**
 * How much an opening does between two pauses, by count and not by the clock: rows read of the
 * directory, cells put into the tree, LODs pinned. A larger world has more steps, not longer ones.
 */
import { describe, expect, it } from 'vitest';
import { drain } from '../../src/base/steps.ts';
import { writeDetail } from '../../src/catalog/lod-rules.ts';
import { fillRows, reserveRows } from '../../src/catalog/mount.ts';
import { checkDirectory } from '../../src/io/bundle/check-directory.ts';
import type { Directory } from '../../src/io/bundle/format.ts';
import { readDirectory } from '../../src/io/bundle/read-directory.ts';
import { sliceFirst } from '../../src/io/bundle/read-slice.ts';
import { admitWorld } from '../../src/plugin/admit-world.ts';
import type { OpenedWorld, StreamWorld } from '../../src/world.ts';
import { makeStreamWorld } from '../support/stream-world.ts';
import { makeSyntheticWorld, type SyntheticWorld } from '../support/synthetic-world.ts';

let looks = 0;

type Column = Uint8Array | Uint16Array | Uint32Array | Float32Array;

/** The same values; counts how often one is read. */
function counting<T extends Column>(column: T): T {
  return new Proxy(column, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value === 'function') return value.bind(target);
      if (typeof key === 'string' && key !== 'length') looks++;
      return value;
    },
  });
}

function countingAll(directory: Directory): Directory {
  const entries = Object.entries(directory).map(([name, value]) => [
    name,
    ArrayBuffer.isView(value) ? counting(value as Column) : value,
  ]);
  return Object.fromEntries(entries) as Directory;
}

interface Work {
  /** Looks in the step with the most of them, and in all. */
  most: number;
  sum: number;
}

function measure(steps: Generator<void>): Work {
  const work = { most: 0, sum: 0 };
  for (let isDone = false; !isDone; ) {
    looks = 0;
    isDone = steps.next().done === true;
    work.most = Math.max(work.most, looks);
    work.sum += looks;
  }
  return work;
}

/** The same work without a pause: what the bound must not let pass. */
function* atOnce(steps: Generator<void>): Generator<void> {
  yield drain(steps);
}

/** A world whose rows are filled, on its way into all decisions. */
function mounted(directory: Directory): { world: StreamWorld; opened: OpenedWorld } {
  const world = makeStreamWorld(1e12);
  const mount = drain(reserveRows(world, directory));
  drain(fillRows(world, directory, mount, 0));
  const opened: OpenedWorld = {
    name: 'counted',
    path: 'world.json',
    bounds: [],
    source: 0,
    endReading: () => undefined,
    opening: null,
    mount,
    firstFile: 0,
    fileCount: 0,
    groups: [],
    isAdmitted: false,
    levels: [],
    lostSlices: new Set(),
    readLost: () => undefined,
  };
  const { cells, cellTree } = world;
  cells.runAssets = counting(cells.runAssets);
  cells.levels = counting(cells.levels);
  const insert = cellTree.set.bind(cellTree);
  cellTree.set = (...box) => {
    // Putting a cell into the tree costs as much as reading a hundred rows.
    looks += 100;
    insert(...box);
  };
  return { world, opened };
}

const PARTS = {
  'checking the directory': checkDirectory,
  'filling the tables': (directory: Directory) => {
    const world = makeStreamWorld(1e12);
    return fillRows(world, directory, drain(reserveRows(world, directory)), 0);
  },
  'taking part in decisions': (directory: Directory) => {
    const { world, opened } = mounted(directory);
    return admitWorld(world, opened);
  },
} as const;

/** A look is a few nanoseconds: this many are a fraction of a millisecond. */
const MOST_LOOKS = 100_000;

function makeDirectory(factor: number): { synthetic: SyntheticWorld; directory: Directory } {
  const side = Math.sqrt(factor);
  const synthetic = makeSyntheticWorld({
    placements: 36_000 * factor,
    assets: 1800 * factor,
    extentMeters: 3000 * side,
    finestBytes: 16,
    terrainDepth: 3,
    levels: Array.from({ length: 8 }, (_, i) => ({
      name: `level-${i}`,
      center: [(i - 4) * 300 * side, 0, 0],
      radius: 140 * side,
    })),
  });
  return { synthetic, directory: drain(readDirectory(synthetic.files['catalog.ffc']!)) };
}

const small = makeDirectory(1);
const large = makeDirectory(3);

describe('a step of an opening', () => {
  it.each(Object.keys(PARTS) as (keyof typeof PARTS)[])('of %s is never long', (name) => {
    const part = PARTS[name];
    const one = measure(part(countingAll(small.directory)));
    const three = measure(part(countingAll(large.directory)));
    expect(three.sum).toBeGreaterThan(one.sum * 2.2);
    expect(three.sum).toBeGreaterThan(MOST_LOOKS * 2);
    expect(three.most).toBeLessThan(MOST_LOOKS);
    // Without pauses the same count is far above the bound.
    const unbroken = measure(atOnce(part(countingAll(large.directory))));
    expect(unbroken.most).toBeGreaterThan(MOST_LOOKS * 2);
  });

  it('reads no more placements than a slice holds', () => {
    const { counts } = large.directory;
    const sizes = Array.from(
      { length: counts.slices },
      (_, slice) => sliceFirst(large.directory, slice + 1) - sliceFirst(large.directory, slice),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(108_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(8192);
  });
});

describe('the frames after an opening', () => {
  it('write the detail of so many cells each, and in the end of all', () => {
    const { world } = mounted(large.directory);
    const { cells } = world;
    const plain = cells.detailErrors.slice();
    cells.detailErrors.fill(-1);
    cells.detailedCount = 0;
    let frames = 0;
    for (; cells.detailedCount < cells.count; frames++) {
      looks = 0;
      const from = cells.detailedCount;
      writeDetail(world, from, 10_000);
      expect(looks).toBeLessThan(11_000);
      expect(cells.detailedCount).toBeGreaterThan(from);
    }
    expect(frames).toBeGreaterThan(8);
    expect(cells.detailErrors).toEqual(plain);
    // All at once it looks at every run.
    looks = 0;
    writeDetail(world, 0);
    expect(looks).toBeGreaterThan(50_000);
  });
});
