/** What a frame may hand to the GPU: foreseen from what uploads have cost, on a clock by hand. */
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../../src/base/clock.ts';
import { UploadAllowance } from '../../src/memory/upload-allowance.ts';
import { UploadCost, UploadKind } from '../../src/memory/upload-cost.ts';

const { Geometry, Texture } = UploadKind;
const MEBIBYTE = 1024 * 1024;

describe('what uploads cost', () => {
  test('is learned as a fixed part and a part per byte, kinds apart', () => {
    const cost = new UploadCost();
    expect(cost.predictMs(Geometry, MEBIBYTE)).toBe(0);
    for (let i = 1; i <= 40; i++) {
      const bytes = (i % 7) * 100_000;
      cost.learn(Geometry, bytes, 0.25 + bytes * 2e-6);
      cost.learn(Texture, bytes, 3);
    }
    expect(cost.predictMs(Geometry, MEBIBYTE)).toBeCloseTo(0.25 + MEBIBYTE * 2e-6, 6);
    expect(cost.predictMs(Texture, MEBIBYTE)).toBeCloseTo(3, 6);
    expect(cost.bytesIn(Geometry, 1.25)).toBeCloseTo(500_000, 0);
    expect(cost.bytesIn(Geometry, 0.2)).toBe(0);
  });

  test('follows when the machine becomes slower, and is never negative', () => {
    const cost = new UploadCost();
    for (let i = 0; i < 40; i++) cost.learn(Geometry, 1e6 + (i % 2) * 1e6, 1);
    for (let i = 0; i < 80; i++) cost.learn(Geometry, 1e6 + (i % 2) * 1e6, 5);
    expect(cost.predictMs(Geometry, 1e6)).toBeGreaterThan(4.5);
    // What is larger has been cheaper: taken as a fixed cost, not as a gain per byte.
    for (let i = 0; i < 80; i++) cost.learn(Texture, 1e6 * (1 + (i % 2)), 4 - (i % 2) * 2);
    expect(cost.predictMs(Texture, 1e8)).toBeGreaterThanOrEqual(0);
    expect(cost.predictMs(Texture, 1e8)).toBeLessThan(5);
  });
});

describe('an allowance', () => {
  test('lets the first piece of a frame go whatever it takes, and then keeps to the bytes', () => {
    const allowance = new UploadAllowance(createManualClock());
    allowance.begin(MEBIBYTE, 2);
    expect(allowance.mayGo(Texture, 20 * MEBIBYTE)).toBe(true);
    allowance.went(Texture, 20 * MEBIBYTE);
    expect(allowance.mayGo(Texture, 1)).toBe(false);
    expect(allowance.fit(Geometry, 100)).toBe(0);
    allowance.begin(MEBIBYTE, 2);
    expect(allowance.fit(Geometry, 20 * MEBIBYTE)).toBe(MEBIBYTE);
    allowance.went(Geometry, MEBIBYTE - 70_000);
    expect([allowance.pieces, allowance.bytes]).toEqual([1, MEBIBYTE - 70_000]);
    expect(allowance.fit(Geometry, MEBIBYTE)).toBe(70_000);
    allowance.went(Geometry, 10_000);
    // What is left is less than a piece is worth, unless all of it goes.
    expect(allowance.fit(Geometry, MEBIBYTE)).toBe(0);
    expect(allowance.fit(Geometry, 50_000)).toBe(50_000);
  });

  test('refuses a piece before it is begun when it would take too long', () => {
    const clock = createManualClock();
    const allowance = new UploadAllowance(clock);
    const spend = (bytes: number, msPerMebibyte: number): void => {
      clock.advance((bytes / MEBIBYTE) * msPerMebibyte);
      allowance.went(Texture, bytes);
    };
    for (let frame = 0; frame < 20; frame++) {
      allowance.begin(100 * MEBIBYTE, 2);
      const bytes = (1 + (frame % 3)) * 0.25 * MEBIBYTE;
      expect(allowance.mayGo(Texture, bytes)).toBe(true);
      spend(bytes, 1.5);
    }
    // 0.75 MiB have gone or less, 1.1 ms; another 0.25 MiB take 0.4 ms, another 1 MiB 1.5 ms.
    expect(allowance.mayGo(Texture, 0.25 * MEBIBYTE)).toBe(true);
    expect(allowance.mayGo(Texture, 2 * MEBIBYTE)).toBe(false);
  });

  test('cuts geometry to what the time lets through', () => {
    const clock = createManualClock();
    const allowance = new UploadAllowance(clock);
    for (let frame = 0; frame < 30; frame++) {
      allowance.begin(100 * MEBIBYTE, 2);
      const bytes = allowance.fit(Geometry, (1 + (frame % 2)) * MEBIBYTE);
      clock.advance((bytes / MEBIBYTE) * 4);
      allowance.went(Geometry, bytes);
    }
    allowance.begin(100 * MEBIBYTE, 2);
    // 4 ms per MiB: half a MiB in 2 ms.
    expect(allowance.fit(Geometry, 20 * MEBIBYTE)).toBeCloseTo(0.5 * MEBIBYTE, -3);
  });
});
