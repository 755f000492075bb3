/**
 * Mesh streams packed with meshoptimizer's vertex and index codecs (EXT_meshopt_compression, modes
 * ATTRIBUTES and TRIANGLES, no filter). Decoding is some twenty times faster than Draco.
 */

import { MeshoptDecoder } from 'meshoptimizer/decoder';
import { reasonOf } from '../../base/errors.ts';
import type { PrimitiveHeader, StreamRange } from '../bundle/mesh-header.ts';
import type { DecodedPrimitive } from '../content.ts';
import type { Bytes } from '../source.ts';
import { attributeBytes, viewAttribute, viewIndex } from './arrays.ts';
import { damaged } from './check.ts';

let isReady = false;
const ready: Promise<void> = MeshoptDecoder.supported
  ? MeshoptDecoder.ready.then(() => {
      isReady = true;
    })
  : Promise.reject(damaged('meshopt needs WebAssembly, which this host does not have'));
// Whoever awaits `warmMeshopt` meets the rejection; importing this file alone must not.
ready.catch(() => undefined);

/** Resolves when `decodeMeshopt` can be called. */
export function warmMeshopt(): Promise<void> | undefined {
  return isReady ? undefined : ready;
}

export function decodeMeshopt(primitive: PrimitiveHeader, streams: Bytes): DecodedPrimitive {
  const { vertexCount, indexCount } = primitive;
  const attributes = primitive.attributes.map((header) => {
    const buffer = new ArrayBuffer(attributeBytes(primitive, header));
    const stride = buffer.byteLength / vertexCount;
    const source = cut(streams, header, header.name);
    unpack(header.name, () =>
      MeshoptDecoder.decodeVertexBuffer(new Uint8Array(buffer), vertexCount, stride, source),
    );
    const { name, itemSize, normalized } = header;
    return { name, array: viewAttribute(header, buffer), itemSize, normalized };
  });
  const indexSize = primitive.indexType === 'u16' ? 2 : 4;
  const buffer = new ArrayBuffer(indexCount * indexSize);
  const source = cut(streams, primitive.index, 'index');
  unpack('index', () =>
    MeshoptDecoder.decodeIndexBuffer(new Uint8Array(buffer), indexCount, indexSize, source),
  );
  const { material, sphere } = primitive;
  return { material, sphere, attributes, index: viewIndex(primitive, buffer) };
}

function cut(streams: Bytes, range: Partial<StreamRange> | undefined, name: string): Bytes {
  if (range?.offset === undefined || range.bytes === undefined)
    throw damaged(`stream ${name} is not in the head`);
  return streams.subarray(range.offset, range.offset + range.bytes);
}

function unpack(name: string, decode: () => void): void {
  try {
    decode();
  } catch (error) {
    const reason = reasonOf(error);
    throw damaged(`meshopt cannot decode stream ${name} (${reason})`);
  }
}
