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
  if (isCopy(target, source, header, position)) {
    target.set(values);
    return;
  }
  if (values instanceof Float32Array && type !== 'f32') {
    const filler = header.name === 'color' ? largest : 0;
    const offsets = position?.offset ?? NO_OFFSET;
    roundFloats(target, values, { size, itemSize, offsets, factor, smallest, largest, filler });
    return;
  }
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

/** Whether every value of the source is stored as it is. */
function isCopy(
  target: AttributeArray,
  { values, size }: SourceAttribute,
  { itemSize, normalized }: AttributeHeader,
  position: Quantizer | null,
): boolean {
  if (position || size !== itemSize || values.constructor !== target.constructor) return false;
  // Normalized and signed: the least value has no positive twin and is moved up by one.
  return !(normalized && (values instanceof Int8Array || values instanceof Int16Array));
}

const NO_OFFSET: Quantizer['offset'] = [0, 0, 0];
/** Vertices that are rounded at a time: their integers stay in the fastest cache. */
const CHUNK_VERTICES = 1024;

interface Rounding {
  size: number;
  itemSize: number;
  offsets: Quantizer['offset'];
  factor: number;
  smallest: number;
  largest: number;
  /** Of a fourth component that the source lacks. */
  filler: number;
}

/**
 * Floats to integers by way of 32-bit ones: the loop then meets two kinds of array only, whatever
 * the target is, and the machine code for it is never thrown away.
 */
function roundFloats(target: AttributeArray, values: Float32Array, how: Rounding): void {
  const { size, itemSize, offsets, factor, smallest, largest, filler } = how;
  const count = target.length / itemSize;
  const chunk = new Int32Array(Math.min(CHUNK_VERTICES, count) * itemSize);
  if (itemSize === 4 && size < 4) for (let i = 3; i < chunk.length; i += 4) chunk[i] = filler;
  const components = Math.min(size, itemSize);
  for (let first = 0; first < count; first += CHUNK_VERTICES) {
    const used = Math.min(CHUNK_VERTICES, count - first);
    for (let component = 0; component < components; component++) {
      const offset = offsets[component] ?? 0;
      let from = first * size + component;
      let to = component;
      for (let i = 0; i < used; i++, from += size, to += itemSize) {
        const value = (values[from]! - offset) * factor;
        const bounded = value < smallest ? smallest : value > largest ? largest : value;
        // As `Math.round` does, a half goes up.
        chunk[to] = Math.floor(bounded + 0.5);
      }
    }
    const whole = used * itemSize;
    target.set(whole === chunk.length ? chunk : chunk.subarray(0, whole), first * itemSize);
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
