/** What of a decoded payload can be moved between threads, and how to free one nobody wants. */
import { isCustom, type PayloadContent } from '../content.ts';

/** Every buffer and bitmap of the content, each once. */
export function listTransferables(content: PayloadContent): Transferable[] {
  if (isCustom(content)) return content.transfer ?? [];
  const found = new Set<Transferable>();
  for (const { attributes, index } of content.primitives) {
    for (const { array } of attributes) found.add(array.buffer);
    found.add(index.buffer);
  }
  for (const { bitmap, compressed, encoded } of content.images) {
    if (bitmap) found.add(bitmap);
    for (const { bytes } of compressed?.mips ?? []) found.add(bytes.buffer);
    if (encoded) found.add(encoded.bytes.buffer);
  }
  return [...found];
}

/**
 * Bytes of the arrays and images of the content; a bitmap counts as RGBA8.
 *
 * @param customBytes what content of the game's own counts as: only the game knows what it holds
 */
export function countBytes(content: PayloadContent, customBytes: number): number {
  if (isCustom(content)) return customBytes;
  let bytes = 0;
  for (const { attributes, index } of content.primitives) {
    for (const { array } of attributes) bytes += array.byteLength;
    bytes += index.byteLength;
  }
  for (const { bitmap, compressed, encoded, width, height } of content.images) {
    if (bitmap) bytes += width * height * 4;
    for (const mip of compressed?.mips ?? []) bytes += mip.bytes.length;
    bytes += encoded?.bytes.length ?? 0;
  }
  return bytes;
}

/** Closes the bitmaps of content that was decoded in vain; all else is the collector's. */
export function closeContent(content: PayloadContent | null): void {
  if (!content || isCustom(content)) return;
  for (const image of content.images) image.bitmap?.close();
}
