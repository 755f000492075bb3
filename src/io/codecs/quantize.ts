/**
 * Converts attributes of any numeric type to the layout that a mesh head names: the same bytes per
 * vertex whatever the codec, so that the memory of a payload is known before it is asked for.
 */
import type { AttributeHeader, MeshHeader, ScalarType } from '../bundle/mesh-header.ts';
import type { AttributeArray } from '../content.ts';

/** Values as a codec returns them: `values.length = vertexCount * size`. */
export interface SourceAttribute {
  values:
    | Int8Array
    | Uint8Array
    | Uint8ClampedArray
    | Int16Array
    | Uint16Array
    | Int32Array
    | Uint32Array
    | Float32Array
    | Float64Array;
  size: number;
}

/** `stored = (value - offset[axis]) * factor`. */
export interface Quantizer {
  offset: readonly [number, number, number];
  factor: number;
}

/** Largest integer of each type; floats are stored as they are. */
const LARGEST: Readonly<Record<ScalarType, number>> = {
  i8: 127,
  u8: 255,
  i16: 32767,
  u16: 65535,
  f32: 1,
};

/** The one that turns meters into the integers of this mesh. */
export function quantizer(header: Pick<MeshHeader, 'scale' | 'offset'>): Quantizer {
  return { offset: header.offset, factor: header.scale > 0 ? LARGEST.i16 / header.scale : 0 };
}

/**
 * Fills `target` from `source`. With a quantizer the values are meters. Without one, integers stand
 * for [0, 1] or [-1, 1] on both sides where the layout is normalized, and for themselves where it is
 * not. Missing components are 0, a missing alpha is 1.
 */
export function fillAttribute(
  target: AttributeArray,
  header: AttributeHeader,
  source: SourceAttribute,
  position: Quantizer | null,
): void {
  const { itemSize, type } = header;
  const { values, size } = source;
  const largest = LARGEST[type];
  const isSigned = type === 'i8' || type === 'i16';
  const isPlain = !position && !header.normalized && type !== 'f32';
  const smallest = isSigned ? -largest - (isPlain ? 1 : 0) : 0;
  let factor = largest / unitOf(values);
  if (position) factor = position.factor;
  else if (isPlain) factor = 1;
  const count = target.length / itemSize;
  for (let component = 0; component < itemSize; component++) {
    if (component >= size) {
      const filler = header.name === 'color' && component === 3 ? largest : 0;
      for (let i = 0; i < count; i++) target[i * itemSize + component] = filler;
      continue;
    }
    const offset = position?.offset[component] ?? 0;
    for (let i = 0; i < count; i++) {
      const value = (values[i * size + component]! - offset) * factor;
      target[i * itemSize + component] =
        type === 'f32' ? value : Math.min(largest, Math.max(smallest, Math.round(value)));
    }
  }
}

/** The integer that stands for 1, or 1 for floats. */
function unitOf(values: SourceAttribute['values']): number {
  if (values instanceof Int8Array) return 127;
  if (values instanceof Uint8Array || values instanceof Uint8ClampedArray) return 255;
  if (values instanceof Int16Array) return 32767;
  if (values instanceof Uint16Array) return 65535;
  if (values instanceof Int32Array) return 2147483647;
  if (values instanceof Uint32Array) return 4294967295;
  return 1;
}
