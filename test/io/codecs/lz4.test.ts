import fc from 'fast-check';
import lz4js from 'lz4js';
import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES } from '../../../src/base/limits.ts';
import { createRandom } from '../../../src/base/random.ts';
import { decodeLz4, LZ4_DAMAGED } from '../../../src/io/codecs/lz4.ts';
import { encodeLz4, lz4Bound } from '../../../src/io/codecs/lz4-encode.ts';

function decode(block: Uint8Array, size: number): Uint8Array {
  const target = new Uint8Array(size);
  expect(decodeLz4(block, 0, block.length, target, 0, size)).toBe(size);
  return target;
}

/** Content with runs, near and far repeats and noise; seeds make very different mixtures. */
function mixed(length: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const count = 1 + Math.floor(random() ** 3 * 400);
    const kind = random();
    const back = 1 + Math.floor(random() ** 2 * Math.max(1, at - 1));
    for (let i = 0; i < count && at < length; i++, at++)
      if (kind < 0.3) bytes[at] = random() * 256;
      else if (kind < 0.5 || at < back) bytes[at] = seed;
      else bytes[at] = bytes[at - back]!;
  }
  return bytes;
}

const contents = fc
  .tuple(fc.integer({ min: 0, max: BLOCK_BYTES }), fc.integer({ min: 0, max: 1e6 }))
  .map(([length, seed]) => mixed(length, seed));

describe('LZ4 blocks', () => {
  it('come back as they were, whatever the content', () => {
    fc.assert(
      fc.property(contents, (content) => {
        const block = encodeLz4(content);
        expect(block.length).toBeLessThanOrEqual(lz4Bound(content.length));
        expect(Buffer.compare(decode(block, content.length), content)).toBe(0);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('of every size up to the least that can hold a match come back', () => {
    for (let length = 0; length < 64; length++)
      for (const content of [new Uint8Array(length).fill(5), mixed(length, length)])
        expect(decode(encodeLz4(content), length)).toEqual(content);
  });

  it('that we write are read by another implementation, and the other way round', () => {
    fc.assert(
      fc.property(contents, (content) => {
        const theirs = new Uint8Array(content.length);
        const ours = encodeLz4(content);
        expect(lz4js.decompressBlock(ours, theirs, 0, ours.length, 0)).toBe(content.length);
        expect(Buffer.compare(theirs, content)).toBe(0);

        const packed = new Uint8Array(lz4js.compressBound(content.length));
        const table = new Uint32Array(65_536);
        const count = lz4js.compressBlock(content, packed, 0, content.length, table);
        // It answers 0 where it finds no match at all.
        if (count > 0)
          expect(Buffer.compare(decode(packed.subarray(0, count), content.length), content)).toBe(
            0,
          );
      }),
      { seed: 2, numRuns: 40 },
    );
  });

  it('are packed better than by a hash table alone', () => {
    const content = mixed(BLOCK_BYTES, 77);
    const packed = new Uint8Array(lz4js.compressBound(content.length));
    const table = new Uint32Array(65_536);
    const theirs = lz4js.compressBlock(content, packed, 0, content.length, table);
    expect(encodeLz4(content).length).toBeLessThan(theirs);
  });
});

describe('decodeLz4', () => {
  it('reads and writes inside larger buffers, and nothing around them', () => {
    const content = mixed(5000, 3);
    const block = encodeLz4(content);
    const source = new Uint8Array(block.length + 20).fill(0xee);
    source.set(block, 7);
    const target = new Uint8Array(5100).fill(0xaa);
    expect(decodeLz4(source, 7, 7 + block.length, target, 50, 5050)).toBe(5000);
    expect(target.subarray(50, 5050)).toEqual(content);
    expect(target.subarray(0, 50).every((byte) => byte === 0xaa)).toBe(true);
    expect(target.subarray(5050).every((byte) => byte === 0xaa)).toBe(true);
  });

  const token = (literals: number, match: number): number => (literals << 4) | match;
  const refused: [string, number[]][] = [
    ['nothing at all', []],
    ['literals that are not there', [token(3, 0), 1, 2]],
    ['a length that never ends', [token(15, 0), 255, 255]],
    ['literals that do not fit', [token(15, 0), 255, ...new Array(270).fill(1)]],
    ['half an offset', [token(1, 0), 9, 1]],
    ['offset 0', [token(1, 0), 9, 0, 0, token(1, 0), 1]],
    ['an offset before the start of the block', [token(1, 0), 9, 2, 0, token(1, 0), 1]],
    ['a match that does not fit', [token(1, 15), 9, 1, 0, 255, 255, 0, token(1, 0), 1]],
    ['a match length that never ends', [token(1, 15), 9, 1, 0, 255]],
    ['a match at its very end', [token(1, 0), 9, 1, 0]],
  ];
  it.each(refused)('refuses %s', (_, bytes) => {
    const target = new Uint8Array(300).fill(0xaa);
    const seen = decodeLz4(new Uint8Array(bytes), 0, bytes.length, target, 100, 200);
    expect(seen).toBe(LZ4_DAMAGED);
    // What lies before the range must not be reachable through an offset, or written.
    expect(target.subarray(0, 100).every((byte) => byte === 0xaa)).toBe(true);
    expect(target.subarray(200).every((byte) => byte === 0xaa)).toBe(true);
  });

  it('accepts what it would refuse were it damaged', () => {
    const bytes = new Uint8Array([token(1, 0), 9, 1, 0, token(1, 0), 7]);
    expect(decode(bytes, 6)).toEqual(new Uint8Array([9, 9, 9, 9, 9, 7]));
  });

  it('never writes outside its range whatever bytes it is given', () => {
    const content = mixed(3000, 11);
    const block = encodeLz4(content);
    const random = createRandom(5);
    let damages = 0;
    for (let run = 0; run < 3000; run++) {
      const broken = block.slice(0, 1 + Math.floor(random() * block.length));
      for (let edits = Math.floor(random() * 4); edits >= 0; edits--)
        broken[Math.floor(random() * broken.length)] = random() * 256;
      const target = new Uint8Array(3200).fill(0xaa);
      const seen = decodeLz4(broken, 0, broken.length, target, 100, 3100);
      if (seen === LZ4_DAMAGED) damages++;
      else expect(seen).toBeLessThanOrEqual(3000);
      const outside = [...target.subarray(0, 100), ...target.subarray(3100)];
      expect(outside.every((byte) => byte === 0xaa)).toBe(true);
    }
    expect(damages).toBeGreaterThan(1000);
  });
});
