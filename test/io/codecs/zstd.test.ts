import { compress, decompress, init } from '@bokuweb/zstd-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { ErrorCode, StreamError } from '../../../src/base/errors.ts';
import { BLOCK_BYTES } from '../../../src/base/limits.ts';
import { createRandom } from '../../../src/base/random.ts';
import { undoBlocks, unpackBlocks } from '../../../src/io/blocks.ts';
import { BlockCodec, encodeBlocks, type PackBlock } from '../../../src/io/bundle/index.ts';
import { loadedZstd, loadZstd } from '../../../src/io/codecs/zstd.ts';
import type { Bytes } from '../../../src/io/source.ts';

const zstdBlock: PackBlock = (block) => ({
  codec: BlockCodec.Zstd,
  bytes: compress(block, 19),
});

const content = Uint8Array.from(
  { length: 2 * BLOCK_BYTES + 999 },
  (_, i) => (i >> 4) ^ (i * 3 + (i >> 9)),
);
let framed: Bytes;

beforeAll(async () => {
  await init();
  framed = encodeBlocks(content, zstdBlock);
});

describe('zstd blocks', () => {
  it('are refused at once while the decoder is not loaded, and wait for it otherwise', async () => {
    expect(loadedZstd()).toBeNull();
    expect(() => undoBlocks(framed)).toThrow('await loadZstd() first');
    const waiting = unpackBlocks(framed);
    expect(waiting).toBeInstanceOf(Promise);
    expect(Buffer.compare(await waiting, content)).toBe(0);
    expect(loadedZstd()).not.toBeNull();
    // From now on at once.
    expect(Buffer.compare(unpackBlocks(framed) as Bytes, content)).toBe(0);
    expect(Buffer.compare(undoBlocks(framed), content)).toBe(0);
  });

  it('are read by the implementation that wrote them and by ours alike', async () => {
    const decode = await loadZstd();
    const random = createRandom(3);
    for (let run = 0; run < 30; run++) {
      const length = 1 + Math.floor(random() * BLOCK_BYTES);
      const plain = Uint8Array.from({ length }, (_, i) => (random() < 0.5 ? i >> 5 : 7));
      const packed = new Uint8Array(compress(plain, 1 + (run % 19)));
      const target = new Uint8Array(length);
      expect(decode(packed, target)).toBe(length);
      expect(Buffer.compare(target, plain)).toBe(0);
      expect(Buffer.compare(decompress(packed), plain)).toBe(0);
    }
  });

  it('end as Decode errors or as content of the promised length when bytes change', async () => {
    await loadZstd();
    const random = createRandom(9);
    let failures = 0;
    for (let run = 0; run < 400; run++) {
      const broken = framed.slice();
      for (let edits = Math.floor(random() * 3); edits >= 0; edits--)
        broken[20 + Math.floor(random() * (broken.length - 20))]! ^= 1 + random() * 254;
      try {
        expect(undoBlocks(broken).length).toBe(content.length);
      } catch (error) {
        expect(error).toBeInstanceOf(StreamError);
        expect((error as StreamError).code).toBe(ErrorCode.Decode);
        failures++;
      }
    }
    expect(failures).toBeGreaterThan(50);
    expect(Buffer.compare(undoBlocks(framed), content), 'a sound block still decodes').toBe(0);
  });

  it('that unpack to more or less than their place are refused', async () => {
    await loadZstd();
    for (const length of [1000, BLOCK_BYTES + 1, 90_000]) {
      const other = compress(new Uint8Array(length).fill(3), 3);
      const wrong = encodeBlocks(new Uint8Array(2000), () => ({
        codec: BlockCodec.Zstd,
        bytes: other,
      }));
      expect(() => undoBlocks(wrong), `${length}`).toThrow(/block 0 unpacks to \d+ bytes/);
    }
  });
});
