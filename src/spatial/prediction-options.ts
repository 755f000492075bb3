/** For which moments poses are predicted, and how much each counts. */
import { assert, assertNumber, describe } from '../base/assert.ts';

export interface PredictionOptions {
  /**
   * Moments to plan for, in seconds from now: ascending, the first 0, at most 8.
   * Default: 0, 0.4, 0.9 and 1.6.
   */
  horizonsSeconds?: readonly number[];
  /** Instead of seconds: plan for now and for this many frames ahead, by the measured frame time. */
  framesAhead?: number;
  /**
   * How much each moment counts beside the others, one number per horizon (two with `framesAhead`);
   * only their proportions matter. Default: falling by e every 1.6 s.
   */
  weights?: readonly number[];
  /**
   * Learns from this player how far the view turns from where it is predicted, and weighs what is
   * around the predicted views accordingly. Default: false.
   */
  lookAround?: boolean;
  /**
   * The most that one odd measurement of the speed may change the speed: what keeps a nudge of the
   * position or a dropped frame out of the prediction. Default: 200, twenty times gravity.
   */
  maxAccelerationMetersPerSecond2?: number;
}

/** Checked, and with every default filled in. */
export interface Prediction {
  /** With `framesAhead`, the second is rewritten as the frame time is measured. */
  horizonsSeconds: Float64Array;
  /** Sum to 1. */
  weights: Float64Array;
  /** 0 when the horizons are given in seconds. */
  framesAhead: number;
  lookAround: boolean;
  maxAcceleration: number;
}

export const MAX_HORIZONS = 8;
const MAX_HORIZON_SECONDS = 30;
const MAX_FRAMES_AHEAD = 600;
const DEFAULT_HORIZONS_SECONDS = [0, 0.4, 0.9, 1.6];
/** Those of the measured policy `bc2`. */
const DEFAULT_WEIGHTS = [0.35, 0.3, 0.22, 0.13];
/** Near the default weights at the default horizons: 0.37, 0.29, 0.21, 0.13. */
const WEIGHT_DECAY_SECONDS = 1.6;
const DEFAULT_MAX_ACCELERATION = 200;
/** Frames ahead are counted at this rate until frames have been measured. */
const ASSUMED_FRAME_SECONDS = 1 / 60;

const WHERE = 'installStreaming: prediction';

/** Throws an error that names the option, what was seen and what was expected. */
export function resolvePrediction(options: PredictionOptions = {}): Prediction {
  assert(
    typeof options === 'object' && options !== null,
    `${WHERE} must be an object of options, got ${describe(options)}`,
  );
  const { framesAhead, horizonsSeconds, weights, lookAround = false } = options;
  const { maxAccelerationMetersPerSecond2: maxAcceleration = DEFAULT_MAX_ACCELERATION } = options;
  assert(
    framesAhead === undefined || horizonsSeconds === undefined,
    `${WHERE}: give framesAhead or horizonsSeconds, not both`,
  );
  assert(
    typeof lookAround === 'boolean',
    `${WHERE}.lookAround must be true or false, got ${describe(lookAround)}`,
  );
  assertNumber(`${WHERE}.maxAccelerationMetersPerSecond2`, maxAcceleration, 0.1, 1e6);
  const horizons = resolveHorizons(horizonsSeconds, framesAhead);
  return {
    horizonsSeconds: horizons,
    weights: resolveWeights(weights, horizons, options),
    framesAhead: framesAhead ?? 0,
    lookAround,
    maxAcceleration,
  };
}

function resolveHorizons(
  seconds: readonly number[] | undefined,
  framesAhead: number | undefined,
): Float64Array {
  if (framesAhead !== undefined) {
    assertNumber(`${WHERE}.framesAhead`, framesAhead, 1, MAX_FRAMES_AHEAD);
    return Float64Array.of(0, framesAhead * ASSUMED_FRAME_SECONDS);
  }
  const list = seconds ?? DEFAULT_HORIZONS_SECONDS;
  assert(
    Array.isArray(list) && list.length > 0 && list.length <= MAX_HORIZONS,
    `${WHERE}.horizonsSeconds must be 1 to ${MAX_HORIZONS} numbers, got ${describe(list)}`,
  );
  list.forEach((value, i) => {
    assertNumber(`${WHERE}.horizonsSeconds[${i}]`, value, 0, MAX_HORIZON_SECONDS);
    assert(
      i === 0 ? value === 0 : value > list[i - 1],
      `${WHERE}.horizonsSeconds must begin with 0 (now) and ascend, got ${describe(list)}`,
    );
  });
  return Float64Array.from(list);
}

function resolveWeights(
  weights: readonly number[] | undefined,
  horizons: Float64Array,
  options: PredictionOptions,
): Float64Array {
  const isDefault = options.framesAhead === undefined && options.horizonsSeconds === undefined;
  const list = weights ?? (isDefault ? DEFAULT_WEIGHTS : Array.from(horizons, weightAt));
  assert(
    Array.isArray(list) && list.length === horizons.length,
    `${WHERE}.weights must be ${horizons.length} numbers, one per horizon, got ${describe(list)}`,
  );
  list.forEach((value, i) => {
    assertNumber(`${WHERE}.weights[${i}]`, value, 0, 1e6);
  });
  const sum = list.reduce((total, value) => total + value, 0);
  assert(sum > 0, `${WHERE}.weights must not all be 0, got ${describe(list)}`);
  return Float64Array.from(list, (value) => value / sum);
}

/** How much a pose expected in `seconds` counts, beside one that is now. */
export function weightAt(seconds: number): number {
  return Math.exp(-seconds / WEIGHT_DECAY_SECONDS);
}

/** The longest horizon that there can be (seconds), however long frames take. */
export function longestHorizon({ horizonsSeconds, framesAhead }: Prediction): number {
  return framesAhead > 0 ? MAX_HORIZON_SECONDS : horizonsSeconds[horizonsSeconds.length - 1]!;
}
