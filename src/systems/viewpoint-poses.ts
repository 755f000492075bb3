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
}

/** @param isDirected false for an eye that looks everywhere at once */
export function setLens(
  lens: Lens,
  k: number,
  fovYRadians: number,
  aspect: number,
  isDirected: boolean,
): Lens {
  lens.k = k;
  lens.halfWidth = isDirected ? Math.atan(Math.tan(fovYRadians / 2) * aspect) : Math.PI;
  lens.halfHeight = isDirected ? fovYRadians / 2 : Math.PI;
  return lens;
}

/** Appends the poses of a viewpoint; their weights add up to `share`. The first is what it is now. */
export function addViewpointPoses(
  world: StreamWorld,
  tracked: Tracked,
  lens: Lens,
  share: number,
): void {
  const { fed } = tracked;
  const first = fed ? firstAhead(fed, world.clock.now()) : 0;
  if (fed && first < fed.count) addFed(world, tracked, fed, first, lens, share);
  else addPredicted(world, tracked, lens, share);
}

function addPredicted(world: StreamWorld, { motion }: Tracked, lens: Lens, share: number): void {
  const { horizonsSeconds, weights } = world.prediction;
  const { poses } = world.score;
  for (let horizon = 0; horizon < horizonsSeconds.length; horizon++) {
    const at = poses.count * POSE_STRIDE;
    predictPose(motion, horizonsSeconds[horizon]!, poses.values, at);
    endPose(world, lens, weights[horizon]! * share, horizon === 0);
  }
}

/** Fed poses take the place of all predicted ones but the first. */
function addFed(
  world: StreamWorld,
  { motion }: Tracked,
  fed: FedPoses,
  first: number,
  lens: Lens,
  share: number,
): void {
  const { poses } = world.score;
  let sum = 1;
  for (let i = first; i < fed.count; i++) sum += fed.values[i * FED_STRIDE + 7]!;
  predictPose(motion, 0, poses.values, poses.count * POSE_STRIDE);
  endPose(world, lens, share / sum, true);
  for (let i = first; i < fed.count; i++) {
    const at = poses.count * POSE_STRIDE;
    const from = i * FED_STRIDE;
    for (let part = 0; part < 6; part++) poses.values[at + part] = fed.values[from + 1 + part]!;
    endPose(world, lens, (fed.values[from + 7]! / sum) * share, false);
  }
}

/** Completes and counts the pose whose eye and direction were written behind the last. */
export function endPose(world: StreamWorld, lens: Lens, weight: number, isPresent: boolean): void {
  const { poses } = world.score;
  poses.present[poses.count] = isPresent ? 1 : 0;
  const at = poses.count++ * POSE_STRIDE;
  poses.values[at + 6] = weight;
  poses.values[at + 7] = lens.k;
  writeView(poses.values, at, lens.halfWidth, lens.halfHeight);
}
