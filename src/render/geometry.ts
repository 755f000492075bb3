/**
 * Decoded primitives as three.js geometry. The arrays are used as they are: nothing is copied,
 * nothing is computed (the bounding sphere of 101,000 vertices would take 5 ms; the cook wrote it).
 */
import { BufferAttribute, BufferGeometry, Sphere, Vector3 } from 'three';
import type { DecodedPrimitive, MeshContent } from '../io/content.ts';
import { SharedGeometry } from './shared-geometry.ts';

/**
 * Wraps one primitive. Positions stay quantized, so the geometry spans [-1, 1] and whoever draws it
 * puts `meters = position * content.scale + content.offset` into its matrix.
 *
 * The geometry takes over the arrays. Throws when an array does not fit its item size.
 *
 * @param isShared for a place in the shared buffers, which is still to be given to it
 */
export function createGeometry(
  primitive: DecodedPrimitive,
  content: MeshContent,
  isShared = false,
): BufferGeometry {
  const shared = isShared ? new SharedGeometry(primitive.index) : null;
  const geometry = shared ?? new BufferGeometry();
  for (const { name, array, itemSize, normalized } of primitive.attributes) {
    if (array.length === 0 || array.length % itemSize !== 0) {
      throw new Error(
        `attribute ${name} has ${array.length} values, expected a positive multiple of ${itemSize}`,
      );
    }
    // 16-bit positions stand for [-1, 1] by the definition of `MeshContent`, whatever the flag says.
    const isPosition = name === 'position';
    if (isPosition && !(array instanceof Int16Array)) {
      throw new Error(`attribute position is a ${array.constructor.name}, expected an Int16Array`);
    }
    const isNormalized = normalized || isPosition;
    if (shared) shared.add(name, array, itemSize, isNormalized);
    else geometry.setAttribute(name, new BufferAttribute(array, itemSize, isNormalized));
  }
  if (!geometry.hasAttribute('position')) throw new Error('a primitive has no attribute position');
  if (!shared) geometry.setIndex(new BufferAttribute(primitive.index, 1));
  const [x, y, z, radius] = primitive.sphere;
  const { scale, offset } = content;
  geometry.boundingSphere = new Sphere(
    new Vector3((x - offset[0]) / scale, (y - offset[1]) / scale, (z - offset[2]) / scale),
    radius / scale,
  );
  return geometry;
}

/** Bytes of all vertex and index arrays of a primitive. */
export function geometryBytes(primitive: DecodedPrimitive): number {
  let bytes = primitive.index.byteLength;
  for (const { array } of primitive.attributes) bytes += array.byteLength;
  return bytes;
}
