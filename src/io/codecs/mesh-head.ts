/**
 * Reads the JSON head of mesh content and checks every figure in it: after this the codecs may
 * allocate and slice by the head alone. Layout: `bundle/mesh-header.ts`.
 */
import { reasonOf } from '../../base/errors.ts';
import { MAX_CONTENT_BYTES } from '../../base/limits.ts';
import { MESH_MAGIC } from '../bundle/format.ts';
import type {
  AttributeHeader,
  ImageHeader,
  MeshHeader,
  PrimitiveHeader,
  ScalarType,
  StreamRange,
} from '../bundle/mesh-header.ts';
import { TEXTURE_ROLES } from '../content.ts';
import type { Bytes } from '../source.ts';
import { checkLayout, isAttributeName, MAX_ATTRIBUTES } from './attribute-names.ts';
import {
  checkBoolean,
  checkFields,
  checkFinite,
  checkInteger,
  checkList,
  checkNumbers,
  checkOneOf,
  checkText,
  damaged,
  type Fields,
} from './check.ts';
import { checkGrid } from './check-grid.ts';
import { checkMaterial } from './check-material.ts';

/** Bytes of one value of each type. */
export const SCALAR_BYTES: Readonly<Record<ScalarType, number>> = {
  i8: 1,
  u8: 1,
  i16: 2,
  u16: 2,
  f32: 4,
};

const SCALARS = Object.keys(SCALAR_BYTES) as ScalarType[];
const CODECS = ['raw', 'meshopt', 'draco', 'grid'] as const;

/** A payload is one LOD of one model: more than this is no model but a damaged head. */
const MAX_ENTRIES = 4096;
const MAX_VERTICES = MAX_CONTENT_BYTES / 8;
const MAX_IMAGE_SIDE = 16_384;

export interface MeshHead {
  header: MeshHeader;
  /** Everything after the head; the streams' offsets count from here. A view on the content. */
  streams: Bytes;
  /** Bytes that the decoded vertex and index arrays take. */
  geometryBytes: number;
  /** Bytes that the decoded images take at most: as RGBA8 (HDR: RGBA16F), finest level only. */
  imageBytes: number;
}

/** Throws `StreamError(Decode)` when anything in the head cannot be true. */
export function readMeshHead(content: Bytes): MeshHead {
  if (content.length < 8) throw damaged(`it is ${content.length} bytes long, expected at least 8`);
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const magic = view.getUint32(0, true);
  if (magic !== MESH_MAGIC)
    throw damaged(`it begins with ${hex(magic)}, expected ${hex(MESH_MAGIC)} ("FFM1")`);
  const headBytes = view.getUint32(4, true);
  if (headBytes % 4 !== 0 || headBytes > content.length - 8)
    throw damaged(`its head claims ${headBytes} bytes of ${content.length - 8}`);
  const streams = content.subarray(8 + headBytes);
  const header = checkHeader(parseHead(content.subarray(8, 8 + headBytes)), streams.length);
  let geometryBytes = 0;
  for (const primitive of header.primitives) geometryBytes += primitiveBytes(primitive);
  let imageBytes = 0;
  for (const { width, height, role } of header.images)
    imageBytes += width * height * (role === 'hdr' ? 8 : 4);
  return { header, streams, geometryBytes, imageBytes };
}

/** Bytes that the arrays of a primitive take once decoded. */
export function primitiveBytes(primitive: PrimitiveHeader): number {
  let bytes = primitive.indexCount * (primitive.indexType === 'u16' ? 2 : 4);
  for (const { type, itemSize } of primitive.attributes)
    bytes += primitive.vertexCount * itemSize * SCALAR_BYTES[type];
  return bytes;
}

function parseHead(bytes: Bytes): Fields {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw damaged(`its head is not JSON (${reasonOf(error)})`);
  }
  return checkFields('the head', value);
}

function checkHeader(fields: Fields, streamBytes: number): MeshHeader {
  const codec = checkOneOf('codec', fields['codec'], CODECS);
  const scale = checkFinite('scale', fields['scale']);
  if (scale < 0) throw damaged(`scale is ${scale}, expected 0 or more`);
  const offset = checkNumbers('offset', fields['offset'], 3) as [number, number, number];
  const images = checkList('images', fields['images'], MAX_ENTRIES).map((image, i) =>
    checkImage(`images[${i}]`, image, streamBytes),
  );
  const materials = checkList('materials', fields['materials'], MAX_ENTRIES).map((material, i) =>
    checkMaterial(`materials[${i}]`, material, images.length),
  );
  const primitives = checkList('primitives', fields['primitives'], MAX_ENTRIES).map((entry, i) =>
    checkPrimitive(`primitives[${i}]`, entry, codec, materials.length, streamBytes),
  );
  return { codec, scale, offset, primitives, materials, images };
}

function checkPrimitive(
  where: string,
  value: unknown,
  codec: MeshHeader['codec'],
  materialCount: number,
  streamBytes: number,
): PrimitiveHeader {
  const fields = checkFields(where, value);
  const vertexCount = checkInteger(`${where}.vertexCount`, fields['vertexCount'], 1, MAX_VERTICES);
  const indexCount = checkInteger(`${where}.indexCount`, fields['indexCount'], 3, MAX_VERTICES * 3);
  if (indexCount % 3 !== 0)
    throw damaged(`${where}.indexCount is ${indexCount}, expected a multiple of 3`);
  const indexType = checkOneOf(`${where}.indexType`, fields['indexType'], ['u16', 'u32'] as const);
  const attributes = checkList(`${where}.attributes`, fields['attributes'], MAX_ATTRIBUTES).map(
    (entry, i) => checkAttribute(`${where}.attributes[${i}]`, entry, codec, streamBytes),
  );
  const names = attributes.map((attribute) => attribute.name);
  if (!names.includes('position')) throw damaged(`${where} has no position`);
  if (new Set(names).size !== names.length)
    throw damaged(`${where} names an attribute twice: ${names.join(', ')}`);
  const primitive: PrimitiveHeader = {
    material: checkInteger(`${where}.material`, fields['material'], 0, materialCount - 1),
    vertexCount,
    indexCount,
    indexType,
    sphere: checkNumbers(`${where}.sphere`, fields['sphere'], 4) as PrimitiveHeader['sphere'],
    attributes,
  };
  if (codec === 'draco')
    primitive.draco = checkRange(`${where}.draco`, fields['draco'], streamBytes);
  else if (codec === 'grid') {
    const range = checkRange(`${where}.grid`, fields['grid'], streamBytes);
    primitive.grid = checkGrid(`${where}.grid`, fields['grid'], range, primitive);
  } else primitive.index = checkRange(`${where}.index`, fields['index'], streamBytes);
  return primitive;
}

function checkAttribute(
  where: string,
  value: unknown,
  codec: MeshHeader['codec'],
  streamBytes: number,
): AttributeHeader & Partial<StreamRange> {
  const fields = checkFields(where, value);
  const name = checkText(`${where}.name`, fields['name']);
  if (!isAttributeName(name)) throw damaged(`${where}.name is "${name}", which no attribute has`);
  const attribute: AttributeHeader = {
    name,
    type: checkOneOf(`${where}.type`, fields['type'], SCALARS),
    itemSize: checkInteger(`${where}.itemSize`, fields['itemSize'], 1, 4),
    normalized: checkBoolean(`${where}.normalized`, fields['normalized']),
  };
  const stride = attribute.itemSize * SCALAR_BYTES[attribute.type];
  if (stride % 4 !== 0)
    throw damaged(`${where} takes ${stride} bytes a vertex, expected a multiple of 4`);
  checkLayout(where, attribute);
  const isJoint = codec === 'draco' || codec === 'grid';
  return isJoint ? attribute : { ...attribute, ...checkRange(where, value, streamBytes) };
}

function checkImage(where: string, value: unknown, streamBytes: number): ImageHeader {
  const fields = checkFields(where, value);
  const role = fields['role'];
  return {
    ...(role !== undefined && { role: checkOneOf(`${where}.role`, role, TEXTURE_ROLES) }),
    mimeType: checkText(`${where}.mimeType`, fields['mimeType']),
    width: checkInteger(`${where}.width`, fields['width'], 1, MAX_IMAGE_SIDE),
    height: checkInteger(`${where}.height`, fields['height'], 1, MAX_IMAGE_SIDE),
    colorSpace: checkOneOf(`${where}.colorSpace`, fields['colorSpace'], [
      'srgb',
      'linear',
    ] as const),
    ...checkRange(where, value, streamBytes),
  };
}

function checkRange(where: string, value: unknown, streamBytes: number): StreamRange {
  const fields = checkFields(where, value);
  const offset = checkInteger(`${where}.offset`, fields['offset'], 0, streamBytes);
  if (offset % 4 !== 0) throw damaged(`${where}.offset is ${offset}, expected a multiple of 4`);
  const bytes = checkInteger(`${where}.bytes`, fields['bytes'], 1, streamBytes - offset);
  return { offset, bytes };
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
