import { describe, expect, it } from 'vitest';
import { type Clock, createManualClock } from '../../src/base/clock.ts';
import { Pace } from '../../src/base/pace.ts';

/** A clock on which work takes time: `spend` is what the work of a test calls. */
function workingClock(): Clock & { spend(milliseconds: number): void; pausesMs: number[] } {
  const clock = createManualClock();
  const pausesMs: number[] = [];
  return {
    pausesMs,
    now: () => clock.now(),
    after(delayMs, callback) {
      pausesMs.push(delayMs);
      const cancel = clock.after(delayMs, callback);
      setImmediate(() => clock.advance(delayMs + 0.001));
      return cancel;
    },
    spend: (milliseconds) => clock.advance(milliseconds),
  };
}

function* steps(count: number, step: () => void): Generator<void, string> {
  for (let i = 0; i < count; i++) {
    step();
    yield;
  }
  return 'done';
}

const GO_ON = (): void => undefined;

describe('work at a pace', () => {
  it('pauses when its time is up, by no more than a step late, and comes to its end', async () => {
    const clock = workingClock();
    const pace = new Pace(clock, 2);
    let done = 0;
    const result = await pace.run(
      steps(100, () => {
        clock.spend(0.3);
        done++;
      }),
      GO_ON,
    );
    expect([result, done]).toEqual(['done', 100]);
    expect(pace.maxTurnMs).toBeGreaterThanOrEqual(2);
    expect(pace.maxTurnMs).toBeLessThanOrEqual(2.3);
    // 30 ms of work, 2.1 ms a turn.
    expect(pace.turns).toBe(15);
    expect(clock.pausesMs).toEqual(new Array(14).fill(0));
  });

  it('shares its turns among all work there is', async () => {
    const clock = workingClock();
    const pace = new Pace(clock, 2);
    const work = (): Promise<string> =>
      pace.run(
        steps(20, () => clock.spend(0.5)),
        GO_ON,
      );
    await Promise.all([work(), work()]);
    expect(pace.maxTurnMs).toBeLessThanOrEqual(2.5);
    expect(pace.turns).toBeGreaterThanOrEqual(8);
  });

  it('pauses longer while frames are drawn', async () => {
    const clock = workingClock();
    const pace = new Pace(clock, 2);
    await pace.run(
      steps(20, () => {
        clock.spend(1);
        pace.frames++;
      }),
      GO_ON,
    );
    expect(clock.pausesMs).toEqual(new Array(10).fill(8));
  });

  it('does not pause on a clock that stands still', async () => {
    const clock = workingClock();
    const pace = new Pace(clock, 2);
    expect(await pace.run(steps(50, GO_ON), GO_ON)).toBe('done');
    expect(clock.pausesMs).toEqual([]);
  });

  it('ends with what its check or its work throws', async () => {
    const clock = workingClock();
    const pace = new Pace(clock, 2);
    let turns = 0;
    const check = (): void => {
      if (++turns === 3) throw new Error('enough');
    };
    const endless = steps(1000, () => clock.spend(1));
    await expect(pace.run(endless, check)).rejects.toThrow('enough');
    const failing = pace.do(() => {
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    expect(await pace.do(() => 7)).toBe(7);
  });
});
