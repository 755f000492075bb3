/** What a payload costs in memory: the one formula that cook, catalog and budget share. */

/**
 * Bytes of a payload once it is shown. Geometry counts twice: the GPU's copy, and the CPU's for
 * picking and for `data()`. Images live on the GPU alone, with their mips.
 */
export function residentBytesOf(geometryBytes: number, textureBytes: number): number {
  return geometryBytes * 2 + textureBytes;
}

/**
 * The most that all copies of a payload come to at one time. While it is decoded, the encoded and
 * the decoded bytes exist; while it is uploaded, the decoded images beside everything that stays.
 *
 * @param sharedBytes what of the geometry lies on the GPU in buffers that are paid for as a whole
 */
export function reserveBytesOf(
  encodedBytes: number,
  geometryBytes: number,
  imageBytes: number,
  textureBytes: number,
  sharedBytes = 0,
): number {
  const decoding = encodedBytes + geometryBytes + imageBytes;
  return Math.max(
    decoding,
    residentBytesOf(geometryBytes, textureBytes) - sharedBytes + imageBytes,
  );
}
