/** Auto-adjust under synthetic loads, beside a control without hysteresis. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { DETAIL_NAMES, detailFor, detailWith, QUALITY_DEFAULTS } from '../../src/level/quality.ts';
import { QualityControl } from '../../src/level/quality-control.ts';

/** What frames take and memory needs, by detail, finest first. */
interface Load {
  frameMs: readonly number[];
  needShares: readonly number[];
}

/** Loads that fall with each step by a factor that differs from step to step. */
function randomLoad(random: () => number): Load {
  const falling = (first: number): number[] => {
    const values = [first];
    for (let i = 1; i < DETAIL_NAMES.length; i++) values.push(values[i - 1]! / (1.1 + random()));
    return values;
  };
  return { frameMs: falling(8 + random() * 50), needShares: falling(0.3 + random() * 1.2) };
}

/** The details taken one after the other, over so many seconds of frames with noise and hitches. */
function run(load: Load, seconds: number, random: () => number): number[] {
  const control = new QualityControl(QUALITY_DEFAULTS);
  const taken = [0];
  // Memory follows with the next sweep, frames at once.
  let need = load.needShares[0]!;
  for (let at = 0, frame = 0; at < seconds; frame++) {
    const hitch = frame % 400 === 399 ? 6 : 1;
    const frameMs = load.frameMs[control.detail]! * (0.9 + random() * 0.2) * hitch;
    at += frameMs / 1000;
    need += (load.needShares[control.detail]! - need) * 0.2;
    if (control.step(frameMs, need, frameMs / 1000)) taken.push(control.detail);
  }
  return taken;
}

/** How often it turned from coarser to finer or back. */
function reversals(taken: readonly number[]): number {
  let turns = 0;
  let way = 0;
  for (let i = 1; i < taken.length; i++) {
    const step = Math.sign(taken[i]! - taken[i - 1]!);
    if (way !== 0 && step !== way) turns++;
    way = step;
  }
  return turns;
}

/** Each frame by itself: what a game would write first. */
function runPlain(load: Load, frames: number): number[] {
  const settings = { ...QUALITY_DEFAULTS, hysteresis: 1 };
  const taken = [0];
  for (let frame = 0; frame < frames; frame++) {
    const before = taken.at(-1)!;
    const byFrame = detailFor(settings, before, load.frameMs[before]!);
    const byMemory = detailWith(settings, before, 1 - load.needShares[before]!);
    const next = Math.max(byFrame, byMemory);
    if (next !== before) taken.push(next);
  }
  return taken;
}

describe('auto-adjust', () => {
  it('comes to rest under a steady load, where the control swings for ever', () => {
    const random = createRandom(12);
    let swings = 0;
    let lowered = 0;
    for (let round = 0; round < 300; round++) {
      const load = randomLoad(random);
      const taken = run(load, 60, random);
      expect(reversals(taken), JSON.stringify({ load, taken })).toBeLessThanOrEqual(1);
      const detail = taken.at(-1)!;
      if (detail > 0) lowered++;
      // It rests where the load fits, or at the coarsest; in the band above the target it may stay.
      const fits = load.frameMs[detail]! <= 16.67 * 1.2 && load.needShares[detail]! <= 1.01;
      expect(fits || detail === 4, JSON.stringify({ load, taken })).toBe(true);
      if (reversals(runPlain(load, 3600)) > 100) swings++;
    }
    expect(lowered).toBeGreaterThan(100);
    expect(swings).toBeGreaterThan(100);
  });

  it('stays at rest for ten minutes, whatever hitches there are', () => {
    const random = createRandom(13);
    let tried = 0;
    for (let round = 0; round < 40; round++) {
      const load = randomLoad(random);
      const taken = run(load, 600, random);
      // Frames as long as they should be may wait for a display: finer is tried, 1, 3 and 7 minutes later.
      const mayTry = Math.abs(load.frameMs[taken.at(-1)!]! / 16.67 - 1) < 0.03;
      if (mayTry) tried++;
      const most = mayTry ? 6 : 1;
      expect(reversals(taken), JSON.stringify({ load, taken })).toBeLessThanOrEqual(most);
    }
    expect(tried).toBeLessThan(5);
  });

  it('stays where frames and memory are well, through hitches', () => {
    const load = { frameMs: [12, 10, 8, 6, 4], needShares: [0.5, 0.4, 0.3, 0.2, 0.1] };
    expect(run(load, 60, createRandom(2))).toEqual([0]);
  });

  it('takes two steps at once above the second target', () => {
    const load = { frameMs: [60, 30, 15, 10, 8], needShares: [0.3, 0.3, 0.3, 0.3, 0.3] };
    expect(run(load, 60, createRandom(2))).toEqual([0, 2]);
  });

  it('brings detail back when the load falls, one step at a time', () => {
    const control = new QualityControl(QUALITY_DEFAULTS);
    const taken: number[] = [];
    const frames = (seconds: number, frameMs: (detail: number) => number): void => {
      for (let at = 0; at < seconds; at += frameMs(control.detail) / 1000) {
        const took = frameMs(control.detail);
        if (control.step(took, 0.3, took / 1000)) taken.push(control.detail);
      }
    };
    frames(30, (detail) => 40 / 1.5 ** detail);
    expect(taken.at(-1)).toBeGreaterThanOrEqual(2);
    frames(60, (detail) => 10 / 1.5 ** detail);
    expect(control.detail).toBe(0);
    const back = taken.slice(taken.indexOf(Math.max(...taken)));
    expect(back).toEqual([...back].sort((a, b) => b - a));
  });

  it('gives up for a minute where less detail makes frames no shorter', () => {
    const control = new QualityControl(QUALITY_DEFAULTS);
    const steps: number[] = [];
    for (let at = 0; at < 50; at += 0.025) if (control.step(25, 0.3, 0.025)) steps.push(at);
    expect([steps.length, control.detail]).toEqual([2, 2]);
  });

  it('tries a finer detail on a display that waits for its refresh, ever more seldom', () => {
    const control = new QualityControl(QUALITY_DEFAULTS);
    const trials: number[] = [];
    // 33.33 ms at ultra and 16.67 ms below, whatever the load.
    for (let at = 0; at < 1000; ) {
      const frameMs = control.detail === 0 ? 33.33 : 16.67;
      at += frameMs / 1000;
      if (control.step(frameMs, 0.3, frameMs / 1000) && control.detail === 0) trials.push(at);
    }
    expect(trials.length).toBeGreaterThanOrEqual(3);
    expect(trials.length).toBeLessThanOrEqual(5);
    const waits = trials.slice(1).map((at, i) => at - trials[i]!);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
  });

  it('takes no notice of pauses and of what is no number', () => {
    const control = new QualityControl(QUALITY_DEFAULTS);
    for (let i = 0; i < 1000; i++) {
      expect(control.step(5000, 0.3, 5)).toBe(false);
      expect(control.step(Number.NaN, 0.3, 0.016)).toBe(false);
      expect(control.step(100, 0.3, 0)).toBe(false);
    }
  });
});
