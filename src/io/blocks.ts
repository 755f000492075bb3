/**
 * Undoes the framing of a payload: content cut into independent blocks of 64 KiB, each with the
 * codec that packed it, or stored where packing makes it no smaller. Nothing in the table is
 * believed before it is checked, so that a damaged payload costs neither memory nor time.
 *
 *     0  u32  contentBytes
 *     4  u32  blockCount
 *     8  u32[blockCount]  bytes of the stored block (low 24 bits), `BlockCodec` (high 8 bits)
 *     …  the blocks, end to end
 */
import { ErrorCode, reasonOf, StreamError } from '../base/errors.ts';
import { BLOCK_BYTES, MAX_CONTENT_BYTES } from '../base/limits.ts';
import { BLOCK_CODEC_SHIFT, BLOCK_SIZE_MASK, BlockCodec } from './bundle/format.ts';
import { decodeLz4, LZ4_DAMAGED } from './codecs/lz4.ts';
import { loadedZstd, loadZstd, type ZstdDecode } from './codecs/zstd.ts';
import { inflate as hostInflate, type Inflate } from './inflate.ts';
import type { Bytes } from './source.ts';

/**
 * A codec cannot pack more than this many bytes into one. Deflate: zlib's technical notes. LZ4: a
 * byte of length stands for 255. Zstd: the least frame is 9 bytes, and no block is above 64 KiB.
 */
const MAX_RATIO: Readonly<Record<number, number>> = {
  [BlockCodec.Deflate]: 1032,
  [BlockCodec.Lz4]: 255,
  [BlockCodec.Zstd]: BLOCK_BYTES / 9,
};

const CODEC_NAMES = ['none', 'deflate', 'lz4', 'zstd'] as const;

const HEAD_BYTES = 8;

/** Codecs that depend on the host; the others are part of this file's own code. */
export interface UndoOptions {
  /** Largest content to accept; never above `MAX_CONTENT_BYTES`, which is the default. */
  maxBytes?: number;
  inflate?: Inflate;
  /** Default: the decoder that `loadZstd` has loaded. */
  zstd?: ZstdDecode | null;
}

/**
 * The content of a payload: a view of `bytes` where every block is stored as it is, else in a buffer
 * of its own. A promise only while a block needs zstd and its decoder is not loaded yet. Fails with
 * `StreamError(Decode)` that names what was seen and what was expected, with `Network` where zstd
 * cannot be loaded.
 */
export function unpackBlocks(bytes: Bytes, options: UndoOptions = {}): Bytes | Promise<Bytes> {
  const isWaiting = options.zstd === undefined && loadedZstd() === null;
  if (!isWaiting || !readTable(bytes, options.maxBytes).usesZstd) return undoBlocks(bytes, options);
  return loadZstd().then((zstd) => undoBlocks(bytes, { ...options, zstd }));
}

/** Like `unpackBlocks`, at once: a block that needs zstd must find it loaded. */
export function undoBlocks(bytes: Bytes, options: UndoOptions = {}): Bytes {
  const { inflate = hostInflate, zstd = loadedZstd() } = options;
  const { view, contentBytes, blockCount, usesZstd, isStored } = readTable(bytes, options.maxBytes);
  if (isStored) return bytes.subarray(bytes.length - contentBytes);
  if (usesZstd && !zstd)
    throw new StreamError(ErrorCode.Decode, 'a block is packed with zstd: await loadZstd() first');
  // One spare byte: an inflated block that is too long shows itself by reaching into it. Inside the
  // content the byte belongs to the next block, which is written afterwards.
  const buffer = new Uint8Array(contentBytes + 1);
  let from = HEAD_BYTES + blockCount * 4;
  for (let block = 0; block < blockCount; block++) {
    const entry = view.getUint32(HEAD_BYTES + block * 4, true);
    const codec = entry >>> BLOCK_CODEC_SHIFT;
    const next = from + (entry & BLOCK_SIZE_MASK);
    const start = block * BLOCK_BYTES;
    const end = Math.min(start + BLOCK_BYTES, contentBytes);
    if (codec === BlockCodec.None) buffer.set(bytes.subarray(from, next), start);
    else if (codec === BlockCodec.Lz4) {
      const seen = decodeLz4(bytes, from, next, buffer, start, end);
      if (seen !== end - start) throw wrongSize(block, codec, seen, end - start);
    } else {
      const source = bytes.subarray(from, next);
      if (codec === BlockCodec.Deflate)
        undoBlock(inflate, source, buffer.subarray(start, end + 1), end - start, block, codec);
      else undoBlock(zstd!, source, buffer.subarray(start, end), end - start, block, codec);
    }
    from = next;
  }
  return buffer.subarray(0, contentBytes);
}

interface BlockTable {
  view: DataView;
  contentBytes: number;
  blockCount: number;
  usesZstd: boolean;
  /** No block is packed: the content lies in one piece behind the table. */
  isStored: boolean;
}

/** Checks every figure of head and table against the bytes that are there. Allocates nothing. */
function readTable(bytes: Bytes, maxBytes: number = MAX_CONTENT_BYTES): BlockTable {
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
  let total = HEAD_BYTES + blockCount * 4;
  if (total > bytes.length)
    throw damaged(`its block table ends at byte ${total} of ${bytes.length}`);
  let usesZstd = false;
  let isStored = true;
  for (let block = 0; block < blockCount; block++) {
    const entry = view.getUint32(HEAD_BYTES + block * 4, true);
    checkEntry(block, entry, Math.min(BLOCK_BYTES, contentBytes - block * BLOCK_BYTES));
    isStored &&= entry >>> BLOCK_CODEC_SHIFT === BlockCodec.None;
    usesZstd ||= entry >>> BLOCK_CODEC_SHIFT === BlockCodec.Zstd;
    total += entry & BLOCK_SIZE_MASK;
  }
  if (total !== bytes.length)
    throw damaged(`its blocks end at byte ${total}, expected ${bytes.length}`);
  return { view, contentBytes, blockCount, usesZstd, isStored };
}

/** @param size bytes that the block must undo to */
function checkEntry(block: number, entry: number, size: number): void {
  const codec = entry >>> BLOCK_CODEC_SHIFT;
  const stored = entry & BLOCK_SIZE_MASK;
  if (codec >= CODEC_NAMES.length)
    throw damaged(`block ${block} has codec ${codec}, expected 0 to ${CODEC_NAMES.length - 1}`);
  if (codec === BlockCodec.None) {
    if (stored !== size) throw damaged(`block ${block} stores ${stored} bytes, expected ${size}`);
  } else if (stored === 0 || stored >= size || stored * MAX_RATIO[codec]! < size)
    throw damaged(
      `block ${block} cannot unpack from ${stored} to ${size} bytes (${CODEC_NAMES[codec]})`,
    );
}

function undoBlock(
  decode: Inflate | ZstdDecode,
  source: Bytes,
  target: Bytes,
  size: number,
  block: number,
  codec: number,
): void {
  let seen: number;
  try {
    seen = decode(source, target);
  } catch (error) {
    const reason = reasonOf(error);
    throw damaged(`block ${block} does not unpack (${CODEC_NAMES[codec]}: ${reason})`);
  }
  if (seen !== size) throw wrongSize(block, codec, seen, size);
}

function wrongSize(block: number, codec: number, seen: number, size: number): StreamError {
  const name = CODEC_NAMES[codec];
  if (seen === LZ4_DAMAGED) return damaged(`block ${block} does not unpack (${name})`);
  const count = seen > size ? `more than ${size}` : String(seen);
  return damaged(`block ${block} unpacks to ${count} bytes, expected ${size} (${name})`);
}

function damaged(what: string): StreamError {
  return new StreamError(ErrorCode.Decode, `damaged payload: ${what}`);
}
