/**
 * What a sweep reads, as numbers that are compared: while they stay the same, so would its answer.
 *
 * Not compared, because the game may write them at any time: the columns of `StreamRequest` (a world
 * with requests is scored once a second at rest) and what sets `sweep.sinceSeconds` to infinity.
 */
import { grown } from '../base/grown.ts';
import { POSE_STRIDE } from '../spatial/expected-error.ts';
import type { StreamWorld } from '../world.ts';
import { heldBytes } from './holds.ts';

/**
 * A predicted pose creeps towards the present one for a long time after the camera has come to rest.
 * Less than this is no change (meters, radians).
 */
const POSE_TOLERANCE = 1e-3;

/** Whether anything differs from the last call, which is remembered instead. */
export function takeInputs(world: StreamWorld): boolean {
  const { score, sweep } = world;
  const needed = FIXED_INPUTS + score.poses.count * POSE_STRIDE;
  if (sweep.inputs.length < needed) sweep.inputs = grown(sweep.inputs, needed * 2);
  const isSameLength = sweep.inputCount === needed;
  sweep.inputCount = needed;
  const isSameState = takeState(world);
  const isSamePoses = takePoses(world, FIXED_INPUTS);
  return !(isSameLength && isSameState && isSamePoses);
}

const FIXED_INPUTS = 15;

function takeState(world: StreamWorld): boolean {
  const { score, sweep, culling } = world;
  const { inputs } = sweep;
  let isSame = take(inputs, 0, score.errorPx);
  isSame = take(inputs, 1, score.screenPixels) && isSame;
  isSame = take(inputs, 2, world.selectionVersion) && isSame;
  // Cells come and go, and entities move, by way of the trees.
  isSame = take(inputs, 3, world.cellTree.version) && isSame;
  isSame = take(inputs, 4, world.entityTree.version) && isSame;
  isSame = take(inputs, 5, culling.cellFrame) && isSame;
  isSame = take(inputs, 6, culling.entityFrame) && isSame;
  isSame = take(inputs, 7, (world.baseKept ? 1 : 0) + (world.proxiesKept ? 2 : 0)) && isSame;
  isSame = take(inputs, 8, world.options.prefetchRadiusMeters) && isSame;
  isSame = take(inputs, 9, heldBytes(world)) && isSame;
  isSame = take(inputs, 13, score.poses.spreadVersion) && isSame;
  for (let axis = 0; axis < 3; axis++)
    isSame = takeNear(inputs, 10 + axis, score.course[axis]!) && isSame;
  isSame = take(inputs, 14, world.priorityVersion) && isSame;
  return isSame;
}

function takePoses(world: StreamWorld, first: number): boolean {
  const { values, count } = world.score.poses;
  const { inputs } = world.sweep;
  let isSame = true;
  for (let i = 0; i < count * POSE_STRIDE; i++)
    isSame = takeNear(inputs, first + i, values[i]!) && isSame;
  return isSame;
}

/** Whether the number is the one remembered; remembers it. */
function take(inputs: Float64Array, at: number, value: number): boolean {
  const isSame = inputs[at] === value;
  inputs[at] = value;
  return isSame;
}

/** As `take`; what is nearly the same is not remembered, so that it cannot creep away. */
function takeNear(inputs: Float64Array, at: number, value: number): boolean {
  const isSame = Math.abs(inputs[at]! - value) < POSE_TOLERANCE;
  if (!isSame) inputs[at] = value;
  return isSame;
}
