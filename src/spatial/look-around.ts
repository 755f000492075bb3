/**
 * How this player looks around: for each horizon, how far off the predicted heading turned out to be.
 *
 * A histogram of past errors that forgets, mixed with a prior, becomes the chance that the view will
 * be turned by some angle from where it is predicted. Figures are those of the measured policy `bc2L`:
 *
 *     prior(s) = (1 − u) · Laplace(scale 0.5 s + 0.03) + u · uniform,   u = 0.15 min(1, s)
 *     density  = (histogram * [1 2 1] / 4 + 3 · prior) ÷ (histogram's sum + 3)
 *
 * Bins are weighed in seconds observed and fade with e in 20 s. Depends on the poses seen and nothing
 * else. Memory is bounded: the headings of the longest horizon, 72 bins per horizon.
 */
import { wrapRadians } from './heading.ts';
import type { Motion } from './motion-state.ts';
import { turnAtRate } from './predict.ts';

const BINS = 72;
const TURN = 2 * Math.PI;
const MEMORY_SECONDS = 20;
const PRIOR_WEIGHT = 3;
/** Observations come no closer together than this (seconds): bounds how many are kept. */
const LEAST_INTERVAL_SECONDS = 0.09;
/** A spread is only rewritten when some chance changed by this much: at rest it comes to rest. */
const CHANCE_TOLERANCE = 0.01;

/**
 * Chances as a running sum over two turns, so that a span may wrap around: the chance of an error
 * below `bin / 72` turns, counted from −π.
 */
export type Spread = Float64Array;
const SPREAD_LENGTH = 2 * BINS + 2;

export interface LookAround {
  /** Past headings in a ring: when (seconds), yaw, yaw rate. */
  looks: Float64Array;
  /** Row of the next, and how many there are. */
  next: number;
  count: number;
  /** Time observed (seconds). */
  seconds: number;
  yaw: number;
  /** One of each per horizon; those of the first, now, stay empty. */
  histograms: Float64Array[];
  priors: Float64Array[];
  priorSeconds: Float64Array;
  /** Readable at any time; written by `observeLook` alone. */
  spreads: Spread[];
}

/** @param longestSeconds the longest horizon there will be */
export function createLookAround(horizonCount: number, longestSeconds: number): LookAround {
  const each = <T>(make: () => T): T[] => Array.from({ length: horizonCount }, make);
  return {
    looks: new Float64Array(3 * (Math.ceil(longestSeconds / LEAST_INTERVAL_SECONDS) + 2)),
    next: 0,
    count: 0,
    seconds: 0,
    yaw: 0,
    histograms: each(() => new Float64Array(BINS)),
    priors: each(() => new Float64Array(BINS)),
    priorSeconds: new Float64Array(horizonCount).fill(-1),
    spreads: each(() => new Float64Array(SPREAD_LENGTH)),
  };
}

/**
 * Takes in what the motion filters have just seen. Jumps, and turns while no time passes, are nobody's
 * habit: what was foretold before them is not judged. Allocates nothing.
 *
 * @returns whether some spread was rewritten
 */
export function observeLook(
  look: LookAround,
  motion: Motion,
  dtSeconds: number,
  horizonsSeconds: Float64Array,
): boolean {
  const { yaw } = motion.heading;
  if (motion.viewCut || (dtSeconds === 0 && yaw !== look.yaw)) look.count = 0;
  look.yaw = yaw;
  look.seconds += dtSeconds;
  if (!motion.observed) return false;
  let isRewritten = false;
  remember(look, motion);
  for (let horizon = 1; horizon < horizonsSeconds.length; horizon++) {
    judge(look, horizon, horizonsSeconds[horizon]!, motion.observedSeconds);
    updatePrior(look, horizon, horizonsSeconds[horizon]!);
    if (updateSpread(look, horizon)) isRewritten = true;
  }
  return isRewritten;
}

/** Chance of an error between two angles to the left of the predicted heading (radians), at most a turn. */
export function chanceWithin(spread: Spread, low: number, high: number): number {
  if (!(high - low < TURN)) return 1;
  const turn = low < -Math.PI ? TURN : 0;
  return below(spread, high + turn) - below(spread, low + turn);
}

function below(spread: Spread, radians: number): number {
  const place = ((radians + Math.PI) / TURN) * BINS;
  const bin = Math.floor(place);
  const share = place - bin;
  return spread[bin]! * (1 - share) + spread[bin + 1]! * share;
}

function remember(look: LookAround, motion: Motion): void {
  const at = look.next * 3;
  look.looks[at] = look.seconds;
  look.looks[at + 1] = motion.heading.yaw;
  look.looks[at + 2] = motion.yawRate;
  const capacity = look.looks.length / 3;
  look.next = (look.next + 1) % capacity;
  look.count = Math.min(look.count + 1, capacity);
}

/** Compares the heading of now with what would have been foretold of it about `horizon` ago. */
function judge(
  look: LookAround,
  horizon: number,
  horizonSeconds: number,
  observedSeconds: number,
): void {
  const at = lookAt(look, look.seconds - horizonSeconds);
  if (at < 0) return;
  const { looks } = look;
  const turned = turnAtRate(looks[at + 2]!, look.seconds - looks[at]!);
  const error = wrapRadians(look.yaw - looks[at + 1]! - turned);
  const histogram = look.histograms[horizon]!;
  const keep = Math.exp(-observedSeconds / MEMORY_SECONDS);
  for (let bin = 0; bin < BINS; bin++) histogram[bin] = histogram[bin]! * keep;
  const bin = Math.min(BINS - 1, Math.max(0, Math.floor(((error + Math.PI) / TURN) * BINS)));
  histogram[bin] = histogram[bin]! + observedSeconds;
}

/** Offset of the look nearest to a time; -1 when none is that old, or it would be the one of now. */
function lookAt({ looks, next, count }: LookAround, seconds: number): number {
  const capacity = looks.length / 3;
  let newer = -1;
  for (let ago = 1; ago <= count; ago++) {
    const at = ((next - ago + capacity) % capacity) * 3;
    if (looks[at]! <= seconds) {
      const isNewerNearer = newer >= 0 && looks[newer]! - seconds < seconds - looks[at]!;
      const best = isNewerNearer ? newer : at;
      return best === ((next - 1 + capacity) % capacity) * 3 ? -1 : best;
    }
    newer = at;
  }
  return -1;
}

/** Horizons counted in frames change with the frame time. */
function updatePrior(look: LookAround, horizon: number, seconds: number): void {
  if (Math.abs(look.priorSeconds[horizon]! - seconds) <= 0.01 * seconds) return;
  look.priorSeconds[horizon] = seconds;
  const prior = look.priors[horizon]!;
  const uniform = 0.15 * Math.min(1, seconds);
  const scale = 0.5 * seconds + 0.03;
  let total = 0;
  for (let bin = 0; bin < BINS; bin++) {
    prior[bin] = Math.exp(-Math.abs(((bin + 0.5) / BINS) * TURN - Math.PI) / scale);
    total += prior[bin]!;
  }
  for (let bin = 0; bin < BINS; bin++)
    prior[bin] = (prior[bin]! / total) * (1 - uniform) + uniform / BINS;
}

const fresh = new Float64Array(SPREAD_LENGTH);

function updateSpread(look: LookAround, horizon: number): boolean {
  const histogram = look.histograms[horizon]!;
  const prior = look.priors[horizon]!;
  const spread = look.spreads[horizon]!;
  let total = PRIOR_WEIGHT;
  for (let bin = 0; bin < BINS; bin++) total += histogram[bin]!;
  let sum = 0;
  let change = 0;
  for (let bin = 0; bin < BINS; bin++) {
    fresh[bin] = sum;
    fresh[BINS + bin] = 1 + sum;
    change = Math.max(change, Math.abs(sum - spread[bin]!));
    const sides = histogram[(bin + BINS - 1) % BINS]! + histogram[(bin + 1) % BINS]!;
    sum += ((2 * histogram[bin]! + sides) / 4 + PRIOR_WEIGHT * prior[bin]!) / total;
  }
  fresh[2 * BINS] = 2;
  fresh[2 * BINS + 1] = 2 + fresh[1]!;
  // Before the first of all there is no spread: its sum over a turn is 0.
  if (change <= CHANCE_TOLERANCE && spread[BINS] === 1) return false;
  spread.set(fresh);
  return true;
}
