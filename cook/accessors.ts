/** Values of glTF accessors as floats and indices. */
import type { Accessor } from '@gltf-transform/core';

/** Integer that stands for 1 in each normalized type. */
function unitOf(array: ArrayLike<number>): number {
  if (array instanceof Int8Array) return 127;
  if (array instanceof Uint8Array) return 255;
  if (array instanceof Int16Array) return 32767;
  if (array instanceof Uint16Array) return 65535;
  return 1;
}

/**
 * `size` floats per element, in an array of its own. Components that the accessor lacks are
 * `filler`; those it has beyond `size` are dropped.
 */
export function readFloats(accessor: Accessor, size: number, filler: number = 0): Float32Array {
  const array = accessor.getArray() ?? new Float32Array(0);
  const itemSize = accessor.getElementSize();
  const count = accessor.getCount();
  const isNormalized = accessor.getNormalized();
  const unit = isNormalized ? unitOf(array) : 1;
  const floats = new Float32Array(count * size);
  for (let i = 0; i < count; i++)
    for (let c = 0; c < size; c++) {
      const value = c < itemSize ? array[i * itemSize + c]! / unit : filler;
      floats[i * size + c] = isNormalized ? Math.max(-1, value) : value;
    }
  return floats;
}

/** Whether every value is a number that can be drawn. */
export function areFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
}
