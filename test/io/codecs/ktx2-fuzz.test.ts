/**
 * Thousands of spoiled KTX2 files: each ends as a `Decode` error or as levels of exactly the sizes
 * that its head promises. Nothing hangs, nothing is allocated that the file does not hold.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeKtx2 } from '../../../cook/encode-ktx2.ts';
import { ErrorCode, StreamError } from '../../../src/base/errors.ts';
import { createRandom, type Random } from '../../../src/base/random.ts';
import { createBasisTranscode, isBasisBroken } from '../../../src/io/codecs/basis.ts';
import { type Ktx2Head, readKtx2 } from '../../../src/io/codecs/ktx2.ts';
import { decodeTexture } from '../../../src/io/codecs/texture.ts';
import { levelBytes } from '../../../src/io/codecs/texture-formats.ts';
import type { DecodedTexture } from '../../../src/io/content.ts';
import type { Bytes } from '../../../src/io/source.ts';
import { compileWasm, findWasm } from '../../../src/io/worker/wasm-files.ts';
import { levelsOf, makeKtx2, makePicture } from '../../support/ktx2.ts';

const HEADS = 60_000;
const FILES = 1_500;
const ALL_FORMATS = 63;
/** Numbers that break readers. */
const NASTY = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff0, 0x10000, 3];

const basis = createBasisTranscode(() => compileWasm('basis', findWasm('basis')));
const seeds: Bytes[] = [];

beforeAll(async () => {
  const picture = makePicture(32, 16);
  for (const kind of ['etc1s', 'uastc'] as const)
    for (const role of ['color', 'cutout'] as const)
      seeds.push(await encodeKtx2(picture, role, kind));
  const mips = [0, 1, 2].map((level) => {
    const [width, height] = [32 >> level, 16 >> level];
    return { width, height, bytes: new Uint8Array(levelBytes('bc7', width, height)) };
  });
  seeds.push(makeKtx2({ vkFormat: 145, width: 32, height: 16, levels: levelsOf(mips) }));
});

/** A few bytes changed, a field set to a nasty number, or the end cut off. */
function spoil(source: Bytes, random: Random, reach: number): Bytes {
  const bytes = source.slice();
  const view = new DataView(bytes.buffer);
  const pick = (below: number): number => Math.floor(random() * below);
  const limit = Math.min(reach, bytes.length);
  for (let i = 1 + pick(3); i > 0; i--) {
    const how = pick(8);
    if (how === 0) return bytes.slice(0, pick(bytes.length));
    if (how < 4) view.setUint32(pick((limit - 4) >> 2) * 4, NASTY[pick(NASTY.length)]!, true);
    else bytes[pick(limit)] = pick(256);
  }
  return bytes;
}

/** What must hold of a head that was accepted. */
function expectSane(head: Ktx2Head, file: Bytes): void {
  expect(head.width * head.height).toBeLessThanOrEqual(16_384 ** 2);
  expect(head.levels.length).toBeLessThanOrEqual(15);
  for (const { offset, bytes, unpackedBytes, width, height } of head.levels) {
    expect(offset + bytes).toBeLessThanOrEqual(file.length);
    const most = levelBytes('rgba16f', width, height) + levelBytes('bc7', width, height);
    expect(unpackedBytes).toBeLessThanOrEqual(most);
    if (head.supercompression === 0) expect(unpackedBytes).toBe(bytes);
  }
}

describe('spoiled KTX2 files', () => {
  it('have heads that are refused, or that fit the file', () => {
    const random = createRandom(20);
    let refused = 0;
    for (let i = 0; i < HEADS; i++) {
      const file = spoil(seeds[i % seeds.length]!, random, 420);
      try {
        expectSane(readKtx2(file), file);
      } catch (error) {
        if (!(error instanceof StreamError)) throw error;
        expect(error.code).toBe(ErrorCode.Decode);
        refused++;
      }
    }
    // Both ends must be reached, or this says nothing.
    expect(refused).toBeGreaterThan(HEADS / 5);
    expect(HEADS - refused).toBeGreaterThan(HEADS / 5);
  });

  it('decode to levels of the promised sizes or to an error', async () => {
    const random = createRandom(21);
    let decoded = 0;
    let tried = 0;
    for (; tried < FILES && !isBasisBroken(); tried++) {
      const seed = seeds[tried % seeds.length]!;
      const file = spoil(seed, random, tried % 2 === 0 ? 420 : seed.length);
      const answer = await attempt(file, [7, 0, 8, ALL_FORMATS][tried % 4]!);
      if (answer === null) continue;
      decoded++;
      answer.mips.forEach(({ bytes }, i) => {
        const [width, height] = [Math.max(1, 32 >> i), Math.max(1, 16 >> i)];
        expect(bytes.length).toBe(levelBytes(answer.format, width, height));
      });
    }
    expect(decoded).toBeGreaterThan(tried / 10);
    expect(tried - decoded).toBeGreaterThan(tried / 10);
    expect(tried).toBe(FILES);
  });
});

async function attempt(file: Bytes, support: number): Promise<DecodedTexture | null> {
  try {
    const image = { width: 32, height: 16, colorSpace: 'srgb' } as const;
    return await decodeTexture(image, file, { basis, support });
  } catch (error) {
    expect(error).toBeInstanceOf(StreamError);
    expect((error as StreamError).code).toBe(ErrorCode.Decode);
    return null;
  }
}
