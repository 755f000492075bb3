/**
 * Frames the content of a payload: independent blocks of 64 KiB, each packed or stored, whichever is
 * smaller. Layout: `io/blocks.ts`, which undoes it.
 */
import { deflateSync } from 'fflate';
import { assert } from '../../base/assert.ts';
import { BLOCK_BYTES, MAX_CONTENT_BYTES } from '../../base/limits.ts';
import { encodeLz4 } from '../codecs/lz4-encode.ts';
import type { Bytes } from '../source.ts';
import { BLOCK_CODEC_SHIFT, BlockCodec } from './format.ts';

/** A block as one codec packs it. */
export interface PackedBlock {
  codec: BlockCodec;
  bytes: Uint8Array;
}

/** Packs one block. The same input must always give the same output. */
export type PackBlock = (block: Uint8Array) => PackedBlock;

/** Leaves the block as it is: for content that is packed already. */
export const storeBlock: PackBlock = (bytes) => ({ codec: BlockCodec.None, bytes });

/** Raw deflate in JavaScript, for hosts without a deflate of their own. */
export const deflateBlock: PackBlock = (block) => ({
  codec: BlockCodec.Deflate,
  bytes: deflateSync(block, { level: 6 }),
});

export const lz4Block: PackBlock = (block) => ({
  codec: BlockCodec.Lz4,
  bytes: encodeLz4(block),
});

/**
 * The payload as it lies in a pack, in a buffer of its own. A block that `pack` does not make
 * smaller is stored.
 *
 * @param content at most `MAX_CONTENT_BYTES`
 */
export function encodeBlocks(content: Uint8Array, pack: PackBlock = deflateBlock): Bytes {
  assert(
    content.length <= MAX_CONTENT_BYTES,
    `payload content has ${content.length} bytes, expected at most ${MAX_CONTENT_BYTES}`,
  );
  const count = Math.ceil(content.length / BLOCK_BYTES);
  const blocks: PackedBlock[] = [];
  let size = 8 + count * 4;
  for (let i = 0; i < count; i++) {
    const block = content.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
    const packed = pack(block);
    const kept = packed.bytes.length < block.length ? packed : storeBlock(block);
    blocks.push(kept);
    size += kept.bytes.length;
  }
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length, true);
  view.setUint32(4, count, true);
  let at = 8 + count * 4;
  blocks.forEach(({ codec, bytes: stored }, i) => {
    view.setUint32(8 + i * 4, ((codec << BLOCK_CODEC_SHIFT) | stored.length) >>> 0, true);
    bytes.set(stored, at);
    at += stored.length;
  });
  return bytes;
}
