/** Textures through the cook: what is packed as what, what it takes, and that verify notices. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Document, NodeIO } from '@gltf-transform/core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { cook } from '../../cook/index.ts';
import { verify } from '../../cook/verify.ts';
import { unpackBlocks } from '../../src/io/blocks.ts';
import type { Catalog } from '../../src/io/bundle/format.ts';
import { formatHead, parseHead } from '../../src/io/bundle/index.ts';
import type { ImageHeader } from '../../src/io/bundle/mesh-header.ts';
import { readCatalog } from '../../src/io/bundle/read-catalog.ts';
import { directoryBytesOf, writeCatalog } from '../../src/io/bundle/write-catalog.ts';
import { readKtx2 } from '../../src/io/codecs/ktx2.ts';
import { readMeshHead } from '../../src/io/codecs/mesh-head.ts';
import { mipBytes } from '../../src/io/codecs/texture-formats.ts';
import { createPrimitive } from '../support/gltf-primitive.ts';
import { makeNormals, makePicture } from '../support/ktx2.ts';
import { bumpySphere, temporaryFolder } from './sources.ts';

type Picture = ReturnType<typeof makePicture>;

/** A ball whose material has every kind of texture. */
async function writeBall(folder: string, side: [number, number]): Promise<string> {
  const document = new Document();
  const buffer = document.createBuffer();
  const textureOf = async ({ width, height, data }: Picture) => {
    const raw = { width, height, channels: 4 } as const;
    const png = await sharp(data, { raw }).png().toBuffer();
    return document.createTexture().setMimeType('image/png').setImage(new Uint8Array(png));
  };
  const material = document
    .createMaterial('ball')
    .setAlphaMode('MASK')
    .setBaseColorTexture(await textureOf(makePicture(...side)))
    .setNormalTexture(await textureOf(makeNormals(64, 64)))
    .setMetallicRoughnessTexture(await textureOf(makePicture(64, 32)))
    .setOcclusionTexture(await textureOf(makePicture(32, 64)))
    .setEmissiveTexture(await textureOf(makePicture(16, 16)));
  const primitive = createPrimitive(document, buffer, material, bumpySphere(12, 16));
  const mesh = document.createMesh().addPrimitive(primitive);
  document.createScene().addChild(document.createNode().setMesh(mesh));
  const path = join(folder, 'ball.glb');
  await new NodeIO().write(path, document);
  return path;
}

interface Cooked {
  out: string;
  catalog: Catalog;
  images: ImageHeader[];
  files: Uint8Array<ArrayBuffer>[];
}

async function cookBall(
  options: Pick<Parameters<typeof cook>[0], 'textures' | 'textureQuality'>,
  side: [number, number] = [128, 64],
): Promise<Cooked> {
  const folder = temporaryFolder();
  const inputs = [await writeBall(folder, side)];
  const out = join(folder, 'world');
  await cook({ inputs, out, workers: 0, meshCodec: 'meshopt', ...options });
  const catalogFile = readdirSync(out).find((file) => file.endsWith('.ffc'))!;
  const catalog = readCatalog(new Uint8Array(readFileSync(join(out, catalogFile))));
  const head = parseHead(readFileSync(join(out, 'world.json'), 'utf8'));
  const start = catalog.payloadOffsets[0]!;
  const pack = readFileSync(join(out, head.packs[catalog.payloadPacks[0]!]!.file));
  const bytes = new Uint8Array(pack.subarray(start, start + catalog.payloadEncodedBytes[0]!));
  const { header, streams } = readMeshHead(await unpackBlocks(bytes));
  const files = header.images.map(({ offset, bytes: size }) =>
    streams.slice(offset, offset + size),
  );
  return { out, catalog, images: header.images, files };
}

describe('textures of a cooked model', () => {
  it('are WebP unless something else is asked for', async () => {
    const { catalog, images, out } = await cookBall({});
    expect(new Set(images.map(({ mimeType }) => mimeType))).toEqual(new Set(['image/webp']));
    const plain = catalog.payloadTextureBytes[0]!;
    expect(Array.from(catalog.payloadBlockBytes.subarray(0, 3))).toEqual([plain, plain, plain]);
    expect((await verify(out)).problems).toEqual([]);
  });

  it.each([
    ['small', 'etc1s'],
    ['high', 'uastc'],
  ] as const)('are KTX2 with roles and mips, quality %s', async (textureQuality, kind) => {
    const { images, files, catalog, out } = await cookBall({ textures: 'ktx2', textureQuality });
    const seen = images.map(({ role, width, height }, i) => {
      const { basis, levels } = readKtx2(files[i]!);
      return [role, width, height, basis, levels.length];
    });
    expect(seen).toEqual([
      ['cutout', 128, 64, kind, 8],
      ['data', 64, 32, kind, 7],
      ['normal', 64, 64, 'uastc', 7],
      ['single', 32, 64, kind, 7],
      ['color', 16, 16, kind, 5],
    ]);
    const small = kind === 'etc1s';
    const sum = (...formats: Parameters<typeof mipBytes>[0][]): number =>
      formats.reduce((total, format, i) => {
        return total + mipBytes(format, images[i]!.width, images[i]!.height);
      }, 0);
    const single = small ? 'etc2-rgb' : 'eac-r11';
    expect(Array.from(catalog.payloadBlockBytes.subarray(0, 3))).toEqual([
      sum('bc7', small ? 'bc1' : 'bc7', 'bc5', 'bc4', small ? 'bc1' : 'bc7'),
      sum('astc', 'astc', 'astc', 'astc', 'astc'),
      sum('etc2-rgba', 'etc2-rgb', 'eac-rg11', single, 'etc2-rgb'),
    ]);
    expect((await verify(out)).problems).toEqual([]);
  });

  it('of any size are fitted to whole blocks', async () => {
    const { images } = await cookBall({ textures: 'ktx2' }, [101, 50]);
    expect(images[0]).toMatchObject({ width: 96, height: 48, mimeType: 'image/ktx2' });
  });

  it('stay WebP below 256 x 256 pixels where the cook chooses', async () => {
    const { images } = await cookBall({ textures: 'auto' }, [256, 256]);
    expect(images.map(({ mimeType }) => mimeType)).toEqual([
      'image/ktx2',
      ...Array(4).fill('image/webp'),
    ]);
  });

  it('are the same bytes every time', async () => {
    const hash = ({ out }: Cooked): string[] => readdirSync(out).sort();
    expect(hash(await cookBall({ textures: 'ktx2' }))).toEqual(
      hash(await cookBall({ textures: 'ktx2' })),
    );
  });

  it('are refused with a codec that does not exist', async () => {
    await expect(cookBall({ textures: 'gif' as 'webp' })).rejects.toThrow(
      'textures is "gif", expected webp, ktx2 or auto',
    );
  });

  it('whose figure is wrong are noticed by verify', async () => {
    const { out, catalog } = await cookBall({ textures: 'ktx2' });
    catalog.payloadBlockBytes = catalog.payloadBlockBytes.map((v, i) => (i === 1 ? v + 16 : v));
    const bytes = writeCatalog(catalog);
    const sha256 = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    const { checksum: _, ...head } = parseHead(readFileSync(join(out, 'world.json'), 'utf8'));
    const file = `catalog-${sha256}.ffc`;
    writeFileSync(join(out, file), bytes);
    const directoryBytes = directoryBytesOf(bytes);
    const catalogFile = { file, bytes: bytes.length, sha256, directoryBytes };
    const changed = { ...head, catalog: catalogFile };
    writeFileSync(join(out, 'world.json'), formatHead(changed));
    const { problems } = await verify(out);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      /ball LOD 0 .*its textures take \d+ bytes on astc devices, expected/,
    );
  });
});
