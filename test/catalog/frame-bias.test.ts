/** Detail by frame time, on simulated machines: it helps, comes to rest, and comes back. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { FRAME_BAND, FrameBias } from '../../src/catalog/frame-bias.ts';

const TARGET_MS = 1000 / 60;

/** What a frame takes at a bias, after so many seconds (milliseconds). */
type Machine = (bias: number, seconds: number) => number;

interface Run {
  bias: number;
  /** Mean frame time of the last tenth of the run ÷ target. */
  mean: number;
  /** Changes of direction in all, and steps in the last half. */
  turns: number;
  lateSteps: number;
  peak: number;
}

function run(
  machine: Machine,
  seconds: number,
  control: FrameBias = new FrameBias(TARGET_MS, 8),
): Run {
  let at = 0;
  let late = 0;
  let lateFrames = 0;
  let turns = 0;
  let lateSteps = 0;
  let way = 0;
  let peak = 1;
  while (at < seconds) {
    const before = control.bias;
    const ms = machine(before, at);
    at += ms / 1000;
    control.step(ms, ms / 1000, 0);
    const step = Math.sign(control.bias - before);
    if (step !== 0 && way !== 0 && step !== way) turns++;
    if (step !== 0) way = step;
    if (step !== 0 && at > seconds / 2) lateSteps++;
    peak = Math.max(peak, control.bias);
    if (at > seconds * 0.9) {
      late += ms;
      lateFrames++;
    }
  }
  return { bias: control.bias, mean: late / lateFrames / TARGET_MS, turns, lateSteps, peak };
}

/** Work that goes with the triangles: they fall with bias to some power, beside what stays. */
const scene =
  (fixedMs: number, detailMs: number, power: number): Machine =>
  (bias) =>
    fixedMs + detailMs / bias ** power;

/** A display that shows nothing between its refreshes. */
const onRefresh =
  (machine: Machine): Machine =>
  (bias, seconds) =>
    Math.ceil(machine(bias, seconds) / TARGET_MS - 1e-9) * TARGET_MS;

describe('frame bias', () => {
  it('leaves all detail where frames are short enough', () => {
    expect(run(scene(4, 10, 2), 60)).toMatchObject({ bias: 1, turns: 0, peak: 1 });
  });

  it.each([
    ['twice too slow', 4, 30, 2],
    ['a little too slow', 6, 14, 2],
    ['with work that hardly follows', 4, 22, 1],
    ['with work that follows steeply', 1, 40, 3],
  ])('brings a machine that is %s to its target and rests there', (_, fixed, detail, power) => {
    const { mean, bias, turns, lateSteps } = run(scene(fixed, detail, power), 120);
    expect(mean).toBeLessThanOrEqual(FRAME_BAND.slow);
    expect(bias).toBeGreaterThan(1);
    expect(bias).toBeLessThan(8);
    // At most one correction of an overshoot, and then nothing.
    expect(turns).toBeLessThanOrEqual(1);
    expect(lateSteps).toBe(0);
  });

  it('without its band never rests', () => {
    const band = { ...FRAME_BAND, slow: 1, fast: 1 };
    const { turns, lateSteps } = run(scene(4, 30, 2), 120, new FrameBias(TARGET_MS, 8, band));
    expect(turns).toBeGreaterThan(10);
    expect(lateSteps).toBeGreaterThan(20);
  });

  it('rests among noise and hitches', () => {
    const random = createRandom(3);
    const noisy: Machine = (bias) => {
      const hitch = random() < 0.01 ? 80 : 0;
      return scene(4, 30, 2)(bias, 0) * (0.85 + random() * 0.3) + hitch;
    };
    const { mean, lateSteps, turns } = run(noisy, 480);
    expect(mean).toBeLessThan(FRAME_BAND.slow + 0.05);
    // Of the tries for more, the last are two minutes apart.
    expect(turns).toBeLessThanOrEqual(16);
    expect(lateSteps).toBeLessThanOrEqual(8);
  });

  it('tries for more, ever more rarely, where a display hides how much room there is', () => {
    const { mean, turns, bias } = run(onRefresh(scene(4, 30, 2)), 600);
    // Of ten minutes nearly all frames are in time: tries after 5, 10, 20, 40, 80, 120, 120 s.
    expect(mean).toBeLessThan(1.1);
    expect(turns).toBeLessThanOrEqual(18);
    expect(bias).toBeGreaterThan(1);
  });

  it('gives all detail back when the load goes, also behind a refresh', () => {
    const passing: Machine = (bias, seconds) => scene(4, seconds < 60 ? 30 : 8, 2)(bias, 0);
    for (const machine of [passing, onRefresh(passing)]) {
      const { bias, peak } = run(machine, 400);
      expect(peak).toBeGreaterThan(1.3);
      expect(bias).toBe(1);
    }
  });

  it('does not take detail for long where that makes frames no shorter', () => {
    const { bias, peak } = run(() => 25, 120);
    expect(peak).toBeLessThan(2.2);
    expect(bias).toBe(1);
    // Where it helps, it is taken for good.
    expect(run(scene(8, 20, 2), 120).bias).toBeGreaterThan(1.2);
  });

  it('never exceeds its bound, and is off without a target', () => {
    expect(run(scene(4, 400, 1), 120, new FrameBias(TARGET_MS, 3)).peak).toBe(3);
    expect(run(() => 100, 20, new FrameBias(Number.POSITIVE_INFINITY, 8)).peak).toBe(1);
  });

  it('takes pauses and what is no number for nothing', () => {
    const control = new FrameBias(TARGET_MS, 8);
    for (let i = 0; i < 600; i++) {
      control.step(5000, 5, 0);
      control.step(Number.NaN, 1 / 60, 0);
      control.step(100, 0, 0);
    }
    expect(control.bias).toBe(1);
    for (let i = 0; i < 30; i++) control.step(100, 0.1, 0);
    expect(control.bias).toBeGreaterThan(1);
  });
});
