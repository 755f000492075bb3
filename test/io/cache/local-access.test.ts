/** Storing happens behind what arrives: bounded, a slice at a time, flushed before long. */
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../../../src/base/clock.ts';
import { MAX_BEHIND_BYTES } from '../../../src/io/cache/access.ts';
import { CacheStore } from '../../../src/io/cache/cache-store.ts';
import { type CacheKey, fileKey } from '../../../src/io/cache/key.ts';
import { createLocalAccess } from '../../../src/io/cache/local-access.ts';
import { CrashDisk, type CrashDiskOptions } from '../../support/crash-disk.ts';

const MEBIBYTE = 1024 * 1024;
const key = (name: number): CacheKey => fileKey('test', `${name}`);

function setUp(options: CrashDiskOptions = {}) {
  const disk = new CrashDisk(options);
  const clock = createManualClock();
  const warnings: string[] = [];
  const store = new CacheStore(disk.files, { quotaBytes: 64 * MEBIBYTE });
  const access = createLocalAccess(store, { clock, onWarning: (text) => warnings.push(text) });
  /** What a next run would find if this one ended now, without a word. */
  const durable = (name: number): boolean => {
    const nothing = { file: 0, isFlush: true } as const;
    const contents = disk.afterPowerLoss(nothing, 0, 'none', () => 0);
    const next = new CacheStore(new CrashDisk({ contents }).files, { quotaBytes: 64 * MEBIBYTE });
    return next.get(key(name)) !== null;
  };
  return { disk, clock, store, access, warnings, durable };
}

describe('what is written', () => {
  test('is found at once, stored in slices, and flushed within a quarter of a second', async () => {
    const { access, clock, store, durable } = setUp();
    const bytes = new Uint8Array(MEBIBYTE).fill(7);
    for (let i = 0; i < 3; i++) access.write(key(i), bytes);
    bytes.fill(0);
    expect(store.stats().entries).toBe(0);
    expect((await access.read([key(2)]))[0]![5]).toBe(7);
    clock.advance(0);
    clock.advance(0);
    expect(store.stats().entries).toBeGreaterThan(0);
    clock.advance(10);
    expect(store.stats().entries).toBe(3);
    expect(durable(0)).toBe(false);
    clock.advance(250);
    expect(durable(2)).toBe(true);
  });

  test('is flushed although more never stops coming', () => {
    const { access, clock, durable } = setUp();
    for (let i = 0; i < 40; i++) {
      access.write(key(i), new Uint8Array(1000));
      clock.advance(10);
    }
    expect(durable(0)).toBe(true);
  });

  test('is skipped rather than piled up, and an older entry goes with it', async () => {
    const { access, clock, store } = setUp();
    access.write(key(99), new Uint8Array(10).fill(1));
    clock.advance(1);
    const size = 4 * MEBIBYTE;
    for (let i = 0; i < MAX_BEHIND_BYTES / size; i++) access.write(key(i), new Uint8Array(size));
    access.write(key(99), new Uint8Array(10).fill(2));
    expect((await access.read([key(99)]))[0]).toBeNull();
    expect(store.stats().skipped).toBe(1);
    clock.advance(100);
    expect(store.stats()).toMatchObject({ entries: 4, skipped: 1 });
  });

  test('is all stored by the time it is closed; later calls do nothing', async () => {
    const { access, durable, clock } = setUp();
    access.write(key(1), new Uint8Array(3 * MEBIBYTE));
    access.write(key(2), new Uint8Array(10));
    await access.close();
    expect(durable(1) && durable(2)).toBe(true);
    access.write(key(3), new Uint8Array(10));
    clock.advance(1000);
    expect(await access.read([key(1)])).toEqual([null]);
    expect(durable(3)).toBe(false);
  });

  test('and cannot be is said once', () => {
    let isBroken = false;
    const { access, clock, warnings } = setUp({
      onOperation: () => {
        if (isBroken) throw new Error('input/output error');
      },
    });
    access.write(key(1), new Uint8Array(10));
    clock.advance(1);
    isBroken = true;
    for (let i = 0; i < 5; i++) {
      access.write(key(i), new Uint8Array(10));
      clock.advance(300);
    }
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/input\/output error/);
  });
});
