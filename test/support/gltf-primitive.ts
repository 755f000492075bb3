/** Arrays as a primitive of a glTF document, for models made on the spot. */
import type { Buffer, Document, Material, Primitive } from '@gltf-transform/core';

/** As in a document: positions and normals x, y, z, uvs u, v, three indices a triangle. */
export interface MeshArrays {
  positions: Float32Array;
  normals: Float32Array;
  uvs: Float32Array;
  index: Uint32Array;
}

/** A primitive in the buffer, which takes over the arrays. */
export function createPrimitive(
  document: Document,
  buffer: Buffer,
  material: Material,
  { positions, normals, uvs, index }: MeshArrays,
): Primitive {
  const accessor = (type: 'VEC2' | 'VEC3' | 'SCALAR', array: Float32Array | Uint32Array) =>
    document.createAccessor().setType(type).setArray(array).setBuffer(buffer);
  return document
    .createPrimitive()
    .setIndices(accessor('SCALAR', index))
    .setAttribute('POSITION', accessor('VEC3', positions))
    .setAttribute('NORMAL', accessor('VEC3', normals))
    .setAttribute('TEXCOORD_0', accessor('VEC2', uvs))
    .setMaterial(material);
}
