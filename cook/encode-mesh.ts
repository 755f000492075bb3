/**
 * One LOD to the bytes of a payload, in whichever codec brings it to the screen first: small files
 * pay on slow links, fast decoders on fast ones.
 */
import { deflateRawSync } from 'node:zlib';
import { MeshoptEncoder } from 'meshoptimizer/encoder';
import { crc32 } from '../src/base/crc32.ts';
import { MESH_MAGIC } from '../src/io/bundle/format.ts';
import type { MeshHeader, PrimitiveHeader, StreamRange } from '../src/io/bundle/mesh-header.ts';
import { encodeBlocks } from '../src/io/bundle/write-payload.ts';
import type { MaterialRecord } from '../src/io/content.ts';
import type { Bytes } from '../src/io/source.ts';
import { encodeDraco } from './encode-draco.ts';
import type { MeshPart } from './model.ts';
import { bytesOf, type PackedPart, packPart, type Quantization } from './quantize.ts';
import type { CookedImage } from './textures.ts';

export type MeshCodec = 'draco' | 'meshopt' | 'auto';

/** The link that `auto` chooses for. */
export interface Link {
  mbps: number;
  latencyMs: number;
}

/** A payload ready for a pack, and what the catalog says of it. */
export interface EncodedPayload {
  bytes: Bytes;
  checksum: number;
  codec: MeshHeader['codec'];
  /** As decoded: Draco may drop some that its grid makes vanish. */
  triangles: number;
  geometryBytes: number;
  imageBytes: number;
  textureBytes: number;
  decodeMs: number;
}

export interface MeshInput {
  parts: readonly MeshPart[];
  materials: readonly MaterialRecord[];
  images: readonly CookedImage[];
  quantization: Quantization;
}

/**
 * What one decode worker does in a millisecond: triangles of each codec (measured in Chromium and
 * Node on two shared cores: 47 and 2.0 million a second), pixels, and bytes out of inflate.
 */
const MESHOPT_TRIANGLES_PER_MS = 45_000;
const DRACO_TRIANGLES_PER_MS = 2_000;
const PIXELS_PER_MS = 50_000;
const INFLATED_BYTES_PER_MS = 80_000;

/** No mesh of ours has ever been packed by Draco below this many bytes per triangle. */
const DRACO_LEAST_BYTES_PER_TRIANGLE = 0.75;

/** Encodes with the stated codec, or with the one that arrives first over `link`. */
export async function encodeMesh(
  input: MeshInput,
  codec: MeshCodec,
  link: Link,
): Promise<EncodedPayload> {
  await MeshoptEncoder.ready;
  if (codec === 'draco') return encodeWithDraco(input);
  const meshopt = encodeWithMeshopt(input);
  if (codec === 'meshopt') return meshopt;
  const triangles = input.parts.reduce((sum, part) => sum + part.index.length / 3, 0);
  const imageBytes = input.images.reduce((sum, image) => sum + image.bytes.length, 0);
  const leastBytes = triangles * DRACO_LEAST_BYTES_PER_TRIANGLE + imageBytes;
  const leastMs = fetchMs(leastBytes, link) + triangles / DRACO_TRIANGLES_PER_MS;
  if (arrivalMs(meshopt, link) <= leastMs) return meshopt;
  const draco = await encodeWithDraco(input);
  return arrivalMs(draco, link) < arrivalMs(meshopt, link) ? draco : meshopt;
}

/** Milliseconds from request to decoded. */
export function arrivalMs(payload: { bytes: Uint8Array; decodeMs: number }, link: Link): number {
  return fetchMs(payload.bytes.length, link) + payload.decodeMs;
}

function fetchMs(bytes: number, link: Link): number {
  return link.latencyMs + (bytes * 8) / (link.mbps * 1000);
}

function encodeWithMeshopt(input: MeshInput): EncodedPayload {
  const streams = new StreamWriter();
  const primitives = input.parts.map((part) => {
    const packed = packPart(part, input.quantization);
    return encodeMeshoptPart(packed, streams);
  });
  return finish(input, 'meshopt', primitives, streams);
}

/** Adds the streams of one part. Index streams that are equal may be passed in, already encoded. */
export function encodeMeshoptPart(
  packed: PackedPart,
  streams: StreamWriter,
  indexStream: Uint8Array = encodeIndexStream(packed.index),
): PrimitiveHeader {
  const { vertexCount } = packed;
  const attributes = packed.attributes.map(({ bytes, ...header }) => {
    const stride = bytes.length / vertexCount;
    const stream = MeshoptEncoder.encodeVertexBuffer(bytes, vertexCount, stride);
    return { ...header, ...streams.add(stream) };
  });
  return {
    ...primitiveFields(packed),
    attributes,
    index: streams.add(indexStream),
  };
}

export function encodeIndexStream(index: Uint16Array | Uint32Array): Uint8Array {
  return MeshoptEncoder.encodeIndexBuffer(bytesOf(index), index.length, index.BYTES_PER_ELEMENT);
}

async function encodeWithDraco(input: MeshInput): Promise<EncodedPayload> {
  const streams = new StreamWriter();
  const primitives: PrimitiveHeader[] = [];
  for (const part of input.parts) {
    const packed = packPart(part, input.quantization);
    const draco = await encodeDraco(part);
    primitives.push({
      ...primitiveFields(packed),
      vertexCount: draco.vertexCount,
      indexCount: draco.indexCount,
      indexType: draco.vertexCount <= 65535 ? 'u16' : 'u32',
      attributes: packed.attributes.map(({ bytes: _, ...header }) => header),
      draco: streams.add(draco.bytes),
    });
  }
  return finish(input, 'draco', primitives, streams);
}

function primitiveFields(packed: PackedPart): PrimitiveHeader {
  return {
    material: packed.material,
    vertexCount: packed.vertexCount,
    indexCount: packed.index.length,
    indexType: packed.index instanceof Uint16Array ? 'u16' : 'u32',
    sphere: packed.sphere,
    attributes: [],
  };
}

/** Puts head, streams and images together, deflates the blocks and sums up the figures. */
export function finish(
  input: Pick<MeshInput, 'materials' | 'images' | 'quantization'>,
  codec: MeshHeader['codec'],
  primitives: PrimitiveHeader[],
  streams: StreamWriter,
): EncodedPayload {
  const { scale, offset } = input.quantization;
  const images = input.images.map(({ bytes, width, height, colorSpace, mimeType }) => ({
    mimeType,
    width,
    height,
    colorSpace,
    ...streams.add(bytes),
  }));
  const materials = [...input.materials];
  const header: MeshHeader = { codec, scale, offset, primitives, materials, images };
  const content = assemble(header, streams);
  const bytes = encodeBlocks(content, (block) => deflateRawSync(block, { level: 6 }));
  let geometryBytes = 0;
  let triangles = 0;
  for (const primitive of primitives) {
    geometryBytes += primitive.indexCount * (primitive.indexType === 'u16' ? 2 : 4);
    for (const { type, itemSize } of primitive.attributes)
      geometryBytes += primitive.vertexCount * itemSize * SCALAR_BYTES[type];
    triangles += primitive.indexCount / 3;
  }
  let imageBytes = 0;
  let textureBytes = 0;
  for (const { width, height } of images) {
    imageBytes += width * height * 4;
    textureBytes += mipChainBytes(width, height);
  }
  const rate = codec === 'draco' ? DRACO_TRIANGLES_PER_MS : MESHOPT_TRIANGLES_PER_MS;
  const decodeMs =
    triangles / rate + imageBytes / 4 / PIXELS_PER_MS + content.length / INFLATED_BYTES_PER_MS;
  return {
    bytes,
    checksum: crc32(bytes),
    codec,
    triangles,
    geometryBytes,
    imageBytes,
    textureBytes,
    decodeMs,
  };
}

const SCALAR_BYTES = { i8: 1, u8: 1, i16: 2, u16: 2, f32: 4 } as const;

/** Bytes of an RGBA8 texture with all its mips, down to one pixel. */
export function mipChainBytes(width: number, height: number): number {
  let bytes = 0;
  for (let w = width, h = height; ; w = Math.max(1, w >> 1), h = Math.max(1, h >> 1)) {
    bytes += w * h * 4;
    if (w === 1 && h === 1) return bytes;
  }
}

/** Collects streams end to end, each on a 4-byte boundary. */
export class StreamWriter {
  readonly chunks: Uint8Array[] = [];
  length = 0;

  add(bytes: Uint8Array): StreamRange {
    const range = { offset: this.length, bytes: bytes.length };
    this.chunks.push(bytes);
    this.length += Math.ceil(bytes.length / 4) * 4;
    return range;
  }
}

function assemble(header: MeshHeader, streams: StreamWriter): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headBytes = Math.ceil(json.length / 4) * 4;
  const content = new Uint8Array(8 + headBytes + streams.length);
  const view = new DataView(content.buffer);
  view.setUint32(0, MESH_MAGIC, true);
  view.setUint32(4, headBytes, true);
  content.fill(0x20, 8, 8 + headBytes);
  content.set(json, 8);
  let at = 8 + headBytes;
  for (const chunk of streams.chunks) {
    content.set(chunk, at);
    at += Math.ceil(chunk.length / 4) * 4;
  }
  return content;
}
