/**
 * The matrix of one instance, written straight into the array that the GPU reads: objects and
 * `Matrix4.compose` per slot would cost several times as much when thousands of slots change.
 */
import type { Object3D } from 'three';
import type { SlotTransforms } from '../memory/view.ts';

/** How a payload's quantized positions become meters: `meters = position * scale + offset`. */
export interface Dequantization {
  readonly scale: number;
  readonly offset: readonly [number, number, number];
}

/**
 * Writes T(position) · R(rotation) · S(scale) · T(offset) · S(dequantization), column by column, at
 * `out[at .. at + 15]`. Quaternions are normalized on the way, so their 16 bits cause no shear; the
 * zero quaternion counts as no rotation. Allocates nothing.
 */
export function writeInstanceMatrix(
  out: Float32Array,
  at: number,
  transforms: SlotTransforms,
  slot: number,
  quantization: Dequantization,
): void {
  const x = transforms.rotations[slot * 4]!;
  const y = transforms.rotations[slot * 4 + 1]!;
  const z = transforms.rotations[slot * 4 + 2]!;
  const w = transforms.rotations[slot * 4 + 3]!;
  const scale = transforms.scales[slot]!;
  const squared = x * x + y * y + z * z + w * w;
  const k = squared > 0 ? (2 * scale) / squared : 0;
  const r00 = scale - (y * y + z * z) * k;
  const r01 = (x * y - w * z) * k;
  const r02 = (x * z + w * y) * k;
  const r10 = (x * y + w * z) * k;
  const r11 = scale - (x * x + z * z) * k;
  const r12 = (y * z - w * x) * k;
  const r20 = (x * z - w * y) * k;
  const r21 = (y * z + w * x) * k;
  const r22 = scale - (x * x + y * y) * k;
  const q = quantization.scale;
  const ox = quantization.offset[0];
  const oy = quantization.offset[1];
  const oz = quantization.offset[2];
  out[at] = r00 * q;
  out[at + 1] = r10 * q;
  out[at + 2] = r20 * q;
  out[at + 3] = 0;
  out[at + 4] = r01 * q;
  out[at + 5] = r11 * q;
  out[at + 6] = r21 * q;
  out[at + 7] = 0;
  out[at + 8] = r02 * q;
  out[at + 9] = r12 * q;
  out[at + 10] = r22 * q;
  out[at + 11] = 0;
  out[at + 12] = transforms.positions[slot * 3]! + r00 * ox + r01 * oy + r02 * oz;
  out[at + 13] = transforms.positions[slot * 3 + 1]! + r10 * ox + r11 * oy + r12 * oz;
  out[at + 14] = transforms.positions[slot * 3 + 2]! + r20 * ox + r21 * oy + r22 * oz;
  out[at + 15] = 1;
}

/** Gives an object the transform of a slot, from a matrix that `writeInstanceMatrix` made. */
export function applySlotTransform(
  object: Object3D,
  matrix: Float32Array,
  quantization: Dequantization,
): void {
  object.matrix.fromArray(matrix);
  object.matrix.decompose(object.position, object.quaternion, object.scale);
  object.scale.divideScalar(quantization.scale);
  const origin = object.position.clone().fromArray(quantization.offset);
  origin.multiply(object.scale).applyQuaternion(object.quaternion);
  object.position.sub(origin);
  object.updateMatrix();
}
