/**
 * Images of mesh content. A browser decodes them to bitmaps in the worker, exactly as stored: not
 * premultiplied, no color conversion, rows from the top. KTX2 images become textures for the device
 * that shows them. What the host cannot decode stays encoded, for whoever wants it.
 */
import { reasonOf } from '../../base/errors.ts';
import type { ImageHeader } from '../bundle/mesh-header.ts';
import type { DecodedImage } from '../content.ts';
import type { Bytes } from '../source.ts';
import type { BasisTranscode } from './basis.ts';
import { damaged } from './check.ts';
import { decodeTexture, KTX2_MIME } from './texture.ts';

/** How a host without `createImageBitmap` decodes an image: RGBA, 4 bytes a pixel, from the top. */
export type ImageDecode = (
  bytes: Uint8Array<ArrayBuffer>,
  mimeType: string,
) => Promise<{ width: number; height: number; data: Uint8Array<ArrayBuffer> }>;

/** What images need from the host. */
export interface ImageCodecs {
  /** Transcodes Basis images; without it they end as a `Decode` error. */
  basis?: BasisTranscode | null;
  /**
   * What the device samples: bits of `TextureSupport`. Null while nobody has said: a browser then
   * makes RGBA8 of KTX2 images, and elsewhere they stay encoded.
   */
  support?: number | null;
  /** Stands in for `createImageBitmap` where there is none. */
  decodeImage?: ImageDecode | undefined;
}

/** Whether this host turns any of these images into something else. */
export function canDecode(images: readonly ImageHeader[], codecs: ImageCodecs): boolean {
  return images.some((image) => codecOf(image, codecs) !== null);
}

function codecOf({ mimeType }: ImageHeader, codecs: ImageCodecs): 'ktx2' | 'bitmap' | 'own' | null {
  const hasBitmaps = typeof globalThis.createImageBitmap === 'function';
  if (mimeType === KTX2_MIME)
    return hasBitmaps || (codecs.support ?? null) !== null ? 'ktx2' : null;
  if (hasBitmaps) return 'bitmap';
  return codecs.decodeImage ? 'own' : null;
}

/** The image as it is, in a copy that owns its buffer. */
export function keepImage(header: ImageHeader, streams: Bytes): DecodedImage {
  const bytes = streams.slice(header.offset, header.offset + header.bytes);
  return { ...blank(header), encoded: { mimeType: header.mimeType, bytes } };
}

function blank({ width, height, colorSpace }: ImageHeader): DecodedImage {
  return { width, height, colorSpace, bitmap: null, compressed: null, encoded: null };
}

/** Throws `StreamError(Decode)` when the host cannot decode it or its size is not the head's. */
export async function decodeImage(
  header: ImageHeader,
  streams: Bytes,
  codecs: ImageCodecs,
): Promise<DecodedImage> {
  const codec = codecOf(header, codecs);
  const bytes = streams.subarray(header.offset, header.offset + header.bytes);
  switch (codec) {
    case null:
      return keepImage(header, streams);
    case 'ktx2': {
      const { basis, support } = codecs;
      const compressed = await decodeTexture(header, bytes, {
        basis: basis ?? null,
        support: support ?? 0,
      });
      return { ...blank(header), compressed };
    }
    case 'own':
      return { ...blank(header), compressed: await decodeOwn(header, bytes.slice(), codecs) };
    case 'bitmap':
      return { ...blank(header), bitmap: await decodeBitmap(header, bytes) };
  }
}

async function decodeBitmap({ width, height, mimeType }: ImageHeader, bytes: Bytes) {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes], { type: mimeType }), {
      premultiplyAlpha: 'none',
      colorSpaceConversion: 'none',
    });
  } catch (error) {
    throw damaged(
      `an image of type ${mimeType} does not decode (${text(error)}); ` +
        'it is damaged, or this browser does not know the format',
    );
  }
  if (bitmap.width !== width || bitmap.height !== height) {
    const seen = `${bitmap.width} x ${bitmap.height}`;
    bitmap.close();
    throw damaged(`an image is ${seen} pixels, expected ${width} x ${height}`);
  }
  return bitmap;
}

async function decodeOwn(
  { width, height, mimeType }: ImageHeader,
  bytes: Bytes,
  { decodeImage: decode }: ImageCodecs,
): Promise<DecodedImage['compressed']> {
  let made: Awaited<ReturnType<ImageDecode>>;
  try {
    made = await decode!(bytes, mimeType);
  } catch (error) {
    throw damaged(`an image of type ${mimeType} does not decode (${text(error)})`);
  }
  const isWhole = made.width === width && made.height === height;
  if (!isWhole || made.data.length !== width * height * 4)
    throw damaged(
      `an image is ${made.width} x ${made.height} pixels in ${made.data.length} bytes, ` +
        `expected ${width} x ${height} in ${width * height * 4}`,
    );
  return { format: 'rgba8', mips: [{ width, height, bytes: made.data }] };
}

function text(error: unknown): string {
  return reasonOf(error);
}
