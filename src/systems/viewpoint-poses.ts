/** The poses to plan for of one viewpoint: where it is, and what is foretold or predicted of it. */
import { POSE_STRIDE, writeView } from '../spatial/expected-error.ts';
import { FED_STRIDE, type FedPoses, firstAhead } from '../spatial/fed-poses.ts';
import { predictPose } from '../spatial/predict.ts';
import type { StreamWorld, Tracked } from '../world.ts';

/** What a pose is seen through. */
export interface Lens {
  /** Pixels per tangent. */
  k: number;
  /** Half angles of the view (radians); π sees everything. */
  halfWidth: number;
  halfHeight: number;
  /** What the weights of all that is seen through it add up to. */
  share: number;
}

/** No time ahead. */
const NOW = new Float64Array(1);

/**
 * Sets what follows from the field of view; `k` is set beside it.
 *
 * @param isDirected false for an eye that looks everywhere at once
 */
export function setLens(
  lens: Lens,
  fovYRadians: number,
  aspect: number,
  isDirected: boolean,
): Lens {
  lens.halfWidth = isDirected ? Math.atan(Math.tan(fovYRadians / 2) * aspect) : Math.PI;
  lens.halfHeight = isDirected ? fovYRadians / 2 : Math.PI;
  return lens;
}

/** Appends the poses of a viewpoint. The first is what it is now. */
export function addViewpointPoses(world: StreamWorld, tracked: Tracked, lens: Lens): void {
  const { fed } = tracked;
  const first = fed ? firstAhead(fed, world.clock.now()) : 0;
  if (fed && first < fed.count) addFed(world, tracked, fed, first, lens);
  else addPredicted(world, tracked, lens);
}

function addPredicted(world: StreamWorld, { motion, look }: Tracked, lens: Lens): void {
  const { horizonsSeconds, weights } = world.prediction;
  const { poses } = world.score;
  for (let horizon = 0; horizon < horizonsSeconds.length; horizon++) {
    const at = poses.count * POSE_STRIDE;
    predictPose(motion, horizonsSeconds, horizon, poses.values, at);
    poses.values[at + 6] = weights[horizon]! * lens.share;
    endPose(world, lens, horizon === 0);
    // An eye that sees all around has nowhere to look.
    if (look && horizon > 0 && lens.halfWidth < Math.PI)
      poses.spreads[poses.count - 1] = look.spreads[horizon]!;
  }
}

/** Fed poses take the place of all predicted ones but the first. */
function addFed(
  world: StreamWorld,
  { motion }: Tracked,
  fed: FedPoses,
  first: number,
  lens: Lens,
): void {
  const { poses } = world.score;
  let sum = 1;
  for (let i = first; i < fed.count; i++) sum += fed.values[i * FED_STRIDE + 7]!;
  const now = poses.count * POSE_STRIDE;
  predictPose(motion, NOW, 0, poses.values, now);
  poses.values[now + 6] = lens.share / sum;
  endPose(world, lens, true);
  for (let i = first; i < fed.count; i++) {
    const at = poses.count * POSE_STRIDE;
    const from = i * FED_STRIDE;
    for (let part = 0; part < 6; part++) poses.values[at + part] = fed.values[from + 1 + part]!;
    poses.values[at + 6] = (fed.values[from + 7]! / sum) * lens.share;
    endPose(world, lens, false);
  }
}

/** Completes and counts the pose whose eye, direction and weight were written behind the last. */
export function endPose(world: StreamWorld, lens: Lens, isPresent: boolean): void {
  const { poses } = world.score;
  poses.present[poses.count] = isPresent ? 1 : 0;
  poses.spreads[poses.count] = null;
  const at = poses.count++ * POSE_STRIDE;
  poses.values[at + 7] = lens.k;
  poses.values[at + 9] = lens.halfWidth;
  poses.values[at + 10] = lens.halfHeight;
  writeView(poses.values, at);
}
