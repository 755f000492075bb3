/** Mesh streams stored as the little-endian arrays themselves. */
import type { PrimitiveHeader, StreamRange } from '../bundle/mesh-header.ts';
import type { DecodedPrimitive } from '../content.ts';
import type { Bytes } from '../source.ts';
import { attributeBytes, viewAttribute, viewIndex } from './arrays.ts';
import { damaged } from './check.ts';

/** Copies the arrays out of the content, so that each owns its buffer and can be transferred. */
export function decodeRaw(primitive: PrimitiveHeader, streams: Bytes): DecodedPrimitive {
  const indexBytes = primitive.indexCount * (primitive.indexType === 'u16' ? 2 : 4);
  return {
    material: primitive.material,
    sphere: primitive.sphere,
    attributes: primitive.attributes.map((header) => ({
      name: header.name,
      array: viewAttribute(
        header,
        copy(streams, header, attributeBytes(primitive, header), header.name),
      ),
      itemSize: header.itemSize,
      normalized: header.normalized,
    })),
    index: viewIndex(primitive, copy(streams, primitive.index, indexBytes, 'index')),
  };
}

function copy(
  streams: Bytes,
  range: Partial<StreamRange> | undefined,
  expected: number,
  name: string,
): ArrayBuffer {
  if (range?.offset === undefined || range.bytes !== expected)
    throw damaged(`stream ${name} has ${range?.bytes ?? 0} bytes, expected ${expected}`);
  return streams.slice(range.offset, range.offset + expected).buffer;
}
