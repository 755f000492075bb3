/** What is decoded: meshes of several sizes, each by every mesh codec and in every block codec. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from '../../src/base/crc32.ts';
import { BlockCodec } from '../../src/io/bundle/format.ts';
import {
  deflateBlock,
  encodeBlocks,
  lz4Block,
  type PackBlock,
  storeBlock,
} from '../../src/io/bundle/write-payload.ts';
import { encodeMesh, makeGrid } from '../../test/support/encode-mesh.ts';
import type { Sample } from './client/sample.ts';

export interface CorpusSample extends Sample {
  data: 'synthetic' | 'real';
  /** Decoded arrays by stored bytes. */
  ratio: number;
}

const MESH_CODECS = ['raw', 'meshopt', 'draco'] as const;

/**
 * Writes the payloads into `folder`.
 *
 * @param sides grids of `side` x `side` vertices
 */
export async function writeCorpus(
  folder: string,
  sides: readonly number[],
): Promise<CorpusSample[]> {
  const packs = await loadPacks();
  const samples: CorpusSample[] = [];
  for (const side of sides) {
    const mesh = makeGrid(side);
    for (const codec of MESH_CODECS) {
      const { content, decodedBytes } = await encodeMesh(mesh, { codec });
      for (const [block, pack] of Object.entries(packs)) {
        const bytes = encodeBlocks(content, pack);
        const file = `${codec}-${block}-${side}.payload`;
        writeFileSync(join(folder, file), bytes);
        samples.push({
          data: 'synthetic',
          codec: block === 'none' ? codec : `${codec} + ${block}`,
          name: `grid of ${(side * side).toLocaleString('en')} vertices`,
          file,
          bytes: bytes.length,
          checksum: crc32(bytes),
          decodedBytes,
          triangles: mesh.index.length / 3,
          ratio: decodedBytes / bytes.length,
        });
      }
    }
  }
  return samples;
}

async function loadPacks(): Promise<Record<string, PackBlock>> {
  const zstd = await import('@bokuweb/zstd-wasm');
  await zstd.init();
  return {
    none: storeBlock,
    deflate: deflateBlock,
    lz4: lz4Block,
    zstd: (block) => ({ codec: BlockCodec.Zstd, bytes: zstd.compress(block, 19) }),
  };
}
