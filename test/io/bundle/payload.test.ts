import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { BLOCK_BYTES } from '../../../src/base/limits.ts';
import { createRandom } from '../../../src/base/random.ts';
import { undoBlocks } from '../../../src/io/blocks.ts';
import { BLOCK_DEFLATED, encodeBlocks } from '../../../src/io/bundle/index.ts';

function noise(length: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

const SIZES = [1, 100, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES + 77];

test.each(SIZES)('content of %i bytes comes back whatever deflates it', (size) => {
  const contents = [noise(size, size), new Uint8Array(size).fill(7)];
  for (const content of contents) {
    const slow = encodeBlocks(content);
    const fast = encodeBlocks(content, (block) => deflateRawSync(block));
    for (const bytes of [slow, fast])
      expect(Buffer.compare(undoBlocks(bytes), content), 'difference').toBe(0);
  }
});

test('blocks that deflate does not make smaller are stored as they are', () => {
  const content = new Uint8Array(2 * BLOCK_BYTES);
  content.set(noise(BLOCK_BYTES, 1));
  const view = new DataView(encodeBlocks(content).buffer);
  expect(view.getUint32(0, true)).toBe(content.length);
  expect(view.getUint32(4, true)).toBe(2);
  expect(view.getUint32(8, true)).toBe(BLOCK_BYTES);
  expect(view.getUint32(12, true)).toBeGreaterThan(BLOCK_DEFLATED);
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
