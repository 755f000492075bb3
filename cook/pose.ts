/** The pose a model opens in: skins and morph targets, applied once and forgotten. */
import type { Accessor, Node, Primitive, Skin } from '@gltf-transform/core';
import { readFloats } from './accessors.ts';
import { applyTangentMatrix, multiply, normalize } from './matrix.ts';

/** Adds morph targets at their default weights. */
export function blendTargets(primitive: Primitive, node: Node, positions: Float32Array): void {
  const nodeWeights = node.getWeights();
  const weights = nodeWeights.length > 0 ? nodeWeights : (node.getMesh()?.getWeights() ?? []);
  primitive.listTargets().forEach((target, i) => {
    const accessor = target.getAttribute('POSITION');
    const weight = weights[i] ?? 0;
    if (!accessor || weight === 0) return;
    const offsets = readFloats(accessor, 3);
    for (let k = 0; k < positions.length; k++) positions[k] = positions[k]! + weight * offsets[k]!;
  });
}

/** World matrix of each joint times its inverse bind matrix. */
export function skinMatrices(skin: Skin): Float64Array[] {
  const inverses = skin.getInverseBindMatrices();
  const floats = inverses ? readFloats(inverses, 16) : null;
  return skin.listJoints().map((joint, i) => {
    const world = joint.getWorldMatrix();
    return floats
      ? multiply(world, floats.subarray(i * 16, i * 16 + 16))
      : Float64Array.from(world);
  });
}

/** Moves vertices by their joints, in place. The transform of the skinned node itself is ignored. */
export function skinVertices(
  matrices: readonly Float64Array[],
  joints: Accessor,
  weights: Accessor,
  positions: Float32Array,
  normals: Float32Array,
  tangents: Float32Array | null,
): void {
  const jointOf = readFloats(joints, 4);
  const weightOf = readFloats(weights, 4);
  for (let vertex = 0; vertex < positions.length / 3; vertex++) {
    const blended = new Float64Array(16);
    let total = 0;
    for (let k = 0; k < 4; k++) {
      const weight = weightOf[vertex * 4 + k]!;
      const matrix = matrices[jointOf[vertex * 4 + k]!];
      if (weight === 0 || !matrix) continue;
      total += weight;
      for (let e = 0; e < 16; e++) blended[e] = blended[e]! + weight * matrix[e]!;
    }
    if (total === 0) continue;
    transform(blended, total, positions, vertex * 3, 1);
    transform(blended, total, normals, vertex * 3, 0);
    if (tangents) applyTangentMatrix(blended, tangents.subarray(vertex * 4, vertex * 4 + 4));
  }
  normalize(normals);
}

function transform(
  m: Float64Array,
  total: number,
  values: Float32Array,
  at: number,
  w: number,
): void {
  const [x, y, z] = [values[at]!, values[at + 1]!, values[at + 2]!];
  for (let row = 0; row < 3; row++)
    values[at + row] = (m[row]! * x + m[4 + row]! * y + m[8 + row]! * z + m[12 + row]! * w) / total;
}
