/**
 * Frames the content of a payload: independent blocks of 64 KiB, each deflated or stored, whichever
 * is smaller. Layout: `io/blocks.ts`, which undoes it.
 */
import { deflateSync } from 'fflate';
import { assert } from '../../base/assert.ts';
import { BLOCK_BYTES, MAX_CONTENT_BYTES } from '../../base/limits.ts';
import type { Bytes } from '../source.ts';
import { BLOCK_DEFLATED } from './format.ts';

/** Raw deflate of one block. The same input must always give the same output. */
export type DeflateRaw = (block: Uint8Array) => Uint8Array;

/** In JavaScript, for hosts without a deflate of their own. */
export const deflateWithFflate: DeflateRaw = (block) => deflateSync(block, { level: 6 });

/**
 * The payload as it lies in a pack, in a buffer of its own.
 *
 * @param content at most `MAX_CONTENT_BYTES`
 */
export function encodeBlocks(
  content: Uint8Array,
  deflateRaw: DeflateRaw = deflateWithFflate,
): Bytes {
  assert(
    content.length <= MAX_CONTENT_BYTES,
    `payload content has ${content.length} bytes, expected at most ${MAX_CONTENT_BYTES}`,
  );
  const count = Math.ceil(content.length / BLOCK_BYTES);
  const entries = new Uint32Array(count);
  const blocks: Uint8Array[] = [];
  let size = 8 + count * 4;
  for (let i = 0; i < count; i++) {
    const block = content.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
    const deflated = deflateRaw(block);
    const isSmaller = deflated.length < block.length;
    const stored = isSmaller ? deflated : block;
    entries[i] = isSmaller ? stored.length + BLOCK_DEFLATED : stored.length;
    blocks.push(stored);
    size += stored.length;
  }
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length, true);
  view.setUint32(4, count, true);
  let at = 8 + count * 4;
  blocks.forEach((block, i) => {
    view.setUint32(8 + i * 4, entries[i]!, true);
    bytes.set(block, at);
    at += block.length;
  });
  return bytes;
}
