import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErrorCode, StreamError } from '../../src/base/errors.ts';
import { BLOCK_BYTES } from '../../src/base/limits.ts';
import { undoBlocks } from '../../src/io/blocks.ts';
import { BLOCK_CODEC_SHIFT, BlockCodec } from '../../src/io/bundle/format.ts';
import { findNodeInflate, type Inflate, inflateWithFflate } from '../../src/io/inflate.ts';
import type { Bytes } from '../../src/io/source.ts';
import { concat, encodeBlocks } from '../support/encode-mesh.ts';

const inflates: [string, Inflate][] = [
  ['fflate', inflateWithFflate],
  ['zlib', findNodeInflate()!],
];

/** Content of any size around the edges of blocks, partly compressible. */
const contents = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -3, max: 3 }), fc.integer())
  .map(([blocks, extra, seed]) => {
    const bytes = new Uint8Array(Math.max(0, blocks * BLOCK_BYTES + extra));
    let state = seed | 1;
    for (let i = 0; i < bytes.length; i++) {
      state = Math.imul(state, 1664525) + 1013904223;
      // The second block is noise, which deflate cannot make smaller: it is stored.
      bytes[i] = i >> 16 === 1 ? state >>> 24 : (i >> 5) & 255;
    }
    return bytes;
  });

function expectDamaged(act: () => unknown, message: RegExp): void {
  let error: unknown;
  try {
    act();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(StreamError);
  expect((error as StreamError).code).toBe(ErrorCode.Decode);
  expect((error as StreamError).message).toMatch(message);
}

function entryOf(stored: number, codec: BlockCodec = BlockCodec.Deflate): number {
  return (codec << BLOCK_CODEC_SHIFT) | stored;
}

function head(contentBytes: number, table: number[], blocks: Uint8Array[] = []): Bytes {
  return concat([
    new Uint8Array(new Uint32Array([contentBytes, table.length, ...table]).buffer),
    ...blocks,
  ]);
}

describe.each(inflates)('undoBlocks with %s', (_, inflate) => {
  it('gives back what was framed, for every size around the edges of blocks', () => {
    fc.assert(
      fc.property(contents, (content) => {
        const undone = undoBlocks(encodeBlocks(content), { inflate });
        expect(Buffer.compare(undone, content)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('reads a view that does not begin at its buffer', () => {
    const content = new Uint8Array(1000).fill(3);
    const framed = concat([new Uint8Array(5), encodeBlocks(content)]).subarray(5);
    expect(undoBlocks(framed, { maxBytes: 1000, inflate })).toEqual(content);
  });

  it('ends as a Decode error or as bytes of the promised length when any byte is changed', () => {
    const framed = encodeBlocks(Uint8Array.from({ length: 3000 }, (_, i) => (i * i) >> 3));
    let failures = 0;
    fc.assert(
      fc.property(
        fc.nat({ max: framed.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, flip) => {
          const damaged = framed.slice();
          damaged[at]! ^= flip;
          try {
            const view = new DataView(damaged.buffer);
            expect(undoBlocks(damaged, { maxBytes: 1e6, inflate }).length).toBe(
              view.getUint32(0, true),
            );
          } catch (error) {
            expect(error).toBeInstanceOf(StreamError);
            expect((error as StreamError).code).toBe(ErrorCode.Decode);
            failures++;
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(failures).toBeGreaterThan(0);
  });

  it('ends as a Decode error when the payload is cut anywhere', () => {
    const framed = encodeBlocks(new Uint8Array(70_000).fill(9));
    for (let length = 0; length < framed.length; length++)
      expectDamaged(
        () => undoBlocks(framed.slice(0, length), { maxBytes: 1e6, inflate }),
        /damaged payload/,
      );
  });

  it('refuses a block that inflates to more or less than its place', () => {
    for (const length of [99, 101, 5000]) {
      const block = deflateRawSync(new Uint8Array(length).fill(1));
      const entry = entryOf(block.length);
      expectDamaged(
        () => undoBlocks(head(100, [entry], [block]), { maxBytes: 1e6, inflate }),
        /block 0 (unpacks to|does not unpack|cannot unpack)/,
      );
    }
  });
});

describe('undoBlocks', () => {
  it('allocates nothing for a payload that promises more than deflate can hold', () => {
    const block = deflateRawSync(new Uint8Array(65_536));
    const entry = entryOf(block.length);
    const tiny = entryOf(3);
    expectDamaged(
      () => undoBlocks(head(BLOCK_BYTES * 2, [entry, tiny], [block, new Uint8Array(3)])),
      /block 1 cannot unpack from 3 to 65536 bytes/,
    );
  });

  it('names what was seen and what was expected', () => {
    expectDamaged(
      () => undoBlocks(new Uint8Array(7), { maxBytes: 10 }),
      /7 bytes long, expected at least 8/,
    );
    expectDamaged(
      () => undoBlocks(head(11, [11]), { maxBytes: 10 }),
      /claims 11 bytes.*at most 10/,
    );
    expectDamaged(() => undoBlocks(head(0xffffffff, [1])), /claims 4294967295 bytes/);
    expectDamaged(() => undoBlocks(head(10, []), { maxBytes: 10 }), /has 0 blocks, expected 1/);
    expectDamaged(
      () => undoBlocks(head(10, [9], [new Uint8Array(9)]), { maxBytes: 10 }),
      /block 0 stores 9 bytes, expected 10/,
    );
    expectDamaged(
      () => undoBlocks(head(10, [10], [new Uint8Array(12)]), { maxBytes: 10 }),
      /blocks end at byte 22, expected 24/,
    );
  });
});
