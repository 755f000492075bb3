/** The store: quota to the byte, least recently used out first, nothing wrong ever given out. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../src/base/random.ts';
import { CacheStore, MIN_QUOTA_BYTES } from '../../../src/io/cache/cache-store.ts';
import { ExtentMap } from '../../../src/io/cache/extents.ts';
import { type CacheKey, fileKey, rangeKey } from '../../../src/io/cache/key.ts';
import { CrashDisk } from '../../support/crash-disk.ts';

const key = (name: number | string): CacheKey => fileKey('test', `${name}`);

function filled(size: number, value: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => value + i * 31 + (i >> 8));
}

function openOn(disk: CrashDisk, quotaBytes = MIN_QUOTA_BYTES): CacheStore {
  return new CacheStore(disk.files, { quotaBytes });
}

describe('entries', () => {
  test('come back as they were put, each in a buffer of its own, in the next run too', () => {
    const disk = new CrashDisk();
    const store = openOn(disk);
    for (const size of [1, 511, 512, 513, 40_000]) store.put(key(size), filled(size, size));
    const first = store.get(key(513))!;
    first.fill(0);
    store.close();
    const next = openOn(disk);
    for (const size of [1, 511, 512, 513, 40_000]) {
      const bytes = next.get(key(size))!;
      expect(Buffer.compare(bytes, filled(size, size))).toBe(0);
      expect(bytes.buffer.byteLength).toBe(size);
    }
    expect(next.get(key('other'))).toBeNull();
    expect(next.stats()).toMatchObject({ hits: 5, misses: 1, entries: 5, damaged: 0 });
  });

  test('are known by source, file and range', () => {
    const store = openOn(new CrashDisk());
    store.put(rangeKey('a', 'f', 0, 10), filled(10, 1));
    for (const other of [
      rangeKey('b', 'f', 0, 10),
      rangeKey('a', 'g', 0, 10),
      rangeKey('a', 'f', 10, 20),
      rangeKey('a', 'f', 0, 20),
      fileKey('a', 'f'),
    ])
      expect(store.get(other)).toBeNull();
    expect(store.get(rangeKey('a', 'f', 0, 10))).toEqual(filled(10, 1));
  });

  test('under the hash of another key are no hits', () => {
    const store = openOn(new CrashDisk());
    store.put(key('a'), filled(10, 1));
    expect(store.get({ ...key('b'), hash: key('a').hash })).toBeNull();
    expect(store.stats()).toMatchObject({ damaged: 1, entries: 0 });
  });

  test('are replaced by what is put later', () => {
    const disk = new CrashDisk();
    const store = openOn(disk);
    store.put(key('a'), filled(1000, 1));
    store.commit();
    store.put(key('a'), filled(2000, 2));
    store.close();
    const next = openOn(disk);
    expect(next.get(key('a'))).toEqual(filled(2000, 2));
    expect(next.stats().entries).toBe(1);
  });

  test('that are dropped or cleared stay away', () => {
    const disk = new CrashDisk();
    const store = openOn(disk);
    for (const name of ['a', 'b', 'c']) store.put(key(name), filled(5000, 1));
    store.drop(key('b'));
    store.commit();
    const next = openOn(disk);
    expect(next.get(key('b'))).toBeNull();
    expect(next.get(key('c'))).not.toBeNull();
    next.clear();
    expect(next.stats().entries).toBe(0);
    expect(next.stats().bytes).toBeLessThan(200);
    expect(openOn(disk).get(key('a'))).toBeNull();
  });
});

describe('the quota', () => {
  test.each([MIN_QUOTA_BYTES, 262_145, 300_001, 1_234_567])(
    'of %i bytes holds after every operation',
    (quota) => {
      const random = createRandom(quota);
      let most = 0;
      const disk: CrashDisk = new CrashDisk({
        onOperation: () => {
          most = Math.max(most, disk.bytes);
        },
      });
      const store = openOn(disk, quota);
      for (let i = 0; i < 1500; i++) {
        store.put(
          key(Math.floor(random() * 400)),
          filled(1 + Math.floor(random() ** 3 * 40_000), i),
        );
        if (i % 9 === 0) store.commit();
      }
      expect(Math.max(most, disk.bytes)).toBeLessThanOrEqual(quota);
      expect(store.stats().bytes).toBe(disk.bytes);
      // And it is used: a store that keeps next to nothing would hold it too.
      expect(most).toBeGreaterThan(quota * 0.93);
      expect(store.stats().evictions).toBeGreaterThan(100);
      expect(store.stats().skipped).toBe(0);
    },
  );

  test('is used well after a long life of mixed sizes', () => {
    const random = createRandom(5);
    const quotaBytes = 2 * 1024 * 1024;
    const store = openOn(new CrashDisk(), quotaBytes);
    const sizes = new Map<number, number>();
    const shares: number[] = [];
    for (let i = 0; i < 3000; i++) {
      const size = 200 + Math.floor(random() ** 4 * 100_000);
      sizes.set(i, size);
      store.put(key(i), new Uint8Array(size).fill(i));
      if (i < 1000 || i % 250 !== 0) continue;
      let live = 0;
      for (let name = 0; name <= i; name++) if (store.get(key(name))) live += sizes.get(name)!;
      shares.push(live / quotaBytes);
    }
    // The rest is the index's share, the room that evictions make ahead, and units not filled.
    expect(Math.min(...shares)).toBeGreaterThan(0.88);
  });

  test('that is smaller than last time is held from the start', () => {
    const disk = new CrashDisk();
    const store = openOn(disk, 2_000_000);
    for (let i = 0; i < 200; i++) store.put(key(i), filled(9000, i));
    store.close();
    expect(disk.bytes).toBeGreaterThan(1_500_000);
    const next = openOn(disk, 400_000);
    expect(disk.bytes).toBeLessThanOrEqual(400_000);
    const kept = Array.from({ length: 200 }, (_, i) => next.get(key(i))).filter(Boolean).length;
    expect(kept).toBeGreaterThan(20);
    expect(next.stats().damaged).toBe(0);
  });

  test('of entries is held: many small ones push out the oldest', () => {
    const store = openOn(new CrashDisk());
    for (let i = 0; i < 300; i++) store.put(key(i), filled(10, i));
    expect(store.stats().entries).toBeLessThanOrEqual(47);
    expect(store.get(key(299))).not.toBeNull();
    expect(store.get(key(200))).toBeNull();
  });

  test('is not spent on one huge entry', () => {
    const store = openOn(new CrashDisk());
    store.put(key('small'), filled(1000, 1));
    expect(store.put(key('huge'), filled(MIN_QUOTA_BYTES / 2, 1))).toBe(false);
    expect(store.get(key('small'))).not.toBeNull();
    expect(store.stats().skipped).toBe(1);
  });
});

describe('what goes', () => {
  const SIZE = 10_000;
  /** Puts 24 entries, which fill the store, uses some, then puts `more` others. */
  const survivors = (used: number[], more: number, reopen: boolean): number[] => {
    const disk = new CrashDisk();
    let store = openOn(disk);
    for (let i = 0; i < 24; i++) store.put(key(i), filled(SIZE, i));
    for (const i of used) store.get(key(i));
    if (reopen) {
      store.close();
      store = openOn(disk);
    }
    for (let i = 0; i < more; i++) store.put(key(100 + i), filled(SIZE, i));
    store.close();
    const seen = openOn(disk);
    return Array.from({ length: 24 }, (_, i) => i).filter((i) => seen.get(key(i)));
  };

  test.each([false, true])('is what was used least recently (reopened: %s)', (reopen) => {
    const left = survivors([], 10, reopen);
    expect(left.length).toBeGreaterThan(10);
    expect(left).toEqual(Array.from({ length: left.length }, (_, i) => 24 - left.length + i));
    const used = survivors([0, 3, 1], 10, reopen);
    expect(used.slice(0, 3)).toEqual([0, 1, 3]);
    expect(used).not.toContain(2);
  });

  test('goes in the order of use among the used', () => {
    const left = survivors([5, 4, 3, 2, 1, 0], 20, false);
    // The last used survive: 0, then 1, then 2.
    expect(left.length).toBeGreaterThan(1);
    expect(left).toEqual(Array.from({ length: left.length }, (_, i) => i));
  });
});

describe('a device that fails', () => {
  test.each([0, 1, 2])('by flipping bytes of file %i gives out nothing wrong', (file) => {
    const disk = new CrashDisk();
    const store = openOn(disk);
    for (let i = 0; i < 20; i++) store.put(key(i), filled(400, i));
    store.close();
    const clean = disk.contents();
    const random = createRandom(9);
    let misses = 0;
    for (let trial = 0; trial < 300; trial++) {
      const contents = clean.map((bytes) => bytes.slice());
      const target = contents[file]!;
      if (target.length === 0) return;
      target[Math.floor(random() * target.length)]! ^= 1 + Math.floor(random() * 255);
      const next = openOn(new CrashDisk({ contents }));
      for (let i = 0; i < 20; i++) {
        const bytes = next.get(key(i));
        if (bytes) expect(Buffer.compare(bytes, filled(400, i))).toBe(0);
        else misses++;
      }
    }
    expect(misses).toBeGreaterThan(50);
  });

  test('by holding something else entirely opens empty, and works', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 500 }), { minLength: 3, maxLength: 3 }),
        (raw) => {
          const contents = raw.map((bytes) => Uint8Array.from(bytes));
          const store = openOn(new CrashDisk({ contents }));
          expect(store.stats().entries).toBe(0);
          store.put(key('a'), filled(3000, 1));
          store.commit();
          expect(store.get(key('a'))).toEqual(filled(3000, 1));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('by being full makes do with the room there is', () => {
    const disk = new CrashDisk({ capacityBytes: 120_000 });
    const store = openOn(disk, 1_000_000);
    for (let i = 0; i < 100; i++) {
      store.put(key(i), filled(8000, i));
      if (i % 4 === 0) store.commit();
    }
    expect(store.failure).toBe('');
    expect(store.get(key(99))).toEqual(filled(8000, 99));
    // Half of what the device has, less the index.
    expect(store.stats().entries).toBeGreaterThan(5);
  });

  test('when the index is written ends writing, not reading', () => {
    let isBroken = false;
    const disk = new CrashDisk({
      onOperation: ({ file }) => {
        if (isBroken && file > 0) throw new Error('input/output error');
      },
    });
    const store = openOn(disk);
    store.put(key('a'), filled(3000, 1));
    store.commit();
    isBroken = true;
    store.put(key('b'), filled(3000, 2));
    store.commit();
    expect(store.failure).toMatch(/input\/output error/);
    expect(store.put(key('c'), filled(10, 1))).toBe(false);
    expect(store.get(key('a'))).toEqual(filled(3000, 1));
  });
});

describe('free space', () => {
  test('is given out once and joined again, as a plain map of units says', () => {
    const action = fc.oneof(
      fc.record({ take: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ release: fc.nat(30) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
        const limit = 64;
        const map = new ExtentMap(limit);
        const used = new Set<number>();
        const held: { start: number; count: number }[][] = [];
        for (const one of actions) {
          if ('take' in one) {
            const extents = map.allocate(one.take);
            if (!extents) continue;
            expect(extents.reduce((sum, { count }) => sum + count, 0)).toBe(one.take);
            expect(extents.length).toBeLessThanOrEqual(4);
            held.push(extents);
            for (const { start, count } of extents)
              for (let unit = start; unit < start + count; unit++) {
                expect(used.has(unit)).toBe(false);
                expect(unit).toBeLessThan(limit);
                used.add(unit);
              }
          } else {
            const [extents] = held.splice(one.release % Math.max(1, held.length), 1);
            for (const extent of extents ?? []) {
              map.release(extent);
              for (let i = 0; i < extent.count; i++) used.delete(extent.start + i);
            }
          }
          expect(map.free).toBe(limit - used.size);
          expect(map.end).toBe(used.size === 0 ? 0 : Math.max(...used) + 1);
          let holes = 0;
          for (let unit = 0; unit < limit; unit++)
            if (!used.has(unit) && (unit === 0 || used.has(unit - 1))) holes++;
          expect(map.holes).toBe(holes);
        }
      }),
    );
  });
});
