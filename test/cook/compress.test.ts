import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMPRESSIONS, type Compression, createPacker } from '../../cook/compress.ts';
import { cook } from '../../cook/index.ts';
import { verify } from '../../cook/verify.ts';
import { BLOCK_BYTES } from '../../src/base/limits.ts';
import { createRandom } from '../../src/base/random.ts';
import { BLOCK_CODEC_SHIFT, BlockCodec } from '../../src/io/bundle/index.ts';
import { bumpySphere, noisyImage, temporaryFolder, writeGlb } from './sources.ts';
import { openWorld, positionsOf } from './worlds.ts';

/** Codecs of all blocks of a cooked world. */
function codecsOf(folder: string): Set<number> {
  const { head, catalog } = openWorld(folder);
  const codecs = new Set<number>();
  for (let i = 0; i < catalog.counts.payloads; i++) {
    const pack = readFileSync(join(folder, head.packs[catalog.payloadPacks[i]!]!.file));
    const start = catalog.payloadOffsets[i]!;
    for (let block = 0; block < pack.readUint32LE(start + 4); block++)
      codecs.add(pack.readUint32LE(start + 8 + block * 4) >>> BLOCK_CODEC_SHIFT);
  }
  return codecs;
}

const OWN: Record<Exclude<Compression, 'auto'>, BlockCodec> = {
  none: BlockCodec.None,
  deflate: BlockCodec.Deflate,
  lz4: BlockCodec.Lz4,
  zstd: BlockCodec.Zstd,
};

test('a world packed by any codec is the same world', async () => {
  const folder = temporaryFolder();
  const source = join(folder, 'source');
  await writeGlb(folder, 'ball', { mesh: bumpySphere(40, 60), texture: await noisyImage(64) });
  let expected: Float64Array | undefined;
  for (const compression of COMPRESSIONS) {
    const out = join(source, compression);
    await cook({ inputs: [join(folder, 'ball.glb')], out, meshCodec: 'meshopt', compression });
    expect((await verify(out)).problems).toEqual([]);
    const world = openWorld(out);
    const positions = positionsOf(await world.decode(world.catalog.assetPayloads[0]!), 0);
    expected ??= positions;
    expect(positions).toEqual(expected);
    const codecs = codecsOf(out);
    if (compression === 'auto') expect(codecs).not.toContain(BlockCodec.Zstd);
    else expect(codecs).toContain(OWN[compression]);
    // Nothing but what was asked for, and blocks that are not worth it.
    if (compression !== 'auto')
      for (const codec of codecs) expect([BlockCodec.None, OWN[compression]]).toContain(codec);
  }
});

describe('auto', () => {
  const random = createRandom(4);
  const noise = Uint8Array.from({ length: BLOCK_BYTES }, () => random() * 256);
  // Far fewer values than 256: entropy coding pays, repeats hardly do.
  const skewed = Uint8Array.from({ length: BLOCK_BYTES }, () => random() ** 3 * 24);
  const flat = new Uint8Array(BLOCK_BYTES);

  test('stores what no codec makes smaller', async () => {
    const pack = await createPacker('auto', 1);
    expect(pack(noise).codec).toBe(BlockCodec.None);
    expect(pack(flat).codec).not.toBe(BlockCodec.None);
  });

  test('takes small bytes on a slow link and fast decoding on a fast one', async () => {
    expect((await createPacker('auto', 1))(skewed).codec).toBe(BlockCodec.Deflate);
    expect((await createPacker('auto', 2000))(skewed).codec).not.toBe(BlockCodec.Deflate);
  });

  test('stores even what could be packed where the link is faster than any codec', async () => {
    expect((await createPacker('auto', 1e6))(skewed).codec).toBe(BlockCodec.None);
  });
});

test('a compression that does not exist is refused with those that do', async () => {
  const options = { inputs: ['x'], out: 'y', compression: 'brotli' as Compression };
  await expect(cook(options)).rejects.toThrow('compression is "brotli", expected none, deflate,');
});
