/**
 * A small encoder of mesh payloads, independent of the bundle writer: what the decoders are tested
 * against. Makes the three codecs from one plain mesh, quantized as the format says.
 */
import { createRequire } from 'node:module';
import { encode } from '@loaders.gl/core';
import { DracoWriter } from '@loaders.gl/draco';
import { deflateSync } from 'fflate';
import { MeshoptEncoder } from 'meshoptimizer/encoder';
import { crc32 } from '../../src/base/crc32.ts';
import { BLOCK_BYTES } from '../../src/base/limits.ts';
import { BLOCK_CODEC_SHIFT, BlockCodec, MESH_MAGIC } from '../../src/io/bundle/format.ts';
import type { ImageHeader, MeshHeader, PrimitiveHeader } from '../../src/io/bundle/mesh-header.ts';
import type { AttributeArray, MaterialRecord } from '../../src/io/content.ts';
import type { Bytes } from '../../src/io/source.ts';

// The package has no types of its own.
const draco3d: object = createRequire(import.meta.url)('draco3d');

/** A mesh in meters: three floats a vertex, normals likewise, two uv, four color bytes. */
export interface PlainMesh {
  positions: Float32Array;
  normals: Float32Array;
  uvs: Float32Array;
  colors: Uint8Array<ArrayBuffer>;
  index: Uint32Array;
}

export interface EncodedPayload {
  bytes: Bytes;
  checksum: number;
  decodedBytes: number;
  header: MeshHeader;
  content: Bytes;
}

/** A bumpy square of `side` x `side` vertices, 10 m wide. */
export function makeGrid(side: number): PlainMesh {
  const count = side * side;
  const mesh: PlainMesh = {
    positions: new Float32Array(count * 3),
    normals: new Float32Array(count * 3),
    uvs: new Float32Array(count * 2),
    colors: new Uint8Array(count * 4).fill(255),
    index: new Uint32Array((side - 1) * (side - 1) * 6),
  };
  for (let i = 0; i < count; i++) {
    const u = (i % side) / (side - 1);
    const v = Math.floor(i / side) / (side - 1);
    mesh.positions.set([u * 10, Math.sin(u * 9) * Math.cos(v * 7), v * 10], i * 3);
    const slope = Math.cos(u * 9);
    const length = Math.hypot(slope, 1);
    mesh.normals.set([-slope / length, 1 / length, 0], i * 3);
    mesh.uvs.set([u, v], i * 2);
    mesh.colors.set([Math.round(u * 255), Math.round(v * 255), 7], i * 4);
  }
  let at = 0;
  for (let row = 0; row < side - 1; row++)
    for (let column = 0; column < side - 1; column++) {
      const a = row * side + column;
      mesh.index.set([a, a + side, a + 1, a + 1, a + side, a + side + 1], at);
      at += 6;
    }
  return mesh;
}

export const PLAIN_MATERIAL: MaterialRecord = {
  name: 'plain',
  shading: 'pbr',
  baseColor: [1, 1, 1, 1],
  metallic: 0,
  roughness: 1,
  emissive: [0, 0, 0],
  alphaMode: 'opaque',
  alphaCutoff: 0.5,
  doubleSided: false,
  normalScale: 1,
  occlusionStrength: 1,
  textures: {},
};

/** Scale and offset that cover the mesh. */
export function quantization(mesh: PlainMesh): Pick<MeshHeader, 'scale' | 'offset'> {
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  mesh.positions.forEach((value, i) => {
    min[i % 3] = Math.min(min[i % 3]!, value);
    max[i % 3] = Math.max(max[i % 3]!, value);
  });
  const center = min.map((low, i) => (low + max[i]!) / 2);
  const scale = Math.max(...max.map((high, i) => (high - min[i]!) / 2));
  return { scale, offset: center as [number, number, number] };
}

/** The arrays that decoding must give back, by attribute name, written without the decoder's help. */
export function quantizeMesh(
  mesh: PlainMesh,
  { scale, offset }: Pick<MeshHeader, 'scale' | 'offset'>,
): { position: Int16Array; normal: Int8Array; uv: Uint16Array; color: Uint8Array } {
  const count = mesh.positions.length / 3;
  const position = new Int16Array(count * 4);
  const normal = new Int8Array(count * 4);
  for (let i = 0; i < count * 3; i++) {
    const to = Math.floor(i / 3) * 4 + (i % 3);
    position[to] = Math.round(((mesh.positions[i]! - offset[i % 3]!) / scale) * 32767);
    normal[to] = Math.round(mesh.normals[i]! * 127);
  }
  const uv = Uint16Array.from(mesh.uvs, (value) => Math.round(value * 65535));
  return { position, normal, uv, color: mesh.colors };
}

const LAYOUT: PrimitiveHeader['attributes'] = [
  { name: 'position', type: 'i16', itemSize: 4, normalized: false },
  { name: 'normal', type: 'i8', itemSize: 4, normalized: true },
  { name: 'uv', type: 'u16', itemSize: 2, normalized: true },
  { name: 'color', type: 'u8', itemSize: 4, normalized: true },
];

/** An attribute beyond those of `PlainMesh`, one entry per vertex and component. */
export interface ExtraAttribute {
  header: PrimitiveHeader['attributes'][number];
  /** What it is called inside Draco. */
  dracoName: string;
  array: AttributeArray;
}

/** One of every attribute that mesh content may hold, beyond those of `makeGrid`. */
export function makeExtras(vertexCount: number): ExtraAttribute[] {
  const make = (
    dracoName: string,
    header: ExtraAttribute['header'],
    array: AttributeArray,
    value: (vertex: number, component: number) => number,
  ): ExtraAttribute => {
    for (let i = 0; i < array.length; i++)
      array[i] = value(Math.floor(i / header.itemSize), i % header.itemSize);
    return { header, dracoName, array };
  };
  return [
    make(
      'TANGENT',
      { name: 'tangent', type: 'i8', itemSize: 4, normalized: true },
      new Int8Array(vertexCount * 4),
      (i, c) => (c === 3 ? (i % 3 ? 127 : -127) : ((i * 5 + c * 11) % 255) - 127),
    ),
    make(
      'TEXCOORD_1',
      { name: 'uv1', type: 'u16', itemSize: 2, normalized: true },
      new Uint16Array(vertexCount * 2),
      (i, c) => (i * 331 + c * 7) & 65535,
    ),
    make(
      'JOINTS_0',
      { name: 'skinIndex', type: 'u16', itemSize: 4, normalized: false },
      new Uint16Array(vertexCount * 4),
      (i, c) => (i + c * 100) % 700,
    ),
    make(
      'WEIGHTS_0',
      { name: 'skinWeight', type: 'u8', itemSize: 4, normalized: true },
      new Uint8Array(vertexCount * 4),
      (i, c) => [200 - (i % 100), 30 + (i % 100), 20, 5][c]!,
    ),
    make(
      '_wind',
      { name: '_wind', type: 'f32', itemSize: 3, normalized: false },
      new Float32Array(vertexCount * 3),
      (i, c) => Math.sin(i) * 10 ** c,
    ),
    make(
      '_part',
      { name: '_part', type: 'i16', itemSize: 2, normalized: false },
      new Int16Array(vertexCount * 2),
      (i, c) => (c === 0 ? -32768 + (i % 9) : 0),
    ),
  ];
}

export interface EncodeOptions {
  extras?: ExtraAttribute[];
  codec: MeshHeader['codec'];
  images?: { header: Omit<ImageHeader, 'offset' | 'bytes'>; bytes: Uint8Array }[];
  /** Changes the head before it is written. */
  edit?: (header: MeshHeader) => void;
}

export async function encodeMesh(mesh: PlainMesh, options: EncodeOptions): Promise<EncodedPayload> {
  const streams: Uint8Array[] = [];
  let length = 0;
  const add = (bytes: Uint8Array): { offset: number; bytes: number } => {
    const range = { offset: length, bytes: bytes.length };
    const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
    padded.set(bytes);
    streams.push(padded);
    length += padded.length;
    return range;
  };
  const scaled = quantization(mesh);
  const { extras = [] } = options;
  const vertexCount = mesh.positions.length / 3;
  const indexType = vertexCount <= 65535 ? 'u16' : 'u32';
  const primitive: PrimitiveHeader = {
    material: 0,
    vertexCount,
    indexCount: mesh.index.length,
    indexType,
    sphere: [...scaled.offset, scaled.scale * 2],
    attributes: [...LAYOUT, ...extras.map(({ header }) => header)].map((header) => ({ ...header })),
  };
  if (options.codec === 'draco') {
    primitive.draco = add(await encodeDraco(mesh, extras));
  } else {
    const own = extras.map(({ header, array }) => [header.name, array] as const);
    const arrays = new Map<string, ArrayBufferView>([
      ...Object.entries(quantizeMesh(mesh, scaled)),
      ...own,
    ]);
    const index = indexType === 'u16' ? new Uint16Array(mesh.index) : new Uint32Array(mesh.index);
    const isRaw = options.codec === 'raw';
    await MeshoptEncoder.ready;
    for (const attribute of primitive.attributes) {
      const bytes = bytesOf(arrays.get(attribute.name)!);
      const stride = bytes.length / vertexCount;
      Object.assign(
        attribute,
        add(isRaw ? bytes : MeshoptEncoder.encodeVertexBuffer(bytes, vertexCount, stride)),
      );
    }
    primitive.index = add(
      isRaw
        ? bytesOf(index)
        : MeshoptEncoder.encodeIndexBuffer(bytesOf(index), index.length, index.BYTES_PER_ELEMENT),
    );
  }
  const images = (options.images ?? []).map(({ header, bytes }) => ({ ...header, ...add(bytes) }));
  const header: MeshHeader = {
    codec: options.codec,
    ...scaled,
    primitives: [primitive],
    materials: [structuredClone(PLAIN_MATERIAL)],
    images,
  };
  options.edit?.(header);
  const content = writeContent(header, streams);
  const imageBytes = images.reduce((sum, { width, height }) => sum + width * height * 4, 0);
  const extraBytes = extras.reduce((sum, { array }) => sum + array.byteLength, 0);
  const decodedBytes =
    vertexCount * 20 + extraBytes + mesh.index.length * (indexType === 'u16' ? 2 : 4);
  return { ...frame(content), decodedBytes: decodedBytes + imageBytes, header, content };
}

/** The payload framing around content: stored bytes and their checksum. */
export function frame(content: Uint8Array): { bytes: Bytes; checksum: number } {
  const bytes = encodeBlocks(content);
  return { bytes, checksum: crc32(bytes) };
}

/** Cuts content into blocks; each is deflated unless that makes it larger. */
export function encodeBlocks(content: Uint8Array): Bytes {
  const blocks: Uint8Array[] = [];
  const table: number[] = [];
  for (let start = 0; start < content.length; start += BLOCK_BYTES) {
    const plain = content.slice(start, start + BLOCK_BYTES);
    const deflated = deflateSync(plain, { level: 6 });
    const isSmaller = deflated.length < plain.length;
    blocks.push(isSmaller ? deflated : plain);
    const codec = isSmaller ? BlockCodec.Deflate : BlockCodec.None;
    table.push((codec << BLOCK_CODEC_SHIFT) | blocks.at(-1)!.length);
  }
  const head = new Uint8Array(new Uint32Array([content.length, blocks.length, ...table]).buffer);
  return concat([head, ...blocks]);
}

/** Head and streams end to end. */
export function writeContent(header: unknown, streams: Uint8Array[]): Bytes {
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil(json.length / 4) * 4).fill(32);
  padded.set(json);
  return concat([bytesOf(new Uint32Array([MESH_MAGIC, padded.length])), padded, ...streams]);
}

export function concat(parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Sequential encoding keeps the order of the vertices, so that results can be compared. */
async function encodeDraco(mesh: PlainMesh, extras: ExtraAttribute[]): Promise<Uint8Array> {
  // Plain arrays: the writer passes over anything else without a word.
  const input = {
    attributes: {
      POSITION: mesh.positions,
      NORMAL: mesh.normals,
      texcoord: mesh.uvs,
      COLOR_0: mesh.colors,
      ...Object.fromEntries(extras.map(({ dracoName, array }) => [dracoName, array.slice()])),
    },
    indices: mesh.index,
  };
  const buffer = await encode(input as never, DracoWriter, {
    modules: { draco3d },
    draco: {
      method: 'MESH_SEQUENTIAL_ENCODING',
      speed: [5, 5],
      quantization: { POSITION: 16, NORMAL: 12, TEX_COORD: 14 },
    },
  } as never);
  return new Uint8Array(buffer);
}
