/** Typed arrays by the names that mesh heads use, and the checks that all codecs share. */
import type { AttributeHeader, PrimitiveHeader } from '../bundle/mesh-header.ts';
import type { AttributeArray } from '../content.ts';
import { damaged } from './check.ts';
import { SCALAR_BYTES } from './mesh-head.ts';

/** An attribute array over the whole of `buffer`. */
export function viewAttribute(header: AttributeHeader, buffer: ArrayBuffer): AttributeArray {
  switch (header.type) {
    case 'i8':
      return new Int8Array(buffer);
    case 'u8':
      return new Uint8Array(buffer);
    case 'i16':
      return new Int16Array(buffer);
    case 'u16':
      return new Uint16Array(buffer);
    case 'f32':
      return new Float32Array(buffer);
  }
}

/** Bytes of one decoded attribute. */
export function attributeBytes(primitive: PrimitiveHeader, header: AttributeHeader): number {
  return primitive.vertexCount * header.itemSize * SCALAR_BYTES[header.type];
}

/** An index array over the whole of `buffer`, checked: every index names a vertex that exists. */
export function viewIndex(
  primitive: PrimitiveHeader,
  buffer: ArrayBuffer,
): Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> {
  const index = primitive.indexType === 'u16' ? new Uint16Array(buffer) : new Uint32Array(buffer);
  checkIndices(index, primitive.vertexCount);
  return index;
}

/**
 * Throws when an index reaches beyond the vertices. Eight to a step and without a branch: the sign
 * bit of `marks` is set by an index below zero (2^31 or above, unsigned) or above the last vertex.
 */
export function checkIndices(index: Uint16Array | Uint32Array, vertexCount: number): void {
  const isGood =
    index instanceof Uint16Array
      ? areSmallBelow(index, vertexCount)
      : areBelow(new Int32Array(index.buffer, index.byteOffset, index.length), vertexCount);
  if (isGood) return;
  let largest = 0;
  for (const vertex of index) if (vertex > largest) largest = vertex;
  throw damaged(`an index names vertex ${largest}, expected less than ${vertexCount}`);
}

function areBelow(index: Int32Array, vertexCount: number): boolean {
  const last = vertexCount - 1;
  const whole = index.length & ~7;
  let marks = 0;
  let i = 0;
  for (; i < whole; i += 8) {
    const a = index[i]!;
    const b = index[i + 1]!;
    const c = index[i + 2]!;
    const d = index[i + 3]!;
    marks |= a | (last - a) | b | (last - b) | c | (last - c) | d | (last - d);
    const e = index[i + 4]!;
    const f = index[i + 5]!;
    const g = index[i + 6]!;
    const h = index[i + 7]!;
    marks |= e | (last - e) | f | (last - f) | g | (last - g) | h | (last - h);
  }
  for (; i < index.length; i++) marks |= index[i]! | (last - index[i]!);
  return marks >= 0;
}

function areSmallBelow(index: Uint16Array, vertexCount: number): boolean {
  // Sixteen bits cannot name more.
  if (vertexCount > 65_535) return true;
  const last = vertexCount - 1;
  const whole = index.length & ~7;
  let marks = 0;
  let i = 0;
  for (; i < whole; i += 8) {
    marks |= (last - index[i]!) | (last - index[i + 1]!) | (last - index[i + 2]!);
    marks |= (last - index[i + 3]!) | (last - index[i + 4]!) | (last - index[i + 5]!);
    marks |= (last - index[i + 6]!) | (last - index[i + 7]!);
  }
  for (; i < index.length; i++) marks |= last - index[i]!;
  return marks >= 0;
}
