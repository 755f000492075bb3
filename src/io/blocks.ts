/**
 * Undoes the framing of a payload: content cut into independent blocks of 64 KiB, each deflated or
 * stored, whichever is smaller. Nothing in the table is believed before it is checked, so that a
 * damaged payload costs neither memory nor time.
 *
 *     0  u32  contentBytes
 *     4  u32  blockCount
 *     8  u32[blockCount]  bytes of each block; top bit set = raw deflate, clear = stored
 *     …  the blocks, end to end
 */
import { ErrorCode, StreamError } from '../base/errors.ts';
import { BLOCK_BYTES, MAX_CONTENT_BYTES } from '../base/limits.ts';
import { BLOCK_DEFLATED } from './bundle/format.ts';
import { inflate as hostInflate, type Inflate } from './inflate.ts';
import type { Bytes } from './source.ts';

/** Deflate cannot pack more than this many bytes into one. Based on: zlib's technical notes. */
const DEFLATE_MAX_RATIO = 1032;

const HEAD_BYTES = 8;
const SIZE_MASK = 0x7fffffff;

/**
 * The content of a payload, in a buffer of its own. Throws `StreamError(Decode)` that names what
 * was seen and what was expected.
 *
 * @param maxBytes largest content to accept; never above `MAX_CONTENT_BYTES`
 */
export function undoBlocks(
  bytes: Bytes,
  maxBytes: number = MAX_CONTENT_BYTES,
  inflate: Inflate = hostInflate,
): Bytes {
  if (bytes.length < HEAD_BYTES)
    throw damaged(`it is ${bytes.length} bytes long, expected at least ${HEAD_BYTES}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const contentBytes = view.getUint32(0, true);
  const blockCount = view.getUint32(4, true);
  const limit = Math.min(maxBytes, MAX_CONTENT_BYTES);
  if (contentBytes > limit)
    throw damaged(`it claims ${contentBytes} bytes of content, expected at most ${limit}`);
  const expectedCount = Math.ceil(contentBytes / BLOCK_BYTES);
  if (blockCount !== expectedCount)
    throw damaged(
      `it has ${blockCount} blocks, expected ${expectedCount} for ${contentBytes} bytes`,
    );
  const blocksStart = HEAD_BYTES + blockCount * 4;
  if (blocksStart > bytes.length)
    throw damaged(`its block table ends at byte ${blocksStart} of ${bytes.length}`);
  checkTable(view, contentBytes, blockCount, blocksStart);

  // One spare byte: an inflated block that is too long shows itself by reaching into it. Inside the
  // content the byte belongs to the next block, which is written afterwards.
  const buffer = new Uint8Array(contentBytes + 1);
  let from = blocksStart;
  for (let block = 0; block < blockCount; block++) {
    const entry = view.getUint32(HEAD_BYTES + block * 4, true);
    const source = bytes.subarray(from, from + (entry & SIZE_MASK));
    const start = block * BLOCK_BYTES;
    const size = Math.min(BLOCK_BYTES, contentBytes - start);
    if (entry >= BLOCK_DEFLATED)
      inflateBlock(inflate, source, buffer.subarray(start, start + size + 1), block);
    else buffer.set(source, start);
    from += source.length;
  }
  return buffer.subarray(0, contentBytes);
}

/** Checks every size in the table against the bytes that are there, before anything is allocated. */
function checkTable(view: DataView, contentBytes: number, count: number, start: number): void {
  let total = start;
  for (let block = 0; block < count; block++) {
    const entry = view.getUint32(HEAD_BYTES + block * 4, true);
    const stored = entry & SIZE_MASK;
    const size = Math.min(BLOCK_BYTES, contentBytes - block * BLOCK_BYTES);
    const deflated = entry >= BLOCK_DEFLATED;
    if (!deflated && stored !== size)
      throw damaged(`block ${block} stores ${stored} bytes, expected ${size}`);
    if (deflated && (stored === 0 || stored * DEFLATE_MAX_RATIO < size))
      throw damaged(`block ${block} cannot inflate from ${stored} to ${size} bytes`);
    total += stored;
  }
  if (total !== view.byteLength)
    throw damaged(`its blocks end at byte ${total}, expected ${view.byteLength}`);
}

function inflateBlock(inflate: Inflate, source: Bytes, target: Bytes, block: number): void {
  const size = target.length - 1;
  let inflated: number;
  try {
    inflated = inflate(source, target);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw damaged(`block ${block} does not inflate (${reason})`);
  }
  if (inflated !== size) {
    const seen = inflated > size ? `more than ${size}` : String(inflated);
    throw damaged(`block ${block} inflates to ${seen} bytes, expected ${size}`);
  }
}

function damaged(what: string): StreamError {
  return new StreamError(ErrorCode.Decode, `damaged payload: ${what}`);
}
