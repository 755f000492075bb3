/**
 * KTX2 (Basis) images to plain pixels, through the transcoder that three.js ships. Where three.js
 * is not installed the answer is null, and the caller says what was left out.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Basis } from '../src/io/codecs/basis.ts';
import type { Pixels } from './pixels.ts';

/** `transcoder_texture_format.cTFRGBA32` of the transcoder. */
const RGBA32 = 13;

let basis: Promise<Basis | null> | undefined;

/** The finest level, or null when there is no transcoder. Throws when the image is damaged. */
export async function decodeKtx2(bytes: Uint8Array): Promise<Pixels | null> {
  basis ??= loadBasis();
  const module = await basis;
  if (!module) return null;
  const file = new module.KTX2File(bytes);
  try {
    if (!file.isValid() || !file.startTranscoding()) throw new Error('it is not a valid KTX2 file');
    const data = new Uint8Array(file.getImageTranscodedSizeInBytes(0, 0, 0, RGBA32));
    if (!file.transcodeImage(data, 0, 0, 0, RGBA32, 0, -1, -1))
      throw new Error('its finest level cannot be transcoded');
    return { width: file.getWidth(), height: file.getHeight(), data };
  } finally {
    file.close();
    file.delete();
  }
}

async function loadBasis(): Promise<Basis | null> {
  const require = createRequire(import.meta.url);
  let script: string;
  let path: string;
  try {
    path = require.resolve('three/examples/jsm/libs/basis/basis_transcoder.js');
    script = await readFile(path, 'utf8');
  } catch {
    return null;
  }
  const wasmBinary = await readFile(path.replace(/\.js$/, '.wasm'));
  // A classic script inside a package of modules: it can be neither imported nor required.
  const factory = new Function(
    'require',
    '__filename',
    '__dirname',
    `${script}\nreturn BASIS;`,
  ) as (...names: unknown[]) => (options: object) => Promise<Basis>;
  const module = await factory(require, path, '')({ wasmBinary });
  module.initializeBasis();
  return module;
}
