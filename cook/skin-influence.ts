/**
 * What simplification knows of skins. It keeps vertices as they are and so never mixes weights, but
 * it must not take away a vertex that moves unlike its neighbors. Each joint gets a direction of its
 * own; a vertex gets the weighted sum of its joints' directions, and two vertices whose sums differ
 * are as far apart as their influences differ.
 *
 * Based on: Johnson, Lindenstrauss. Extensions of Lipschitz mappings into a Hilbert space. 1984.
 */
import { createRandom } from '../src/base/random.ts';

/** Numbers per vertex. */
export const INFLUENCES = 3;

/** Four joints and four weights per vertex. */
export interface Skin {
  joints: Float32Array;
  weights: Float32Array;
}

/** Writes three numbers per vertex, every `stride` entries from `at` on. */
export function addInfluences(
  { joints, weights }: Skin,
  out: Float32Array,
  at: number,
  stride: number,
): void {
  const directions = new Map<number, readonly number[]>();
  for (let vertex = 0; vertex < joints.length / 4; vertex++)
    for (let k = vertex * 4; k < vertex * 4 + 4; k++) {
      const joint = joints[k]!;
      const direction = directions.get(joint) ?? directionOf(joint);
      directions.set(joint, direction);
      for (let c = 0; c < INFLUENCES; c++) {
        const to = at + vertex * stride + c;
        out[to] = out[to]! + weights[k]! * direction[c]!;
      }
    }
}

/** A point of the unit sphere, always the same for the same joint. */
function directionOf(joint: number): readonly number[] {
  const random = createRandom(joint + 1);
  const up = random() * 2 - 1;
  const turn = random() * 2 * Math.PI;
  const side = Math.sqrt(1 - up * up);
  return [side * Math.cos(turn), up, side * Math.sin(turn)];
}
