/** The bookkeeping of the ring through which bytes go to the GPU. */
import { expect, test } from 'vitest';
import { StagingRing } from '../../src/memory/staging-ring.ts';

test('a frame fills one buffer, the next frame another, and the first comes round again', () => {
  const ring = new StagingRing(100, 3);
  const used: number[] = [];
  for (let frame = 0; frame < 7; frame++) {
    ring.beginFrame();
    used.push(ring.segment);
    expect(ring.leftBytes).toBe(100);
    expect([ring.take(30), ring.take(50), ring.take(30)]).toEqual([0, 32, -1]);
    expect(ring.leftBytes).toBe(16);
    expect(ring.take(16)).toBe(84);
  }
  expect(used).toEqual([0, 1, 2, 0, 1, 2, 0]);
});

test('a frame that stages nothing leaves the turn to the next', () => {
  const ring = new StagingRing(64, 2);
  ring.beginFrame();
  ring.beginFrame();
  expect(ring.segment).toBe(0);
  ring.take(1);
  ring.beginFrame();
  expect(ring.segment).toBe(1);
});

test('what is larger than a buffer never fits, what is as large does', () => {
  const ring = new StagingRing(10, 1);
  expect(ring.take(11)).toBe(-1);
  expect(ring.take(10)).toBe(0);
  expect(ring.leftBytes).toBe(0);
  expect(() => new StagingRing(0, 1)).toThrow(/segmentBytes/);
});
