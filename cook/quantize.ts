/**
 * Vertices as the integers that a bundle stores. The layout of each attribute depends on the part
 * alone, never on the codec, so that a payload takes the same memory however it is packed.
 */
import type { AttributeHeader, MeshHeader, ScalarType } from '../src/io/bundle/mesh-header.ts';
import { viewAttribute } from '../src/io/codecs/arrays.ts';
import { SCALAR_BYTES } from '../src/io/codecs/mesh-head.ts';
import { fillAttribute } from '../src/io/codecs/quantize.ts';
import type { AttributeName } from '../src/io/content.ts';
import type { MeshPart } from './model.ts';
import type { VertexAttribute } from './vertex-attribute.ts';

export type Quantization = Pick<MeshHeader, 'scale' | 'offset'>;

export interface PackedAttribute extends AttributeHeader {
  /** Little-endian values, `vertexCount` times the stride. */
  bytes: Uint8Array;
}

export interface PackedPart {
  material: number;
  vertexCount: number;
  sphere: [number, number, number, number];
  attributes: PackedAttribute[];
  index: Uint16Array | Uint32Array;
}

/** Largest position of the integer grid. */
const GRID = 32767;

/** One cubic grid over all positions: center and half of the longest side (meters). */
export function coverPositions(arrays: readonly Float32Array[]): Quantization {
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  for (const positions of arrays)
    for (let i = 0; i < positions.length; i++) {
      const value = positions[i]!;
      const axis = i % 3;
      if (value < min[axis]!) min[axis] = value;
      if (value > max[axis]!) max[axis] = value;
    }
  const middle = (axis: number): number => Math.fround((min[axis]! + max[axis]!) / 2);
  const offset: [number, number, number] = [middle(0), middle(1), middle(2)];
  let scale = 0;
  for (let axis = 0; axis < 3; axis++)
    scale = Math.max(scale, max[axis]! - offset[axis]!, offset[axis]! - min[axis]!);
  return { scale, offset };
}

/** Distance between neighbors on the grid (meters). */
export function gridStep({ scale }: Quantization): number {
  return scale / GRID;
}

/** Moves every position, in place, to where the grid will put it. */
export function snapPositions(positions: Float32Array, { scale, offset }: Quantization): void {
  const step = scale / GRID;
  if (step === 0) return;
  for (let i = 0; i < positions.length; i++) {
    const origin = offset[i % 3]!;
    positions[i] = Math.round((positions[i]! - origin) / step) * step + origin;
  }
}

export function packPart(part: MeshPart, quantization: Quantization): PackedPart {
  const vertexCount = part.positions.length / 3;
  const attributes: PackedAttribute[] = [packPositions(part.positions, quantization)];
  attributes.push({
    ...layout('normal', 'i8', 4),
    bytes: bytesOf(packSigned(part.normals, vertexCount)),
  });
  if (part.uvs) attributes.push(packUvs('uv', part.uvs));
  if (part.uvs1) attributes.push(packUvs('uv1', part.uvs1));
  if (part.colors) {
    const colors = Uint8Array.from(part.colors, (v) =>
      Math.round(Math.min(1, Math.max(0, v)) * 255),
    );
    attributes.push({ ...layout('color', 'u8', 4), bytes: colors });
  }
  for (const extra of part.extras) attributes.push(packExtra(extra, vertexCount));
  const index = vertexCount <= 65535 ? new Uint16Array(part.index) : part.index;
  return {
    material: part.material,
    vertexCount,
    sphere: boundingSphere([part.positions]),
    attributes,
    index,
  };
}

/**
 * Ritter's sphere after the box's center: never more than a few percent too large.
 *
 * Based on: Ritter. An efficient bounding sphere. 1990.
 */
export function boundingSphere(arrays: readonly Float32Array[]): [number, number, number, number] {
  const { offset } = coverPositions(arrays);
  const [x, y, z] = offset;
  let squared = 0;
  for (const p of arrays)
    for (let i = 0; i < p.length; i += 3)
      squared = Math.max(squared, (p[i]! - x) ** 2 + (p[i + 1]! - y) ** 2 + (p[i + 2]! - z) ** 2);
  return [x, y, z, Math.sqrt(squared)];
}

function packPositions(positions: Float32Array, { scale, offset }: Quantization): PackedAttribute {
  const count = positions.length / 3;
  const factor = scale > 0 ? GRID / scale : 0;
  const values = new Int16Array(count * 4);
  for (let i = 0; i < count; i++)
    for (let c = 0; c < 3; c++) {
      const value = Math.round((positions[i * 3 + c]! - offset[c]!) * factor);
      values[i * 4 + c] = Math.min(GRID, Math.max(-GRID, value));
    }
  return { ...layout('position', 'i16', 4, false), bytes: bytesOf(values) };
}

function packSigned(vectors: Float32Array, count: number): Int8Array {
  const values = new Int8Array(count * 4);
  for (let i = 0; i < count; i++)
    for (let c = 0; c < 3; c++)
      values[i * 4 + c] = Math.round(Math.min(1, Math.max(-1, vectors[i * 3 + c]!)) * 127);
  return values;
}

/** Sixteen bits over [0, 1] where all lie within it; else floats, for textures that repeat. */
function packUvs(name: AttributeName, uvs: Float32Array): PackedAttribute {
  let isUnit = true;
  for (let i = 0; i < uvs.length; i++) isUnit &&= uvs[i]! >= 0 && uvs[i]! <= 1;
  if (!isUnit) return { ...layout(name, 'f32', 2, false), bytes: bytesOf(uvs) };
  const values = Uint16Array.from(uvs, (value) => Math.round(value * 65535));
  return { ...layout(name, 'u16', 2), bytes: bytesOf(values) };
}

function packExtra(
  { values, size, layout }: VertexAttribute,
  vertexCount: number,
): PackedAttribute {
  const bytes = new Uint8Array(vertexCount * layout.itemSize * SCALAR_BYTES[layout.type]);
  fillAttribute(viewAttribute(layout, bytes.buffer), layout, { values, size }, null);
  return { ...layout, bytes };
}

function layout(
  name: AttributeName,
  type: ScalarType,
  itemSize: number,
  normalized: boolean = true,
): AttributeHeader {
  return { name, type, itemSize, normalized };
}

/** The bytes behind a typed array, without copying. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
