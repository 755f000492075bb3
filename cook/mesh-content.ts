/** Puts the content of a mesh payload together and sums up what the catalog says of it. */
import { crc32 } from '../src/base/crc32.ts';
import { MESH_MAGIC } from '../src/io/bundle/format.ts';
import type { MeshHeader, PrimitiveHeader, StreamRange } from '../src/io/bundle/mesh-header.ts';
import { encodeBlocks, type PackBlock } from '../src/io/bundle/write-payload.ts';
import type { MaterialRecord } from '../src/io/content.ts';
import type { Bytes } from '../src/io/source.ts';
import { unpackMs } from './compress.ts';
import { type CookedImage, textureBytesOf } from './encode-image.ts';
import type { Quantization } from './quantize.ts';

/** A payload ready for a pack, and what the catalog says of it. */
export interface EncodedPayload {
  bytes: Bytes;
  checksum: number;
  codec: MeshHeader['codec'];
  /** As decoded: Draco may drop some that its grid makes vanish. */
  triangles: number;
  geometryBytes: number;
  imageBytes: number;
  /** On a GPU that samples RGBA8 alone. */
  textureBytes: number;
  /** On GPUs with BC, ASTC and ETC2. */
  blockBytes: number[];
  decodeMs: number;
}

/** What every primitive of a payload shares. */
export interface ContentInput {
  materials: readonly MaterialRecord[];
  images: readonly CookedImage[];
  quantization: Quantization;
  /** Packs the blocks of the payload. */
  pack: PackBlock;
}

/**
 * What one decode worker does in a millisecond: triangles of each codec (measured in Chromium and
 * Node on two shared cores: 47 and 2.0 million a second), and pixels.
 */
const MESHOPT_TRIANGLES_PER_MS = 45_000;
export const DRACO_TRIANGLES_PER_MS = 2_000;
const PIXELS_PER_MS = 50_000;
/** With mips, to BC7: ETC1S 18 ms a megapixel, UASTC 56. */
const KTX2_PIXELS_PER_MS = { etc1s: 42_000, uastc: 13_500 } as const;

/** Puts head, streams and images together, packs the blocks and sums up the figures. */
export function finish(
  input: ContentInput,
  codec: MeshHeader['codec'],
  primitives: PrimitiveHeader[],
  streams: StreamWriter,
): EncodedPayload {
  const { scale, offset } = input.quantization;
  const images = input.images.map(({ bytes, width, height, colorSpace, mimeType, role }) => ({
    mimeType,
    ...(role && { role }),
    width,
    height,
    colorSpace,
    ...streams.add(bytes),
  }));
  const materials = [...input.materials];
  const header: MeshHeader = { codec, scale, offset, primitives, materials, images };
  const content = assemble(header, streams);
  const bytes = encodeBlocks(content, input.pack);
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
  const blockBytes = [0, 0, 0];
  let imageMs = 0;
  for (const image of input.images) {
    const pixels = image.width * image.height;
    imageBytes += pixels * 4;
    imageMs += pixels / (image.kind ? KTX2_PIXELS_PER_MS[image.kind] : PIXELS_PER_MS);
    const { plain, blocks } = textureBytesOf(image);
    textureBytes += plain;
    blocks.forEach((bytes, i) => {
      blockBytes[i]! += bytes;
    });
  }
  const rate = codec === 'draco' ? DRACO_TRIANGLES_PER_MS : MESHOPT_TRIANGLES_PER_MS;
  const decodeMs = triangles / rate + imageMs + unpackMs(bytes);
  return {
    bytes,
    checksum: crc32(bytes),
    codec,
    triangles,
    geometryBytes,
    imageBytes,
    textureBytes,
    blockBytes,
    decodeMs,
  };
}

const SCALAR_BYTES = { i8: 1, u8: 1, i16: 2, u16: 2, f32: 4 } as const;

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
