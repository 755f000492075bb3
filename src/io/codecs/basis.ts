/**
 * Basis images (KTX2 with ETC1S or UASTC) to blocks that a device samples, through the transcoder
 * that Binomial publishes. Instantiated once per thread.
 */
import { reasonOf, StreamError } from '../../base/errors.ts';
import type { TextureFormat, TextureMip } from '../content.ts';
import type { Bytes } from '../source.ts';
import createBasisModule from './basis-glue.js';
import { damaged } from './check.ts';
import type { Ktx2Head } from './ktx2.ts';
import { levelBytes } from './texture-formats.ts';
import { createWasmStart } from './wasm-start.ts';

/**
 * Turns the first `levelCount` levels of a Basis image into `format`. Rejects with
 * `StreamError(Decode)`, or with what `loadWasm` said.
 */
export type BasisTranscode = (
  file: Bytes,
  head: Ktx2Head,
  format: TextureFormat,
  levelCount: number,
) => Promise<TextureMip[]>;

/** `transcoder_texture_format` of the transcoder. */
const CODES: Readonly<Record<TextureFormat, number>> = {
  'etc2-rgb': 0,
  'etc2-rgba': 1,
  bc1: 2,
  bc3: 3,
  bc4: 4,
  bc5: 5,
  bc7: 6,
  astc: 10,
  rgba8: 13,
  'eac-r11': 20,
  'eac-rg11': 21,
  bc6h: 22,
  'astc-hdr': 23,
  rgba16f: 25,
};

interface Ktx2File {
  isValid(): boolean;
  getWidth(): number;
  getHeight(): number;
  getLevels(): number;
  startTranscoding(): boolean;
  getImageTranscodedSizeInBytes(level: number, layer: number, face: number, format: number): number;
  transcodeImage(
    target: Uint8Array,
    level: number,
    layer: number,
    face: number,
    format: number,
    alphaForOpaque: number,
    channel0: number,
    channel1: number,
  ): number | boolean;
  close(): void;
  delete(): void;
}

/** The transcoder's module, as far as it is used. */
export interface Basis {
  initializeBasis(): void;
  KTX2File: new (bytes: Uint8Array) => Ktx2File;
}

const start = createWasmStart('Basis transcoder', createBasisModule, (made) => {
  const module = made as Basis;
  module.initializeBasis();
  return module;
});
let isBroken = false;

/**
 * True when the transcoder of this thread aborted: its memory can no longer be trusted and the
 * thread must be replaced.
 */
export function isBasisBroken(): boolean {
  return isBroken;
}

/** @param loadWasm asked at the first image; asked again only if it failed */
export function createBasisTranscode(loadWasm: () => Promise<WebAssembly.Module>): BasisTranscode {
  return async (file, head, format, levelCount) => {
    const module = await start(loadWasm);
    try {
      return transcode(module, file, head, format, levelCount);
    } catch (error) {
      if (error instanceof StreamError) throw error;
      isBroken = true;
      throw damaged(`the Basis transcoder gave up on it (${reasonOf(error)})`);
    }
  };
}

/** The transcoder has checked the file once more by itself when `isValid` says so. */
function transcode(
  { KTX2File }: Basis,
  bytes: Bytes,
  { levels, width, height }: Ktx2Head,
  format: TextureFormat,
  levelCount: number,
): TextureMip[] {
  const file = new KTX2File(bytes);
  try {
    const isSame = file.isValid() && file.getWidth() === width && file.getHeight() === height;
    if (!isSame || file.getLevels() !== levels.length || !file.startTranscoding())
      throw damaged('a KTX2 image is refused by the Basis transcoder');
    return levels.slice(0, levelCount).map((level, i) => {
      const expected = levelBytes(format, level.width, level.height);
      const size = file.getImageTranscodedSizeInBytes(i, 0, 0, CODES[format]);
      if (size !== expected)
        throw damaged(`level ${i} of a KTX2 image takes ${size} bytes, expected ${expected}`);
      const target = new Uint8Array(expected);
      if (!file.transcodeImage(target, i, 0, 0, CODES[format], 0, -1, -1))
        throw damaged(`level ${i} of a KTX2 image does not transcode`);
      return { width: level.width, height: level.height, bytes: target };
    });
  } finally {
    file.close();
    file.delete();
  }
}
