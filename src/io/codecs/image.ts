/**
 * Images of mesh content. A browser decodes them to bitmaps in the worker, exactly as stored: not
 * premultiplied, no color conversion, rows from the top. Where there is no `createImageBitmap`
 * (Node) they stay encoded, for whoever wants them.
 */
import type { ImageHeader } from '../bundle/mesh-header.ts';
import type { DecodedImage } from '../content.ts';
import type { Bytes } from '../source.ts';
import { damaged } from './check.ts';

/** Whether this host turns images into bitmaps. */
export function canDecodeImages(): boolean {
  return typeof globalThis.createImageBitmap === 'function';
}

/** The image as it is, in a copy that owns its buffer. */
export function keepImage(header: ImageHeader, streams: Bytes): DecodedImage {
  const bytes = streams.slice(header.offset, header.offset + header.bytes);
  const { width, height, colorSpace, mimeType } = header;
  return { width, height, colorSpace, bitmap: null, encoded: { mimeType, bytes } };
}

/** Throws `StreamError(Decode)` when the host cannot decode it or its size is not the head's. */
export async function decodeImage(header: ImageHeader, streams: Bytes): Promise<DecodedImage> {
  const { width, height, colorSpace, mimeType } = header;
  const bytes = streams.subarray(header.offset, header.offset + header.bytes);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes], { type: mimeType }), {
      premultiplyAlpha: 'none',
      colorSpaceConversion: 'none',
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw damaged(`an image of type ${mimeType} does not decode (${reason})`);
  }
  if (bitmap.width !== width || bitmap.height !== height) {
    const seen = `${bitmap.width} x ${bitmap.height}`;
    bitmap.close();
    throw damaged(`an image is ${seen} pixels, expected ${width} x ${height}`);
  }
  return { width, height, colorSpace, bitmap, encoded: null };
}
