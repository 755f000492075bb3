/** The bar never falls, is the share of bytes while nothing is added, and time left is what is left at the pace. */
import { expect, test } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { LoadingProgress } from '../../src/level/loading-progress.ts';

const pace = (nowMs: number, linkBytesPerSecond: number, arrivedBytes = 0, otherBytes = 0) => ({
  nowMs,
  arrivedBytes,
  otherBytes,
  linkBytesPerSecond,
});

test('progress is the share of the bytes that have come while nothing is added', () => {
  const one = new LoadingProgress();
  expect([one.progress, one.secondsLeft()]).toEqual([0, -1]);
  for (const left of [800, 600, 200, 50]) {
    one.update(left, 1000, pace(1000 - left, 500));
    expect(one.progress).toBeCloseTo(1 - left / 1000, 6);
  }
  one.update(0, 1000, pace(2000, 500));
  expect([one.progress, one.secondsLeft()]).toEqual([0.99, 0]);
});

test('it never falls and ends full, whatever comes to be awaited; the plain share does fall', () => {
  const random = createRandom(3);
  let falls = 0;
  for (let run = 0; run < 200; run++) {
    const one = new LoadingProgress();
    let [total, left, before, shareBefore] = [0, 0, 0, 0];
    for (let step = 0; step < 100; step++) {
      const added = random() < 0.2 ? Math.floor(random() * 5000) : 0;
      total += added;
      left = Math.max(0, left + added - Math.floor(random() * 700));
      // What is no longer awaited, and what was evicted.
      if (random() < 0.05) total = Math.max(left, total - 300);
      if (random() < 0.05) left = Math.min(total, left + 200);
      one.update(left, total, pace(step * 33, 20_000));
      expect(one.progress).toBeGreaterThanOrEqual(before);
      before = one.progress;
      const share = total > 0 ? 1 - left / total : 0;
      if (share < shareBefore) falls++;
      shareBefore = share;
    }
    one.update(0, total, pace(5000, 20_000));
    expect(one.progress).toBe(total > 0 ? 0.99 : 0);
  }
  expect(falls).toBeGreaterThan(200);
});

test('time left begins with what the link would take and follows the pace that is seen', () => {
  const one = new LoadingProgress();
  one.update(10_000, 10_000, pace(0, 0));
  expect(one.secondsLeft()).toBe(-1);
  one.update(10_000, 10_000, pace(100, 1000));
  expect(one.secondsLeft()).toBeCloseTo(10, 5);
  // It comes at half of what the link was said to carry.
  let left = 10_000;
  for (let ms = 200; ms <= 10_100; ms += 100) {
    left -= 50;
    one.update(left, 10_000, pace(ms, 1000, 10_000 - left));
  }
  expect(one.secondsLeft()).toBeGreaterThan((left / 500) * 0.85);
  expect(one.secondsLeft()).toBeLessThan((left / 500) * 1.15);
  // Half of what else is on its way comes before it.
  const alone = one.secondsLeft();
  one.update(left, 10_000, pace(10_100, 1000, 10_000 - left, 2 * left));
  expect(one.secondsLeft()).toBeCloseTo(2 * alone, 5);
});
