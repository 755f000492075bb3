/**
 * Vertex attributes beyond positions, normals, uvs and colors: tangents, skins and what the author
 * named himself. Every step of the cook passes them on without knowing what they mean.
 */
import type { Accessor, Document, Primitive, Skin } from '@gltf-transform/core';
import type { AttributeHeader, ScalarType } from '../src/io/bundle/mesh-header.ts';
import { SCALAR_BYTES } from '../src/io/codecs/mesh-head.ts';
import type { AttributeName } from '../src/io/content.ts';
import { areFinite, readFloats } from './accessors.ts';

/** One attribute as floats, and the layout it is stored in. */
export interface VertexAttribute {
  /** Values per vertex in `values`; the stored `layout.itemSize` may be larger, padded with zeros. */
  size: number;
  /** Normalized layouts: in [0, 1] or [-1, 1]. Others: as stored. */
  values: Float32Array;
  layout: AttributeHeader;
}

/** Weights of a vertex are whole 255ths, so that they still add up to 1 once stored. */
const WEIGHT_UNIT = 255;

/** Tangents of the source (x, y, z and the side of the bitangent), or null. */
export function readTangents(primitive: Primitive, vertexCount: number): VertexAttribute | null {
  const accessor = primitive.getAttribute('TANGENT');
  if (!accessor || accessor.getCount() !== vertexCount) return null;
  const values = readFloats(accessor, 4, 1);
  return areFinite(values) ? { size: 4, values, layout: layoutOf('tangent', 'i8', 4, true) } : null;
}

/**
 * Joints and weights of one skin. Joints count through all skins of the file, end to end in the
 * file's order, because primitives of several skins may become one part.
 */
export function readSkin(
  document: Document,
  skin: Skin,
  joints: Accessor,
  weights: Accessor,
): VertexAttribute[] {
  let firstJoint = 0;
  let jointCount = 0;
  for (const other of document.getRoot().listSkins()) {
    if (other === skin) firstJoint = jointCount;
    jointCount += other.listJoints().length;
  }
  const indices = readFloats(joints, 4);
  const shares = readFloats(weights, 4);
  for (let vertex = 0; vertex < indices.length; vertex += 4) {
    roundWeights(shares, vertex);
    // A joint without weight must not hinder two vertices from being one.
    for (let k = vertex; k < vertex + 4; k++)
      indices[k] = shares[k] === 0 ? 0 : indices[k]! + firstJoint;
  }
  const type = jointCount <= 256 ? 'u8' : 'u16';
  return [
    { size: 4, values: indices, layout: layoutOf('skinIndex', type, 4, false) },
    { size: 4, values: shares, layout: layoutOf('skinWeight', 'u8', 4, true) },
  ];
}

/** Whole 255ths that add up to 255: the rest goes to the largest weight. */
function roundWeights(shares: Float32Array, at: number): void {
  let total = 0;
  let largest = at;
  for (let k = at; k < at + 4; k++) {
    const share = Number.isFinite(shares[k]!) ? Math.max(0, shares[k]!) : 0;
    shares[k] = share;
    total += share;
    if (share > shares[largest]!) largest = k;
  }
  if (total === 0) shares[at] = total = 1;
  let rest = WEIGHT_UNIT;
  for (let k = at; k < at + 4; k++) {
    shares[k] = Math.round((shares[k]! / total) * WEIGHT_UNIT);
    rest -= shares[k]!;
  }
  shares[largest] = shares[largest]! + rest;
  for (let k = at; k < at + 4; k++) shares[k] = shares[k]! / WEIGHT_UNIT;
}

/** Attributes whose names begin with an underscore: glTF leaves them to whoever made the file. */
export function readCustom(
  meshName: string,
  primitive: Primitive,
  vertexCount: number,
  warnings: Set<string>,
): VertexAttribute[] {
  const found: VertexAttribute[] = [];
  for (const semantic of primitive.listSemantics().sort()) {
    if (!semantic.startsWith('_')) continue;
    const name = semantic.toLowerCase() as AttributeName;
    const accessor = primitive.getAttribute(semantic)!;
    const size = accessor.getElementSize();
    const isUsable = /^_[a-z0-9_]{1,63}$/.test(name) && size <= 4;
    const values = isUsable ? readFloats(accessor, size) : null;
    if (!values || accessor.getCount() !== vertexCount || !areFinite(values)) {
      warnings.add(`mesh "${meshName}": its attribute ${semantic} cannot be kept and is left out`);
      continue;
    }
    const type = typeOf(accessor.getArray());
    const isNormalized = type !== 'f32' && accessor.getNormalized();
    found.push({ size, values, layout: layoutOf(name, type, size, isNormalized) });
  }
  return found;
}

/** Sets beyond those that are kept, each worth a warning. */
export function warnOfSets(meshName: string, primitive: Primitive, warnings: Set<string>): void {
  for (const semantic of primitive.listSemantics())
    if (/^(TEXCOORD_[2-9]|(COLOR|JOINTS|WEIGHTS)_[1-9])/.test(semantic))
      warnings.add(`mesh "${meshName}": ${semantic} is left out`);
}

/** Components are padded until a vertex takes a multiple of four bytes: streams and GPUs want it. */
function layoutOf(
  name: AttributeName,
  type: ScalarType,
  size: number,
  normalized: boolean,
): AttributeHeader {
  const step = 4 / SCALAR_BYTES[type];
  return { name, type, itemSize: Math.ceil(size / step) * step, normalized };
}

function typeOf(array: ArrayBufferView | null): ScalarType {
  if (array instanceof Int8Array) return 'i8';
  if (array instanceof Uint8Array) return 'u8';
  if (array instanceof Int16Array) return 'i16';
  if (array instanceof Uint16Array) return 'u16';
  return 'f32';
}
