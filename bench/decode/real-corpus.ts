/**
 * Real meshes beside the synthetic grids, cooked as the cook does, without their images. A grid is
 * smoother than anything scanned or drawn and packs better than they do. Skipped, with a word about
 * it, where the shared data is not there.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { coverPositions, encodeMesh, loadModel } from '../../cook/index.ts';
import { deflateBlock, storeBlock } from '../../src/io/bundle/write-payload.ts';
import { repositoryRoot } from '../../test/support/page-server.ts';
import type { CorpusSample } from './corpus.ts';

/** An engine drawn by engineers, in many parts; a statue, scanned. */
const FILES = {
  '2CylinderEngine': '2CylinderEngine/2CylinderEngine.glb',
  'egyptian-cat-statue': 'egyptian-cat-statue.glb',
};
const BLOCKS = { none: storeBlock, deflate: deflateBlock };

/** Writes the payloads into `folder`: each mesh in every mesh codec, stored and with deflate. */
export async function writeRealCorpus(folder: string): Promise<CorpusSample[]> {
  const gltf = join(repositoryRoot, '../shared/data/gltf');
  const samples: CorpusSample[] = [];
  for (const [name, path] of Object.entries(FILES)) {
    if (!existsSync(join(gltf, path))) {
      process.stderr.write(`decode: skipped ${name}: there is no ${join(gltf, path)}\n`);
      continue;
    }
    const { parts, materials } = await loadModel(join(gltf, path));
    const plain = materials.map((material) => ({ ...material, textures: {} }));
    const quantization = coverPositions(parts.map(({ positions }) => positions));
    for (const codec of ['raw', 'meshopt', 'draco'] as const)
      for (const [block, pack] of Object.entries(BLOCKS)) {
        const input = { parts, materials: plain, images: [], quantization, pack };
        const { bytes, checksum, geometryBytes, triangles } = await encodeMesh(input, codec);
        const file = `${name}-${codec}-${block}.payload`;
        writeFileSync(join(folder, file), bytes);
        samples.push({
          codec: block === 'none' ? codec : `${codec} + ${block}`,
          ...{ data: 'real', name, file, bytes: bytes.length, checksum, triangles },
          decodedBytes: geometryBytes,
          ratio: geometryBytes / bytes.length,
        });
      }
  }
  return samples;
}
