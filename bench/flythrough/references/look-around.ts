/**
 * How this player looks around: for each horizon, how far off the predicted heading turned out to be,
 * as a histogram that forgets, mixed with a prior.
 */
import { FRAME_SECONDS } from '../constants.ts';
import { wrapAngle } from '../geometry.ts';
import { RESCORE_FRAMES } from './value-policy.ts';

const BINS = 72;
const TURN = 2 * Math.PI;
const OBSERVED_WEIGHT = 0.1;
const PRIOR_WEIGHT = 3;
const MEMORY_SECONDS = 20;

export class LookAround {
  private readonly horizonsS: readonly number[];
  private readonly histograms: Float64Array[];
  private readonly priors: Float64Array[];
  /** Cumulative over two turns, so that a span may wrap around. */
  private readonly cumulative: Float64Array[];
  /** What was predicted in each look: the heading then, and the turn for each horizon. */
  private readonly looks: { yaw: number; turns: number[] }[] = [];

  constructor(horizonsS: readonly number[]) {
    this.horizonsS = horizonsS;
    this.histograms = horizonsS.map(() => new Float64Array(BINS));
    this.cumulative = horizonsS.map(() => new Float64Array(BINS * 2 + 2));
    this.priors = horizonsS.map(priorOf);
  }

  /** Takes a look's heading and predictions; judges those of before, since the last jump. */
  see(frame: number, yaw: number, turns: number[], jumpFrame: number): void {
    this.looks.push({ yaw, turns });
    const decay = Math.exp(-OBSERVED_WEIGHT / MEMORY_SECONDS);
    for (let k = 1; k < this.horizonsS.length; k++) {
      const looksAgo = Math.round(this.horizonsS[k]! / FRAME_SECONDS / RESCORE_FRAMES);
      const then = frame - looksAgo * RESCORE_FRAMES;
      if (then < jumpFrame || then < 0) continue;
      const look = this.looks[then / RESCORE_FRAMES]!;
      const off = wrapAngle(yaw - look.yaw - look.turns[k]!);
      const histogram = this.histograms[k]!;
      for (let bin = 0; bin < BINS; bin++) histogram[bin]! *= decay;
      const bin = Math.floor(((off + Math.PI) / TURN) * BINS);
      histogram[Math.min(BINS - 1, Math.max(0, bin))]! += OBSERVED_WEIGHT;
    }
  }

  /** Brings `chance` up to what was seen. */
  update(): void {
    for (let k = 1; k < this.horizonsS.length; k++)
      accumulate(this.histograms[k]!, this.priors[k]!, this.cumulative[k]!);
  }

  /** Chance that the heading will be off by an angle between `low` and `high` (radians). */
  chance(k: number, low: number, high: number): number {
    if (!(high - low < 6.28)) return 1;
    const turn = low < -Math.PI ? TURN : 0;
    const cumulative = this.cumulative[k]!;
    return at(cumulative, high + turn) - at(cumulative, low + turn);
  }
}

function priorOf(horizonS: number): Float64Array {
  const uniform = 0.15 * Math.min(1, horizonS);
  const scale = 0.5 * horizonS + 0.03;
  const prior = new Float64Array(BINS);
  let total = 0;
  for (let bin = 0; bin < BINS; bin++) {
    prior[bin] = Math.exp(-Math.abs(((bin + 0.5) / BINS) * TURN - Math.PI) / scale);
    total += prior[bin]!;
  }
  return prior.map((value) => (value / total) * (1 - uniform) + uniform / BINS);
}

function accumulate(histogram: Float64Array, prior: Float64Array, cumulative: Float64Array): void {
  let total = 0;
  for (let bin = 0; bin < BINS; bin++) total += histogram[bin]!;
  let sum = 0;
  for (let bin = 0; bin < BINS; bin++) {
    cumulative[bin] = sum;
    const [before, after] = [histogram[(bin + BINS - 1) % BINS]!, histogram[(bin + 1) % BINS]!];
    const smooth = (before + 2 * histogram[bin]! + after) / 4;
    sum += (smooth + PRIOR_WEIGHT * prior[bin]!) / (total + PRIOR_WEIGHT);
  }
  for (let bin = 0; bin <= BINS + 1; bin++) cumulative[BINS + bin] = 1 + cumulative[bin]!;
}

function at(cumulative: Float64Array, radians: number): number {
  const place = ((radians + Math.PI) / TURN) * BINS;
  const bin = place | 0;
  const fraction = place - bin;
  return cumulative[bin]! * (1 - fraction) + cumulative[bin + 1]! * fraction;
}
