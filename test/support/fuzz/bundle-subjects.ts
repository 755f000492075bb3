/** The readers of a bundle: head, catalog, payload blocks and what is in them. */
import { deflateRawSync } from 'node:zlib';
import { createPacker } from '../../../cook/compress.ts';
import { encodeKtx2 } from '../../../cook/encode-ktx2.ts';
import { crc32 } from '../../../src/base/crc32.ts';
import { ErrorCode, StreamError } from '../../../src/base/errors.ts';
import { BLOCK_BYTES } from '../../../src/base/limits.ts';
import { createRandom } from '../../../src/base/random.ts';
import { unpackBlocks } from '../../../src/io/blocks.ts';
import {
  DIRECTORY_BYTES_AT,
  HEADER_CHECKSUM_AT,
  headerChecksum,
  SECTIONS_AT,
} from '../../../src/io/bundle/catalog-layout.ts';
import {
  BlockCodec,
  encodeBlocks,
  FORMAT_NAME,
  FORMAT_VERSION,
  formatHead,
  lz4Block,
  type PackBlock,
  parseHead,
  readCatalog,
  storeBlock,
  writeCatalog,
} from '../../../src/io/bundle/index.ts';
import { decodeLz4 } from '../../../src/io/codecs/lz4.ts';
import { encodeLz4 } from '../../../src/io/codecs/lz4-encode.ts';
import { KTX2_MIME } from '../../../src/io/codecs/texture.ts';
import { TextureSupport } from '../../../src/io/codecs/texture-formats.ts';
import { type MeshContent, PayloadKind } from '../../../src/io/content.ts';
import type { Bytes } from '../../../src/io/source.ts';
import { createInlineDecoder } from '../../../src/io/worker/inline-decoder.ts';
import { encodeMesh, frame, makeExtras, makeGrid } from '../encode-mesh.ts';
import { makePicture } from '../ktx2.ts';
import { sampleCatalog } from '../sample-catalog.ts';
import { encodeGridContent } from './grid-content.ts';
import { digest, type FuzzSubject } from './subject.ts';

const BUNDLE = 'src/io/bundle';

/** All readers of a bundle with their sound files. */
export async function bundleSubjects(): Promise<FuzzSubject[]> {
  return [
    headSubject(),
    catalogSubject(),
    await blocksSubject(),
    lz4Subject(),
    await meshSubject(),
  ];
}

function headSubject(): FuzzSubject {
  const file = { file: 'catalog-0123456789abcdef.ffc', bytes: 1234, sha256: '0123456789abcdef' };
  const text = formatHead({
    format: FORMAT_NAME,
    version: FORMAT_VERSION,
    name: 'fuzz "ö"',
    generator: 'fuzz',
    catalog: { ...file, directoryBytes: 1000 },
    packs: [file, file],
    bounds: [-1.5, 0, -2, 1.5, 20.25, 2],
    counts: { assets: 1, payloads: 5, levels: 0, placements: 9, terrain: 0 },
    residentBytes: 123456,
  });
  const tag = ',\n  "checksum": "';
  return {
    name: 'head',
    weight: 2,
    files: [`${BUNDLE}/read-head.ts`],
    seeds: [new TextEncoder().encode(text)],
    repair(mutant) {
      const now = new TextDecoder().decode(mutant);
      const at = now.indexOf(tag);
      if (at < 0) return mutant;
      const open = new TextEncoder().encode(now.slice(0, at));
      const checksum = crc32(open).toString(16).padStart(8, '0');
      const rest = now.slice(at + tag.length + 8);
      return new TextEncoder().encode(`${now.slice(0, at)}${tag}${checksum}${rest}`);
    },
    read: (mutant) => JSON.stringify(parseHead(new TextDecoder().decode(mutant))),
    isGuarded: true,
  };
}

function catalogSubject(): FuzzSubject {
  return {
    name: 'catalog',
    weight: 3,
    files: [
      `${BUNDLE}/read-catalog.ts`,
      `${BUNDLE}/read-directory.ts`,
      `${BUNDLE}/check-directory.ts`,
      `${BUNDLE}/catalog-layout.ts`,
      `${BUNDLE}/read-slice.ts`,
    ],
    seeds: [writeCatalog(sampleCatalog()), writeCatalog(sampleCatalog(), lz4Block)],
    repair: repairCatalog,
    read(mutant) {
      const { counts, ...columns } = readCatalog(mutant);
      return JSON.stringify(counts) + digest(...Object.values(columns));
    },
    isGuarded: true,
  };
}

/** Recomputes the checksums of all sections that the table names, and the header's. */
function repairCatalog(mutant: Bytes): Bytes {
  const view = new DataView(mutant.buffer, mutant.byteOffset, mutant.byteLength);
  if (mutant.length < HEADER_CHECKSUM_AT + 4) return mutant;
  const count = Math.min(view.getUint16(6, true), Math.floor((mutant.length - SECTIONS_AT) / 16));
  repairSlices(mutant, count);
  for (let i = 0; i < count; i++) {
    const entry = SECTIONS_AT + i * 16;
    const start = view.getUint32(entry + 4, true);
    const end = start + view.getUint32(entry + 8, true);
    if (end <= mutant.length) view.setUint32(entry + 12, crc32(mutant.subarray(start, end)), true);
  }
  view.setUint32(HEADER_CHECKSUM_AT, headerChecksum(mutant, view.getUint16(6, true)), true);
  return mutant;
}

/** Recomputes the checksums of the slices that the table names. */
function repairSlices(mutant: Bytes, count: number): void {
  const view = new DataView(mutant.buffer, mutant.byteOffset, mutant.byteLength);
  const sectionAt = (tag: string): { start: number; end: number } => {
    for (let entry = SECTIONS_AT; entry < SECTIONS_AT + count * 16; entry += 16) {
      if (String.fromCharCode(...mutant.subarray(entry, entry + 4)) !== tag) continue;
      const start = view.getUint32(entry + 4, true);
      return { start, end: Math.min(start + view.getUint32(entry + 8, true), mutant.length) };
    }
    return { start: 0, end: 0 };
  };
  const starts = sectionAt('LPOS');
  const sums = sectionAt('LCRC');
  const base = view.getUint32(DIRECTORY_BYTES_AT, true);
  for (
    let at = 0;
    sums.start + at + 4 <= sums.end && starts.start + at + 8 <= starts.end;
    at += 4
  ) {
    const from = base + view.getUint32(starts.start + at, true);
    const to = base + view.getUint32(starts.start + at + 4, true);
    if (from <= to && to <= mutant.length)
      view.setUint32(sums.start + at, crc32(mutant.subarray(from, to)), true);
  }
}

/** Content of two and a half blocks, partly noise. */
function sampleContent(): Bytes {
  const random = createRandom(1);
  const content = new Uint8Array(BLOCK_BYTES * 2 + 900);
  for (let i = 0; i < content.length; i++)
    content[i] = i >> 16 === 1 ? random() * 256 : (i >> 5) ^ (random() < 0.02 ? 9 : 0);
  return content;
}

async function blocksSubject(): Promise<FuzzSubject> {
  const zstd = await createPacker('zstd', 1e-3);
  const deflate: PackBlock = (block) => ({
    codec: BlockCodec.Deflate,
    bytes: deflateRawSync(block),
  });
  const content = sampleContent();
  const small = content.subarray(0, 700);
  const seeds = [deflate, lz4Block, zstd, storeBlock].flatMap((pack) => [
    encodeBlocks(small, pack),
    encodeBlocks(small.subarray(0, 60), pack),
  ]);
  let turn = 0;
  const packs = [deflate, lz4Block, zstd];
  seeds.push(encodeBlocks(content, (block) => packs[turn++ % 3]!(block)));
  // Most cases are small, so that damage meets the table and the codecs rather than noise.
  return {
    name: 'blocks',
    weight: 5,
    files: ['src/io/blocks.ts', 'src/io/inflate.ts', 'src/io/codecs/zstd.ts'],
    seeds,
    read: async (mutant) => digest(await unpackBlocks(mutant)),
    isGuarded: false,
  };
}

function lz4Subject(): FuzzSubject {
  const content = sampleContent().subarray(0, 3000);
  const target = new Uint8Array(4096);
  return {
    name: 'lz4 block',
    weight: 3,
    files: ['src/io/codecs/lz4.ts'],
    seeds: [encodeLz4(content), encodeLz4(content.subarray(0, 100))],
    read(mutant) {
      target.fill(0xaa);
      const count = decodeLz4(mutant, 0, mutant.length, target, 16, 4080);
      for (let i = 0; i < 16; i++)
        if (target[i] !== 0xaa || target[4080 + i] !== 0xaa) throw new Error('wrote out of range');
      if (count < 0) throw new StreamError(ErrorCode.Decode, 'the block is refused');
      return digest(target.subarray(16, 16 + count));
    },
    isGuarded: false,
  };
}

/** A material that uses all there is to use, over an image that nobody decodes in Node. */
const TEXTURED: Pick<Parameters<typeof encodeMesh>[1], 'images' | 'edit'> = {
  images: [
    {
      header: { mimeType: 'image/webp', width: 8, height: 4, colorSpace: 'srgb' },
      bytes: new Uint8Array(40).fill(7),
    },
  ],
  edit(header) {
    const transform = { offset: [0.5, 0], scale: [2, 1], rotation: 0.25 };
    const ref = { image: 0, uv: 0, wrapS: 'repeat', wrapT: 'clamp' } as const;
    Object.assign(header.materials[0]!.textures, {
      baseColor: { ...ref, transform },
      metallicRoughness: ref,
      normal: ref,
      occlusion: ref,
      emissive: ref,
    });
  },
};

/** A small image as the cook packs it. */
async function ktx2Image(): Promise<NonNullable<typeof TEXTURED.images>[number]> {
  const header = { mimeType: KTX2_MIME, width: 8, height: 8, colorSpace: 'linear' } as const;
  return { header, bytes: await encodeKtx2(makePicture(8, 8), 'data', 'etc1s') };
}

async function meshSubject(): Promise<FuzzSubject> {
  const grid = makeGrid(6);
  const extras = makeExtras(36);
  const plain = [
    await encodeMesh(grid, { codec: 'raw', ...TEXTURED }),
    await encodeMesh(makeGrid(3), { codec: 'raw', extras: makeExtras(9) }),
    await encodeMesh(grid, { codec: 'meshopt' }),
    await encodeMesh(grid, { codec: 'meshopt', extras }),
    await encodeMesh(grid, { codec: 'draco' }),
    await encodeMesh(grid, { codec: 'draco', extras }),
    await encodeMesh(makeGrid(3), { codec: 'raw', images: [await ktx2Image()] }),
  ];
  const decoder = createInlineDecoder();
  decoder.setTextureSupport?.(TextureSupport.Bptc | TextureSupport.Rgtc | TextureSupport.S3tc);
  await decoder.warm();
  const content = encodeGridContent();
  const payloads = [...plain, { ...frame(content), decodedBytes: 20_000, content }];
  const seeds = payloads.map(({ content: bytes }) => bytes);
  return {
    name: 'mesh payload',
    weight: 8,
    files: [
      'src/io/codecs/mesh.ts',
      'src/io/codecs/mesh-head.ts',
      'src/io/codecs/check.ts',
      'src/io/codecs/check-material.ts',
      'src/io/codecs/check-grid.ts',
      'src/io/codecs/draco.ts',
      'src/io/codecs/raw.ts',
      'src/io/codecs/meshopt.ts',
      'src/io/codecs/grid.ts',
      'src/io/codecs/arrays.ts',
      'src/io/codecs/attribute-names.ts',
      'src/io/codecs/grid-topology.ts',
      'src/io/codecs/quantize.ts',
    ],
    seeds,
    repair: (mutant) => mutant,
    async read(mutant, seed, isRepaired) {
      const { bytes, checksum } = frame(mutant);
      const { decodedBytes } = payloads[seed]!;
      const result = await decoder.decode({
        payload: 0,
        kind: PayloadKind.Mesh,
        bytes,
        checksum: isRepaired ? checksum : payloads[seed]!.checksum,
        decodedBytes,
        priority: 0,
        label: 'fuzz',
      });
      if (result.code !== ErrorCode.None) throw new StreamError(result.code, result.message);
      return digestContent(result.content as MeshContent);
    },
    isGuarded: true,
  };
}

function digestContent({ primitives, images, ...rest }: MeshContent): string {
  const arrays = primitives.flatMap(({ attributes, index }) => [
    ...attributes.map(({ array }) => array),
    index,
  ]);
  const pixels = images.flatMap(({ compressed, encoded }) => [
    ...(compressed?.mips ?? []).map(({ bytes }) => bytes),
    ...(encoded ? [encoded.bytes] : []),
  ]);
  return JSON.stringify(rest.materials) + digest(...arrays, ...pixels);
}
