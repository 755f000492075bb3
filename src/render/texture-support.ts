/** Which texture formats a renderer's device samples. */
import { TextureSupport } from '../io/codecs/texture-formats.ts';

const { S3tc, Rgtc, Bptc, Etc2, Astc, AstcHdr } = TextureSupport;

/** What `WebGLRenderer` and `WebGPURenderer` have to say about their device. */
interface KnowingRenderer {
  extensions?: { has(name: string): boolean; get(name: string): unknown };
  hasFeature?(name: string): boolean;
  backend?: { isWebGPUBackend?: boolean };
}

/** Bits of `TextureSupport`; 0 where the renderer says nothing of it. */
export function detectTextureSupport(renderer: object): number {
  const { extensions, backend } = renderer as KnowingRenderer;
  const knowing = renderer as KnowingRenderer;
  if (typeof knowing.hasFeature === 'function')
    return fromFeatures((name) => knowing.hasFeature!(name), backend?.isWebGPUBackend === true);
  return typeof extensions?.has === 'function' ? fromExtensions(extensions) : 0;
}

function fromFeatures(has: (name: string) => boolean, isWebGpu: boolean): number {
  let bits = 0;
  // In WebGPU one feature stands for all of BC; over WebGL 2 three.js does not tell of RGTC.
  if (isWebGpu && has('texture-compression-bc')) bits |= S3tc | Rgtc | Bptc;
  if (has('texture-compression-etc2')) bits |= Etc2;
  if (has('texture-compression-astc')) bits |= Astc;
  return bits;
}

function fromExtensions(extensions: NonNullable<KnowingRenderer['extensions']>): number {
  const has = (name: string): boolean => extensions.has(name);
  let bits = 0;
  const srgb = 'WEBGL_compressed_texture_s3tc_srgb';
  if (has('WEBGL_compressed_texture_s3tc') && has(srgb)) bits |= S3tc;
  if (has('EXT_texture_compression_rgtc')) bits |= Rgtc;
  if (has('EXT_texture_compression_bptc')) bits |= Bptc;
  if (has('WEBGL_compressed_texture_etc')) bits |= Etc2;
  if (has('WEBGL_compressed_texture_astc')) {
    bits |= Astc;
    const astc = extensions.get('WEBGL_compressed_texture_astc') as {
      getSupportedProfiles?: () => string[];
    };
    if (astc.getSupportedProfiles?.().includes('hdr')) bits |= AstcHdr;
  }
  return bits;
}
