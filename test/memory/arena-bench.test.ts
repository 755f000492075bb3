/** The arena benchmark on a small scale: its subjects keep apart what they give out, and it sees. */
import { describe, expect, test } from 'vitest';
import type { Allocator } from '../../bench/memory/allocators/allocator.ts';
import { createBatchedMesh } from '../../bench/memory/allocators/batched-mesh.ts';
import { createBuddy } from '../../bench/memory/allocators/buddy.ts';
import { createFarfield } from '../../bench/memory/allocators/farfield.ts';
import { createFarfieldBytes } from '../../bench/memory/allocators/farfield-bytes.ts';
import { createFirstFit } from '../../bench/memory/allocators/first-fit.ts';
import { createSizeClasses } from '../../bench/memory/allocators/size-classes.ts';
import { replay } from '../../bench/memory/arena-replay.ts';
import { createTrace, PAYLOAD_SIZES, SMALL_SIZES } from '../../bench/memory/arena-trace.ts';

const MIB = 2 ** 20;
const LARGE = { capacityBytes: 512 * MIB, occupancy: 0.9, operations: 6000, seed: 3 };
const SMALL = { ...LARGE, capacityBytes: 2 * MIB, sizes: SMALL_SIZES };

describe('a trace', () => {
  test('is the same for a seed, and as large as it says', () => {
    const trace = createTrace(LARGE);
    expect(createTrace(LARGE)).toEqual(trace);
    const { minBytes, maxBytes, medianBytes } = PAYLOAD_SIZES;
    const sorted = [...trace.sizes].sort((a, b) => a - b);
    expect(sorted[0]).toBeGreaterThanOrEqual(minBytes);
    expect(sorted.at(-1)).toBeLessThanOrEqual(maxBytes);
    expect(sorted[sorted.length >> 1]! / medianBytes).toBeCloseTo(1, 0);
    let used = 0;
    for (const request of trace.requests)
      used += request >= 0 ? trace.sizes[request]! : -trace.sizes[~request]!;
    expect(used / LARGE.capacityBytes).toBeGreaterThan(0.85);
    expect(used / LARGE.capacityBytes).toBeLessThanOrEqual(0.9);
  });

  test('that does not fill the capacity is refused', () => {
    expect(() => createTrace({ ...LARGE, operations: 10 })).toThrow(/10 operations do not fill/);
  });
});

const SUBJECTS: [string, typeof LARGE, () => Allocator][] = [
  ['first fit', LARGE, () => createFirstFit(LARGE.capacityBytes)],
  ['buddy', LARGE, () => createBuddy(LARGE.capacityBytes)],
  ['size classes', SMALL, () => createSizeClasses(SMALL.capacityBytes)],
];

test.each(SUBJECTS)('%s takes back all it gave out', (_name, scale, create) => {
  const trace = createTrace(scale);
  const allocator = create();
  const all = allocator.freeBytes;
  const live = new Map<number, number>();
  for (const request of trace.requests) {
    if (request < 0) {
      if (live.has(~request)) allocator.free(live.get(~request)!);
      live.delete(~request);
      continue;
    }
    const handle = allocator.allocate(trace.sizes[request]!);
    if (handle < 0) continue;
    expect([...live.values()].includes(handle)).toBe(false);
    live.set(request, handle);
  }
  expect(live.size).toBeGreaterThan(100);
  for (const handle of live.values()) allocator.free(handle);
  expect(allocator.freeBytes).toBe(all);
});

describe('a replay', () => {
  const { capacityBytes } = LARGE;
  const trace = createTrace(LARGE);
  const options = { name: 'farfield', capacityBytes };

  test('serves with moves what it leaves waiting without', () => {
    const still = replay(trace, capacityBytes, createFarfield({ ...options, maxBytesPerFrame: 0 }));
    const moving = replay(
      trace,
      capacityBytes,
      createFarfield({ ...options, maxBytesPerFrame: 8 * MIB, calmFragmentation: 1 }),
    );
    expect(still.failedWithRoom).toBeGreaterThan(0);
    expect(moving.failedWithRoom).toBe(0);
    expect(moving.refusedWithRoom).toBeGreaterThan(0);
    expect(moving.bytesMovedPerFrameMax).toBeLessThanOrEqual(8 * MIB);
  });

  test('serves at 97 % too, where ranges above the budget are in the way everywhere', () => {
    const full = { capacityBytes: 512 * MIB, occupancy: 0.97, operations: 200_000, seed: 1 };
    const moving = createFarfield({
      name: 'farfield',
      capacityBytes: full.capacityBytes,
      maxBytesPerFrame: 6 * MIB,
      calmFragmentation: 1,
    });
    const result = replay(createTrace(full), full.capacityBytes, moving);
    expect(result.refusedWithRoom).toBeGreaterThan(3000);
    expect(result.failedWithRoom).toBe(0);
    expect(result.refusedWithoutRoom).toBe(0);
    // 21 without growing the largest hole where nothing else is possible.
    expect(result.longestWaitFrames).toBeLessThan(20);
  });

  test('holds the fragmentation down with moves', () => {
    const moving = createFarfield({ ...options, maxBytesPerFrame: 16 * MIB });
    expect(replay(trace, capacityBytes, moving).fragmentationMean).toBeLessThan(0.3);
  });

  test('counts what BatchedMesh moves', () => {
    const small = { ...LARGE, capacityBytes: 64 * MIB, operations: 400 };
    const mesh = createBatchedMesh(small.capacityBytes);
    const result = replay(createTrace(small), small.capacityBytes, mesh);
    expect(result.bytesMoved).toBeGreaterThan(small.capacityBytes);
    expect(result.refusedWithRoom).toBe(0);
  });

  test('compares bytes after every move, and sees copies that were left out', () => {
    const small = { ...LARGE, capacityBytes: 64 * MIB, operations: 400 };
    const bytes = (skipEvery?: number): Allocator =>
      createFarfieldBytes({
        name: 'bytes',
        capacityBytes: small.capacityBytes,
        maxBytesPerFrame: 4 * MIB,
        isChecked: true,
        ...(skipEvery ? { skipEvery } : {}),
      });
    const corrupt = [undefined, 7].map((skipEvery) => {
      const allocator = bytes(skipEvery);
      const { bytesMoved } = replay(createTrace(small), small.capacityBytes, allocator);
      expect(bytesMoved).toBeGreaterThan(MIB);
      return allocator.corruptRanges!();
    });
    expect(corrupt[0]).toBe(0);
    expect(corrupt[1]).toBeGreaterThan(0);
  });
});
