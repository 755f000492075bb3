/**
 * The clairvoyant references: the error that is really to come, discounted, in place of a guess. They
 * are feasible, so they bound the best possible schedule from above; being greedy, they do not reach it.
 */
import { BUCKET_FRAMES, FRAME_SECONDS, STATE_COUNT } from '../constants.ts';
import type { Visibility } from '../visibility.ts';
import type { Valuer } from './value-policy.ts';

export interface OracleOptions {
  /** Error in the future counts less by e per this time (s). */
  discountS: number;
  /** Sees no further than this (s); 0 is without end. */
  horizonS: number;
  /** Reads the tables between their columns. */
  interpolates: boolean;
  /** Counts what a level takes away only from when it lands. */
  landsLater: boolean;
}

export const ORACLE_DEFAULTS: OracleOptions = {
  discountS: 1.5,
  horizonS: 0,
  interpolates: false,
  landsLater: false,
};

const BUCKET_SECONDS = BUCKET_FRAMES * FRAME_SECONDS;

/** A valuer that has read the future. `visibility` is the referee's; no other subject has it. */
export function createOracle(visibility: Visibility, changes: Partial<OracleOptions>): Valuer {
  const options = { ...ORACLE_DEFAULTS, ...changes };
  const { buckets } = visibility;
  const count = visibility.future.length / (buckets * STATE_COUNT);
  const ahead = sumFuture(visibility, count, options);
  const errors = new Float64Array(count * STATE_COUNT);
  const inRange = new Uint8Array(count);
  /** Buckets, with a fraction. */
  let now = 0;
  const at = (object: number, state: number, bucket: number): number => {
    if (bucket >= buckets) return 0;
    const column = bucket | 0;
    const fraction = options.interpolates ? bucket - column : 0;
    const place = (object * (buckets + 1) + column) * STATE_COUNT + state;
    if (fraction === 0) return ahead[place]!;
    return ahead[place]! * (1 - fraction) + ahead[place + STATE_COUNT]! * fraction;
  };
  const valuer: Valuer = {
    errors,
    inRange,
    update(frame) {
      now = frame / BUCKET_FRAMES;
      for (let object = 0; object < count; object++) {
        const row = object * STATE_COUNT;
        for (let state = 0; state < STATE_COUNT; state++)
          errors[row + state] = at(object, state, now);
        inRange[object] = errors[row]! > 0 ? 1 : 0;
      }
    },
  };
  if (!options.landsLater) return valuer;
  valuer.gain = (object, from, to, arrivalS) => {
    const bucket = arrivalS / BUCKET_SECONDS;
    const worth = Math.exp((-bucket * BUCKET_FRAMES * FRAME_SECONDS) / options.discountS);
    const then = now + bucket;
    return (at(object, from + 1, then) - at(object, to + 1, then)) * worth;
  };
  return valuer;
}

/** Discounted sums of the error to come, by object, bucket (and one beyond the last) and state. */
function sumFuture(
  { future, buckets }: Visibility,
  count: number,
  { discountS, horizonS }: OracleOptions,
): Float32Array {
  const decay = Math.exp(-BUCKET_SECONDS / discountS);
  const horizon = Math.round(horizonS / BUCKET_SECONDS);
  const beyond = decay ** horizon;
  const ahead = new Float32Array(count * (buckets + 1) * STATE_COUNT);
  for (let object = 0; object < count; object++)
    for (let state = 0; state < STATE_COUNT; state++) {
      const first = object * buckets * STATE_COUNT + state;
      const target = object * (buckets + 1) * STATE_COUNT + state;
      let sum = 0;
      for (let bucket = buckets - 1; bucket >= 0; bucket--) {
        sum = future[first + bucket * STATE_COUNT]! + decay * sum;
        if (horizon > 0 && bucket + horizon < buckets)
          sum -= future[first + (bucket + horizon) * STATE_COUNT]! * beyond;
        ahead[target + bucket * STATE_COUNT] = sum;
      }
    }
  return ahead;
}
