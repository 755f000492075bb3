/**
 * Power lost at every byte of every write. Whatever of the unflushed writes survives, in whatever
 * order, the store opens, has everything that was committed, and nothing that was not written.
 */
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../src/base/random.ts';
import { CacheStore, MIN_QUOTA_BYTES } from '../../../src/io/cache/cache-store.ts';
import { type CacheKey, rangeKey } from '../../../src/io/cache/key.ts';
import { CrashDisk, type Operation } from '../../support/crash-disk.ts';

interface Step {
  name: number;
  bytes: Uint8Array;
}

interface Workload {
  seed: number;
  puts: number;
  names: number;
  minBytes: number;
  maxBytes: number;
  /** Puts between two commits. */
  batch: number;
  /** Cuts tried in one write. */
  maxCuts: number;
  /** Nothing is ever evicted, so all that was committed must be there. */
  isRoomy: boolean;
}

/** Fits the quota. */
const SMALL: Workload = {
  seed: 1,
  puts: 20,
  names: 12,
  minBytes: 1,
  maxBytes: 700,
  batch: 3,
  maxCuts: Number.POSITIVE_INFINITY,
  isRoomy: true,
};

/** Several times the quota: space is used again and again. */
const LARGE: Workload = {
  seed: 2,
  puts: 90,
  names: 40,
  minBytes: 2000,
  maxBytes: 24_000,
  batch: 5,
  maxCuts: 4,
  isRoomy: false,
};

/** Enough to show that a fault is seen. */
const FEW_CUTS: Workload = { ...SMALL, maxCuts: 4 };

interface Findings {
  crashes: number;
  /** Entries that were committed and not evicted since, and are gone. */
  lost: number;
  /** Entries that came back with other bytes than were put, or older ones than were committed. */
  wrong: number;
  /** Entries that the index had and the checksum refused. */
  damaged: number;
  /** Stores that could not take a new entry after the crash. */
  stuck: number;
  entries: number;
  evictions: number;
}

interface Setup {
  liars?: readonly number[];
  checksum?: (bytes: Uint8Array, seed: number) => number;
}

const keyOf = (name: number): CacheKey => ({ ...rangeKey('crash', `${name}`, 0, 1), bytes: -1 });

function crashEverywhere(workload: Workload, { liars = [], checksum }: Setup = {}): Findings {
  const found: Findings = {
    crashes: 0,
    lost: 0,
    wrong: 0,
    damaged: 0,
    stuck: 0,
    entries: 0,
    evictions: 0,
  };
  const random = createRandom(workload.seed);
  const options = { quotaBytes: MIN_QUOTA_BYTES, ...(checksum && { checksum }) };
  /** All versions of each name so far, and the first that may still come back. */
  const versions = new Map<number, Uint8Array[]>();
  const oldest = new Map<number, number>();

  const inspect = (operation: Operation, cut: number, mode: 'none' | 'all' | 'some'): void => {
    found.crashes++;
    const contents = disk.afterPowerLoss(operation, cut, mode, random);
    const store = new CacheStore(new CrashDisk({ contents }).files, options);
    for (const [name, all] of versions) {
      const bytes = store.get(keyOf(name));
      const committed = oldest.get(name) ?? -1;
      if (!bytes && committed >= 0 && workload.isRoomy) found.lost++;
      if (!bytes) continue;
      found.entries++;
      if (!all.slice(Math.max(0, committed)).some((version) => isSame(version, bytes)))
        found.wrong++;
    }
    found.damaged += store.stats().damaged;
    const fresh = Uint8Array.from({ length: 900 }, (_, i) => i);
    store.put(keyOf(-1), fresh);
    store.commit();
    const again = store.get(keyOf(-1));
    if (store.failure !== '' || !again || !isSame(again, fresh)) found.stuck++;
  };
  const onOperation = (operation: Operation): void => {
    const size = 'bytes' in operation ? operation.bytes.length : 1;
    const step = Math.max(1, Math.ceil(size / workload.maxCuts));
    for (let cut = 0; cut <= size; cut += step)
      for (const mode of ['none', 'all', 'some'] as const) inspect(operation, cut, mode);
  };

  const disk: CrashDisk = new CrashDisk({ liars, onOperation });
  const store = new CacheStore(disk.files, options);
  const steps = makeSteps(workload);
  steps.forEach(({ name, bytes }, i) => {
    versions.set(name, [...(versions.get(name) ?? []), bytes]);
    store.put(keyOf(name), bytes);
    if (i % 3 === 0) store.get(keyOf(Math.floor(random() * workload.names)));
    if (i % workload.batch !== 0) return;
    store.commit();
    for (const [other, all] of versions) oldest.set(other, all.length - 1);
  });
  found.evictions = store.stats().evictions;
  return found;
}

function makeSteps({ seed, puts, names, minBytes, maxBytes }: Workload): Step[] {
  const random = createRandom(seed + 100);
  return Array.from({ length: puts }, () => {
    const size = minBytes + Math.floor(random() * (maxBytes - minBytes));
    const salt = Math.floor(random() * 256);
    return {
      name: Math.floor(random() * names),
      bytes: Uint8Array.from({ length: size }, (_, i) => i * 7 + salt + (i >> 8)),
    };
  });
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

describe('power lost at every byte', () => {
  test('of a store with room: everything committed is there', () => {
    const found = crashEverywhere(SMALL);
    expect(found).toMatchObject({ lost: 0, wrong: 0, damaged: 0, stuck: 0, evictions: 0 });
    expect(found.crashes).toBeGreaterThan(15_000);
    expect(found.entries).toBeGreaterThan(50_000);
  });

  test('of a full store: whatever the index has is whole, without the help of checksums', () => {
    const found = crashEverywhere(LARGE);
    expect(found).toMatchObject({ wrong: 0, damaged: 0, stuck: 0 });
    expect(found.crashes).toBeGreaterThan(1500);
    expect(found.evictions).toBeGreaterThan(20);
  });
});

describe('these tests see', () => {
  test('a pack that is not flushed before the index', () => {
    const found = crashEverywhere(FEW_CUTS, { liars: [0] });
    expect(found.lost).toBeGreaterThan(0);
    expect(found.damaged).toBeGreaterThan(0);
    // The second line of defense holds even then.
    expect(found.wrong).toBe(0);
  });

  test('an index that is not flushed before space is used again', () => {
    const found = crashEverywhere(LARGE, { liars: [1, 2] });
    expect(found.damaged).toBeGreaterThan(0);
    expect(found.wrong).toBe(0);
  });

  test('a store that checks nothing', () => {
    const found = crashEverywhere(FEW_CUTS, { liars: [0], checksum: () => 0 });
    expect(found.wrong).toBeGreaterThan(0);
  });
});
