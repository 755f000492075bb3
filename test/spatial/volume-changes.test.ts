/** What was written into columns of volumes, against a list of the writes. */
import { expect, test } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { createItemList } from '../../src/spatial/octree.ts';
import { REWRITE_CALLS, VolumeChanges } from '../../src/spatial/volume-changes.ts';

const ROWS = 301;

function makeColumns() {
  return {
    center: new Float32Array(ROWS * 3),
    active: new Uint8Array(ROWS),
    radius: new Float32Array(ROWS),
    levels: new Uint32Array(ROWS * 7),
    priority: new Uint8Array(ROWS),
  };
}

function makeChanges({ center, active, radius, levels, priority }: ReturnType<typeof makeColumns>) {
  const rest = [
    { column: radius, stride: 1 },
    { column: levels, stride: 7 },
    { column: priority, stride: 1 },
  ];
  return new VolumeChanges({ center, active, rest });
}

test('every write to center or active of a watched row is found by the next call, and no other', () => {
  const random = createRandom(31);
  const columns = makeColumns();
  const changes = makeChanges(columns);
  const watched = new Set<number>();
  const out = createItemList();
  let found = 0;
  for (let frame = 0; frame < 600; frame++) {
    const row = 1 + Math.floor(random() * (ROWS - 1));
    if (random() < 0.4) {
      changes.remember(row);
      watched.add(row);
    } else if (random() < 0.2) {
      changes.forget(row);
      watched.delete(row);
    }
    expect(changes.watched.count).toBe(watched.size);
    const written = new Set<number>();
    for (let i = 0; i < 4; i++) {
      const other = 1 + Math.floor(random() * (ROWS - 1));
      if (random() < 0.5) columns.center[other * 3 + Math.floor(random() * 3)]! += 1e-3;
      else if (!written.has(other)) columns.active[other]! ^= 1;
      else continue;
      written.add(other);
    }
    out.count = 0;
    changes.collectMoved(out);
    const expected = [...written].filter((other) => watched.has(other)).sort((a, b) => a - b);
    expect([...out.items.subarray(0, out.count)]).toEqual(expected);
    found += out.count;
    out.count = 0;
    changes.collectMoved(out);
    expect(out.count).toBe(0);
  }
  expect(found).toBeGreaterThan(200);
});

test('NaN is found once, not for ever', () => {
  const columns = makeColumns();
  const changes = makeChanges(columns);
  changes.remember(5);
  columns.center[16] = Number.NaN;
  const out = createItemList();
  changes.collectMoved(out);
  changes.collectMoved(out);
  expect([...out.items.subarray(0, out.count)]).toEqual([5]);
});

test('any other write is found once, within so many calls', () => {
  const columns = makeColumns();
  const changes = makeChanges(columns);
  for (let row = 1; row < ROWS; row += 3) changes.remember(row);
  columns.radius[4] = 7;
  columns.levels[100 * 7 + 6] = 9;
  columns.priority[298] = 1;
  columns.radius[5] = 7; // Not watched.
  const found: number[] = [];
  for (let call = 0; call < 3 * REWRITE_CALLS; call++) {
    const out = createItemList();
    changes.collectRewritten(out);
    expect(out.count === 0 || call < REWRITE_CALLS).toBe(true);
    found.push(...out.items.subarray(0, out.count));
  }
  expect(found.sort((a, b) => a - b)).toEqual([4, 100, 298]);
});

test('what is remembered anew is known', () => {
  const columns = makeColumns();
  const changes = makeChanges(columns);
  changes.remember(5);
  columns.center[15] = 3;
  columns.radius[5] = 3;
  changes.remember(5);
  const out = createItemList();
  changes.collectMoved(out);
  for (let call = 0; call < REWRITE_CALLS; call++) changes.collectRewritten(out);
  expect(out.count).toBe(0);
});
