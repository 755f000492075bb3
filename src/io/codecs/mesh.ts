/** Mesh content to typed arrays and images: reads the head, then hands each stream to its codec. */
import { ErrorCode, StreamError } from '../../base/errors.ts';
import type { MeshHeader } from '../bundle/mesh-header.ts';
import type { DecodedImage, DecodedPrimitive, MeshContent } from '../content.ts';
import type { Bytes } from '../source.ts';
import type { DracoDecode } from './draco.ts';
import { decodeGrid } from './grid.ts';
import { canDecode, decodeImage, type ImageCodecs, keepImage } from './image.ts';
import { type MeshHead, readMeshHead } from './mesh-head.ts';
import { decodeMeshopt, warmMeshopt } from './meshopt.ts';
import { decodeRaw } from './raw.ts';
import { KTX2_MIME } from './texture.ts';

export interface MeshLimits {
  /** Most bytes that arrays and images (as RGBA8) may take together. */
  decodedBytes: number;
}

/** Codecs that need something from the host. */
export interface MeshCodecs extends ImageCodecs {
  /** Decodes Draco primitives; without it Draco content ends as a `Decode` error. */
  draco: DracoDecode | null;
}

/**
 * Decodes mesh content. Every array owns its buffer. Content without images whose codec is raw
 * or grid (or meshopt, once warm) is returned at once, everything else as a promise. Fails with
 * `StreamError(Decode)` only.
 *
 * @param name told what unpacks most of it, e.g. `draco`
 */
export function decodeMesh(
  content: Bytes,
  limits: MeshLimits,
  codecs: MeshCodecs,
  name: (codec: string) => void = () => undefined,
): MeshContent | Promise<MeshContent> {
  const head = readMeshHead(content);
  const total = head.geometryBytes + head.imageBytes;
  if (total > limits.decodedBytes)
    throw new StreamError(
      ErrorCode.Decode,
      `damaged mesh: it decodes to ${total} bytes, expected at most ${limits.decodedBytes}`,
    );
  name(codecOf(head, codecs));
  const primitives = decodePrimitives(head, codecs);
  if (!(primitives instanceof Promise) && !canDecode(head.header.images, codecs)) {
    const images = head.header.images.map((image) => keepImage(image, head.streams));
    return assemble(head.header, primitives, images);
  }
  return decodeRest(head, primitives, codecs);
}

/** What makes most of the decoded bytes: a mesh codec, `ktx2`, or `image` for what the host decodes. */
function codecOf({ header, geometryBytes, imageBytes }: MeshHead, codecs: MeshCodecs): string {
  if (imageBytes <= geometryBytes || !canDecode(header.images, codecs)) return header.codec;
  return header.images.some(({ mimeType }) => mimeType === KTX2_MIME) ? 'ktx2' : 'image';
}

function decodePrimitives(
  { header, streams }: MeshHead,
  codecs: MeshCodecs,
): DecodedPrimitive[] | Promise<DecodedPrimitive[]> {
  if (header.codec === 'raw')
    return header.primitives.map((primitive) => decodeRaw(primitive, streams));
  if (header.codec === 'grid')
    return header.primitives.map((primitive) => decodeGrid(primitive, streams));
  if (header.codec === 'meshopt') {
    const decodeAll = (): DecodedPrimitive[] =>
      header.primitives.map((primitive) => decodeMeshopt(primitive, streams));
    return warmMeshopt()?.then(decodeAll) ?? decodeAll();
  }
  const { draco } = codecs;
  if (!draco)
    throw new StreamError(
      ErrorCode.Decode,
      'the mesh is packed with Draco, which is not set up here',
    );
  return decodeInTurn(header, (i) => draco(header, header.primitives[i]!, streams));
}

/** One after the other: the decoder's memory then holds one primitive at a time. */
async function decodeInTurn(
  header: MeshHeader,
  decode: (i: number) => Promise<DecodedPrimitive>,
): Promise<DecodedPrimitive[]> {
  const primitives: DecodedPrimitive[] = [];
  for (let i = 0; i < header.primitives.length; i++) primitives.push(await decode(i));
  return primitives;
}

async function decodeRest(
  { header, streams }: MeshHead,
  pending: DecodedPrimitive[] | Promise<DecodedPrimitive[]>,
  codecs: MeshCodecs,
): Promise<MeshContent> {
  const primitives = await pending;
  const settled = await Promise.allSettled(
    header.images.map((image) => decodeImage(image, streams, codecs)),
  );
  const images = settled.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  const failure = settled.find((result) => result.status === 'rejected');
  if (failure) {
    for (const image of images) image.bitmap?.close();
    throw failure.reason;
  }
  return assemble(header, primitives, images);
}

function assemble(
  { scale, offset, materials }: MeshHeader,
  primitives: DecodedPrimitive[],
  images: DecodedImage[],
): MeshContent {
  return { scale, offset, primitives, materials, images };
}
