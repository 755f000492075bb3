/** The reader of textures: KTX2 as the cook writes it, and block formats that other tools wrote. */
import { init as initZstd, compress as zstd } from '@bokuweb/zstd-wasm';
import { zlibSync } from 'fflate';
import { encodeKtx2 } from '../../../cook/encode-ktx2.ts';
import { crc32 } from '../../../src/base/crc32.ts';
import { createBasisTranscode } from '../../../src/io/codecs/basis.ts';
import { decodeTexture } from '../../../src/io/codecs/texture.ts';
import { levelBytes, mipSide, TextureSupport } from '../../../src/io/codecs/texture-formats.ts';
import type { TextureFormat, TextureRole } from '../../../src/io/content.ts';
import type { Bytes } from '../../../src/io/source.ts';
import { compileWasm, findWasm } from '../../../src/io/worker/wasm-files.ts';
import { makeKtx2, makePicture } from '../ktx2.ts';
import { digest, type FuzzSubject } from './subject.ts';

const [WIDTH, HEIGHT] = [16, 8];
const BC = TextureSupport.S3tc | TextureSupport.Rgtc | TextureSupport.Bptc;

/** Devices that a case may be read for. */
const DEVICES = [BC, TextureSupport.Astc, TextureSupport.Etc2, 0] as const;
const EVERYTHING = BC | TextureSupport.Astc | TextureSupport.Etc2 | TextureSupport.AstcHdr;

interface Seed {
  role: TextureRole | undefined;
  bytes: Bytes;
  /** What the device samples; undefined: any of `DEVICES`. */
  support?: number;
}

export async function textureSubject(): Promise<FuzzSubject> {
  const seeds = [...(await basisSeeds()), ...(await plainSeeds())];
  const basis = createBasisTranscode(() => compileWasm('basis', findWasm('basis')));
  return {
    name: 'ktx2',
    weight: 5,
    files: [
      'src/io/codecs/ktx2.ts',
      'src/io/codecs/texture.ts',
      'src/io/codecs/basis.ts',
      'src/io/codecs/texture-formats.ts',
    ],
    seeds: seeds.map(({ bytes }) => bytes),
    async read(mutant, which) {
      const { role, support = DEVICES[crc32(mutant) % DEVICES.length]! } = seeds[which]!;
      const image = {
        width: WIDTH,
        height: HEIGHT,
        colorSpace: role === 'cutout' ? 'srgb' : 'linear',
        ...(role && { role }),
      } as const;
      const { format, mips } = await decodeTexture(image, mutant, { basis, support });
      mips.forEach(({ width, height, bytes }, i) => {
        const expected = levelBytes(format, mipSide(WIDTH, i), mipSide(HEIGHT, i));
        if (width !== mipSide(WIDTH, i) || height !== mipSide(HEIGHT, i))
          throw new Error(`level ${i} is ${width} x ${height}`);
        if (bytes.length !== expected || bytes.buffer.byteLength !== expected)
          throw new Error(`level ${i} has ${bytes.length} bytes, expected ${expected}`);
      });
      return format + digest(...mips.map(({ bytes }) => bytes));
    },
    isGuarded: false,
  };
}

async function basisSeeds(): Promise<Seed[]> {
  const picture = makePicture(WIDTH, HEIGHT);
  const seeds: Seed[] = [];
  for (const kind of ['etc1s', 'uastc'] as const)
    for (const role of ['cutout', 'normal', undefined] as const)
      seeds.push({ role, bytes: await encodeKtx2(picture, role ?? 'data', kind) });
  return seeds;
}

/** Formats that are handed on as they are, with all levels, in each way that levels are packed. */
async function plainSeeds(): Promise<Seed[]> {
  await initZstd();
  const plain = (bytes: Uint8Array): Uint8Array => bytes;
  const pack: readonly [number, (bytes: Uint8Array) => Uint8Array][] = [
    [0, plain],
    [2, (bytes) => zstd(Buffer.from(bytes))],
    [3, (bytes) => zlibSync(bytes)],
  ];
  const make = (vkFormat: number, format: TextureFormat, way: number, role?: TextureRole): Seed => {
    const [supercompression, packLevel] = pack[way]!;
    const levels = [0, 1, 2, 3, 4].map((level) => {
      const size = levelBytes(format, mipSide(WIDTH, level), mipSide(HEIGHT, level));
      const bytes = packLevel(Uint8Array.from({ length: size }, (_, i) => (i >> 2) * 7));
      return { bytes, unpackedBytes: size };
    });
    const shape = { vkFormat, width: WIDTH, height: HEIGHT, supercompression, levels };
    return { role, bytes: makeKtx2(shape), support: EVERYTHING };
  };
  return [
    ...[0, 1, 2].flatMap((way) => [make(145, 'bc7', way), make(157, 'astc', way)]),
    make(37, 'rgba8', 1),
    make(97, 'rgba16f', 2, 'hdr'),
  ];
}
