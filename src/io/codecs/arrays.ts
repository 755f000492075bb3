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

/** Throws when an index reaches beyond the vertices. */
export function checkIndices(index: ArrayLike<number>, vertexCount: number): void {
  let largest = 0;
  for (let i = 0; i < index.length; i++) if (index[i]! > largest) largest = index[i]!;
  if (largest >= vertexCount)
    throw damaged(`an index names vertex ${largest}, expected less than ${vertexCount}`);
}
