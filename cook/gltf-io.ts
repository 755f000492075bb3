/** Reads glTF with every extension that the cook can undo: Draco, meshopt, quantization, WebP. */
import { type Document, NodeIO } from '@gltf-transform/core';
import { ALL_EXTENSIONS } from '@gltf-transform/extensions';
import draco3d from 'draco3d';
import { MeshoptDecoder } from 'meshoptimizer/decoder';
import { reasonOf } from '../src/base/errors.ts';
import { checkGltf } from './check-gltf.ts';
import { CookError } from './errors.ts';

let io: Promise<NodeIO> | undefined;

async function createIo(): Promise<NodeIO> {
  await MeshoptDecoder.ready;
  return new NodeIO().registerExtensions(ALL_EXTENSIONS).registerDependencies({
    'draco3d.decoder': await draco3d.createDecoderModule(),
    'meshopt.decoder': MeshoptDecoder,
  });
}

/** The document and the bytes of its files. Throws `CookError` naming the file. */
export async function readGltf(file: string): Promise<{ document: Document; sourceBytes: number }> {
  const sourceBytes = await checkGltf(file);
  io ??= createIo();
  const reader = await io;
  try {
    const document = await reader.read(file);
    return { document, sourceBytes };
  } catch (error) {
    throw new CookError(`${file} cannot be read as glTF: ${reasonOf(error)}; export it again`);
  }
}
