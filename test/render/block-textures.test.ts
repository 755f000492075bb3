import {
  CompressedTexture,
  LinearFilter,
  LinearMipmapLinearFilter,
  RED_GREEN_RGTC2_Format,
  RGBA_BPTC_Format,
  RGBAFormat,
  type Texture,
} from 'three';
import { describe, expect, it } from 'vitest';
import { levelBytes, TextureSupport } from '../../src/io/codecs/texture-formats.ts';
import type { DecodedImage, TextureFormat } from '../../src/io/content.ts';
import { createImageSource } from '../../src/render/image-source.ts';
import { detectTextureSupport } from '../../src/render/texture-support.ts';

const { S3tc, Rgtc, Bptc, Etc2, Astc, AstcHdr } = TextureSupport;

function image(format: TextureFormat, width: number, height: number, levels: number): DecodedImage {
  const mips = Array.from({ length: levels }, (_, i) => {
    const size = { width: Math.max(1, width >> i), height: Math.max(1, height >> i) };
    const bytes = new Uint8Array(levelBytes(format, size.width, size.height)).fill(i + 1);
    return { ...size, bytes };
  });
  const compressed = { format, mips };
  return { width, height, colorSpace: 'srgb', bitmap: null, compressed, encoded: null };
}

/** Bytes that textures still hold in the CPU's memory. */
function heldBytes(texture: Texture): number {
  return (texture.mipmaps as { data: Uint8Array }[]).reduce((sum, { data }) => {
    return sum + data.buffer.byteLength;
  }, 0);
}

describe('a source of blocks', () => {
  it('makes compressed textures that share one source', () => {
    const source = createImageSource(image('bc7', 64, 32, 7), 0);
    const [one, two] = [source.create(), source.create()];
    expect(one).toBeInstanceOf(CompressedTexture);
    expect(one.source).toBe(two.source);
    expect([one.format, one.generateMipmaps]).toEqual([RGBA_BPTC_Format, false]);
    expect(one.minFilter).toBe(LinearMipmapLinearFilter);
    expect(one.mipmaps!.map(({ width, height }) => [width, height])).toEqual([
      [64, 32],
      [32, 16],
      [16, 8],
      [8, 4],
      [4, 2],
      [2, 1],
      [1, 1],
    ]);
    expect(source.bytes).toBe(2048 + 512 + 128 + 32 + 16 * 3);
    expect(heldBytes(one)).toBe(source.bytes);
  });

  it('keeps a few dozen bytes once it is told to forget, in whole blocks', () => {
    const source = createImageSource(image('bc5', 64, 32, 7), 0);
    const texture = source.create();
    source.forget();
    expect(texture.format).toBe(RED_GREEN_RGTC2_Format);
    expect(texture.mipmaps![0]).toMatchObject({ width: 8, height: 4 });
    expect(heldBytes(texture)).toBe(32 + 16 * 3);
    expect(texture.image).toEqual({ width: 8, height: 4 });
  });

  it('has no mips to filter where the file has none, and keeps one block of it', () => {
    const source = createImageSource(image('etc2-rgb', 64, 32, 1), 0);
    const texture = source.create();
    expect(texture.minFilter).toBe(LinearFilter);
    source.forget();
    expect(heldBytes(texture)).toBe(8);
  });

  it('makes plain pixels into a texture whose mips the GPU makes', () => {
    const source = createImageSource(image('rgba8', 5, 3, 1), 0);
    const texture = source.create();
    expect([texture.format, texture.generateMipmaps]).toEqual([RGBAFormat, true]);
    expect(source.bytes).toBe((15 + 2 + 1) * 4);
    expect((texture.image as { data: Uint8Array }).data.length).toBe(60);
    source.forget();
    expect((texture.image as { data: Uint8Array }).data.length).toBe(8);
  });
});

describe('what a device samples', () => {
  const webgl = (names: string[], profiles: string[] = []): object => ({
    extensions: {
      has: (name: string) => names.includes(name),
      get: () => ({ getSupportedProfiles: () => profiles }),
    },
  });
  const s3tc = ['WEBGL_compressed_texture_s3tc', 'WEBGL_compressed_texture_s3tc_srgb'];
  const astc = 'WEBGL_compressed_texture_astc';

  it.each([
    ['nothing', webgl([]), 0],
    ['a renderer that does not say', {}, 0],
    ['S3TC without its sRGB half', webgl(s3tc.slice(0, 1)), 0],
    ['S3TC', webgl(s3tc), S3tc],
    ['RGTC', webgl(['EXT_texture_compression_rgtc']), Rgtc],
    ['BPTC', webgl(['EXT_texture_compression_bptc']), Bptc],
    ['ETC2', webgl(['WEBGL_compressed_texture_etc']), Etc2],
    ['ASTC', webgl([astc], ['ldr']), Astc],
    ['ASTC with HDR', webgl([astc], ['ldr', 'hdr']), Astc | AstcHdr],
  ])('WebGL 2 with %s', (_, renderer, bits) => {
    expect(detectTextureSupport(renderer)).toBe(bits);
  });

  it.each([
    [true, ['texture-compression-bc'], S3tc | Rgtc | Bptc],
    [true, ['texture-compression-etc2', 'texture-compression-astc'], Etc2 | Astc],
    [false, ['texture-compression-bc', 'texture-compression-etc2'], Etc2],
  ])('WebGPURenderer (on WebGPU: %s) with %s', (isWebGPUBackend, names, bits) => {
    const hasFeature = (name: string): boolean => names.includes(name);
    expect(detectTextureSupport({ hasFeature, backend: { isWebGPUBackend } })).toBe(bits);
  });
});
