import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { BLOCK_BYTES } from '../../../src/base/limits.ts';
import { createRandom } from '../../../src/base/random.ts';
import { undoBlocks } from '../../../src/io/blocks.ts';
import {
  BLOCK_CODEC_SHIFT,
  BLOCK_SIZE_MASK,
  BlockCodec,
  deflateBlock,
  encodeBlocks,
  lz4Block,
  type PackBlock,
  storeBlock,
} from '../../../src/io/bundle/index.ts';

const zlibBlock: PackBlock = (block) => ({
  codec: BlockCodec.Deflate,
  bytes: deflateRawSync(block),
});
const PACKS: PackBlock[] = [deflateBlock, zlibBlock, lz4Block, storeBlock];

function noise(length: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

const SIZES = [1, 100, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES + 77];

test.each(SIZES)('content of %i bytes comes back whatever packs it', (size) => {
  for (const content of [noise(size, size), new Uint8Array(size).fill(7)])
    for (const pack of PACKS) {
      const bytes = encodeBlocks(content, pack);
      expect(Buffer.compare(undoBlocks(bytes), content), 'difference').toBe(0);
    }
});

test('blocks that packing does not make smaller are stored as they are', () => {
  const content = new Uint8Array(2 * BLOCK_BYTES);
  content.set(noise(BLOCK_BYTES, 1));
  for (const [pack, codec] of [
    [deflateBlock, BlockCodec.Deflate],
    [lz4Block, BlockCodec.Lz4],
  ] as const) {
    const view = new DataView(encodeBlocks(content, pack).buffer);
    expect(view.getUint32(0, true)).toBe(content.length);
    expect(view.getUint32(4, true)).toBe(2);
    expect(view.getUint32(8, true)).toBe(BLOCK_BYTES);
    const packed = view.getUint32(12, true);
    expect(packed >>> BLOCK_CODEC_SHIFT).toBe(codec);
    expect(packed & BLOCK_SIZE_MASK).toBeLessThan(1000);
  }
});

test('every block may have a codec of its own', () => {
  const content = new Uint8Array(4 * BLOCK_BYTES).map((_, i) => (i >> 3) & 255);
  let block = 0;
  const bytes = encodeBlocks(content, (plain) => PACKS[block++ % PACKS.length]!(plain));
  const view = new DataView(bytes.buffer);
  const codecs = [0, 1, 2, 3].map((i) => view.getUint32(8 + i * 4, true) >>> BLOCK_CODEC_SHIFT);
  expect(codecs).toEqual([BlockCodec.Deflate, BlockCodec.Deflate, BlockCodec.Lz4, BlockCodec.None]);
  expect(Buffer.compare(undoBlocks(bytes), content)).toBe(0);
});

test('empty content is a payload without blocks', () => {
  const bytes = encodeBlocks(new Uint8Array(0));
  expect(bytes).toEqual(new Uint8Array(8));
  expect(undoBlocks(bytes)).toEqual(new Uint8Array(0));
});

test('a view into a larger buffer is framed as the view, not as the buffer', () => {
  const larger = noise(1000, 3);
  const view = larger.subarray(100, 300);
  expect(undoBlocks(encodeBlocks(view))).toEqual(view);
});
