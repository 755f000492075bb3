import { describe, expect, test } from 'vitest';
import { createManualClock, createSystemClock } from '../../src/base/clock.ts';

describe('the manual clock', () => {
  test('stands still until it is moved', () => {
    const clock = createManualClock();
    expect(clock.now()).toBe(0);
    clock.advance(16);
    clock.advance(0.5);
    expect(clock.now()).toBe(16.5);
  });

  test('fires timers in order of time, then of creation, each at its own moment', () => {
    const clock = createManualClock();
    const log: string[] = [];
    const note = (name: string) => () => void log.push(`${name}@${clock.now()}`);
    clock.after(20, note('late'));
    clock.after(10, note('first'));
    clock.after(10, note('second'));
    clock.after(0, note('now'));
    clock.advance(15);
    expect(log).toEqual(['now@0', 'first@10', 'second@10']);
    clock.advance(5);
    expect(log).toEqual(['now@0', 'first@10', 'second@10', 'late@20']);
    expect(clock.now()).toBe(20);
  });

  test('fires within one advance what a timer itself asked for', () => {
    const clock = createManualClock();
    const seen: number[] = [];
    const again = (): void => {
      seen.push(clock.now());
      clock.after(10, again);
    };
    clock.after(10, again);
    clock.advance(35);
    expect(seen).toEqual([10, 20, 30]);
    expect(clock.now()).toBe(35);
  });

  test('does not fire a cancelled timer, nor any timer twice', () => {
    const clock = createManualClock();
    let fired = 0;
    const cancel = clock.after(10, () => fired++);
    clock.after(5, () => cancel());
    clock.after(10, () => fired++);
    clock.advance(100);
    clock.advance(100);
    expect(fired).toBe(1);
  });

  test('treats a delay in the past as now', () => {
    const clock = createManualClock();
    clock.advance(50);
    let firedAtMs = -1;
    clock.after(-5, () => {
      firedAtMs = clock.now();
    });
    clock.advance(0);
    expect(firedAtMs).toBe(50);
  });
});

describe('the system clock', () => {
  test('never goes back, fires a timer, and does not fire a cancelled one', async () => {
    const clock = createSystemClock();
    const startMs = clock.now();
    let isCancelledFired = false;
    clock.after(1, () => {
      isCancelledFired = true;
    })();
    await new Promise<void>((done) => void clock.after(5, done));
    expect(clock.now()).toBeGreaterThanOrEqual(startMs);
    expect(isCancelledFired).toBe(false);
  });
});
