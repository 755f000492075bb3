/**
 * One LOD to the bytes of a payload, in whichever codec brings it to the screen first: small files
 * pay on slow links, fast decoders on fast ones.
 */
import { MeshoptEncoder } from 'meshoptimizer/encoder';
import type { PrimitiveHeader } from '../src/io/bundle/mesh-header.ts';
import { encodeDraco } from './encode-draco.ts';
import {
  type ContentInput,
  DRACO_TRIANGLES_PER_MS,
  type EncodedPayload,
  finish,
  StreamWriter,
} from './mesh-content.ts';
import type { MeshPart } from './model.ts';
import { bytesOf, type PackedPart, packPart } from './quantize.ts';

export type MeshCodec = 'draco' | 'meshopt' | 'raw' | 'auto';

/** The link that `auto` chooses for. */
export interface Link {
  mbps: number;
  latencyMs: number;
}

export interface MeshInput extends ContentInput {
  parts: readonly MeshPart[];
}

/** No mesh of ours has ever been packed by Draco below this many bytes per triangle. */
const DRACO_LEAST_BYTES_PER_TRIANGLE = 0.75;

/**
 * Encodes with the stated codec, or with the one that arrives first over `link`: parts in meters to
 * the stored payload (blocks and all), its checksum and its figures.
 *
 * @param link matters to `auto` alone
 */
export async function encodeMesh(
  input: MeshInput,
  codec: MeshCodec,
  link: Link = { mbps: 50, latencyMs: 40 },
): Promise<EncodedPayload> {
  await MeshoptEncoder.ready;
  if (codec === 'draco') return encodeWithDraco(input);
  if (codec === 'raw') return encodeRaw(input);
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

/** The arrays themselves: what the other codecs are compared with. */
function encodeRaw(input: MeshInput): EncodedPayload {
  const streams = new StreamWriter();
  const primitives = input.parts.map((part): PrimitiveHeader => {
    const packed = packPart(part, input.quantization);
    const attributes = packed.attributes.map(({ bytes, ...header }) => ({
      ...header,
      ...streams.add(bytes),
    }));
    return { ...primitiveFields(packed), attributes, index: streams.add(bytesOf(packed.index)) };
  });
  return finish(input, 'raw', primitives, streams);
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
    const draco = await encodeDraco(part, packed);
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
