/** Pixels of a texture to the image that a payload carries: WebP, or KTX2 for the GPU. */
import sharp, { type WebpOptions } from 'sharp';
import type { ImageHeader } from '../src/io/bundle/mesh-header.ts';
import {
  type BasisKind,
  formatOf,
  mipBytes,
  TextureSupport,
} from '../src/io/codecs/texture-formats.ts';
import type { TextureRole } from '../src/io/content.ts';
import { encodeKtx2, type Ktx2Kind } from './encode-ktx2.ts';
import { type Pixels, withoutAlpha } from './pixels.ts';

export type CookedImage = Pick<
  ImageHeader,
  'width' | 'height' | 'colorSpace' | 'mimeType' | 'role'
> & {
  bytes: Uint8Array;
  /** Set for KTX2. */
  kind?: Ktx2Kind;
};

/**
 * What images are packed as. `auto` takes KTX2 where the GPU's memory is: the encoder needs seconds
 * for what WebP does in a tenth, and small images take little either way.
 */
export const TEXTURE_CODECS = ['webp', 'ktx2', 'auto'] as const;
export type TextureCodec = (typeof TEXTURE_CODECS)[number];

/** How KTX2 images are packed: `small` is ETC1S (normals UASTC), `high` is UASTC. */
export const TEXTURE_QUALITIES = ['small', 'high'] as const;
export type TextureQuality = (typeof TEXTURE_QUALITIES)[number];

export interface TextureChoice {
  codec: TextureCodec;
  quality: TextureQuality;
}

/** Images of fewer pixels are not worth the head and the blocks of a KTX2 file. */
const LEAST_PIXELS: Readonly<Record<TextureCodec, number>> = {
  webp: Number.POSITIVE_INFINITY,
  ktx2: 16 * 16,
  auto: 256 * 256,
};

/** Compression effort: 2 is a third of the time of 4 for some 3 % more bytes. */
const EFFORT = 2;

const DATA: WebpOptions = { quality: 88, effort: EFFORT };
const WEBP: Readonly<Record<TextureRole, WebpOptions>> = {
  color: { quality: 85, effort: EFFORT },
  cutout: { quality: 85, alphaQuality: 90, exact: true, effort: EFFORT },
  // Smart subsampling would gain normals 0.3 dB for three times the time.
  normal: { quality: 92, effort: EFFORT },
  single: DATA,
  data: DATA,
  hdr: DATA,
};

/**
 * @param wraps whether the image repeats, which its mips have to know
 * @param isExact keep every pixel as it is where the image becomes WebP
 */
export async function encodeImage(
  pixels: Pixels,
  role: TextureRole,
  { codec, quality }: TextureChoice,
  wraps: boolean,
  isExact: boolean = false,
): Promise<CookedImage> {
  const { width, height } = pixels;
  const colorSpace = role === 'color' || role === 'cutout' ? 'srgb' : 'linear';
  const shape = { width, height, colorSpace } as const;
  const isWhole = width % 4 === 0 && height % 4 === 0;
  if (isWhole && width * height >= LEAST_PIXELS[codec]) {
    const kind = quality === 'high' || role === 'normal' ? 'uastc' : 'etc1s';
    const bytes = await encodeKtx2(pixels, role, kind, wraps);
    return { ...shape, bytes, role, kind, mimeType: 'image/ktx2' };
  }
  const hasAlpha = role === 'cutout';
  const bytes = await sharp(hasAlpha ? pixels.data : withoutAlpha(pixels), {
    raw: { width, height, channels: hasAlpha ? 4 : 3 },
  })
    .webp(isExact ? { lossless: true, effort: EFFORT } : WEBP[role])
    .toBuffer();
  return { ...shape, bytes: new Uint8Array(bytes), mimeType: 'image/webp' };
}

/** Devices of the catalog's block columns, in their order. */
const DEVICES: readonly number[] = [
  TextureSupport.S3tc | TextureSupport.Rgtc | TextureSupport.Bptc,
  TextureSupport.Astc,
  TextureSupport.Etc2,
];

/** Bytes of an image on the GPU, with mips: as RGBA8, and on devices with BC, ASTC and ETC2. */
export function textureBytesOf({
  width,
  height,
  role,
  kind,
}: Pick<CookedImage, 'width' | 'height' | 'role' | 'kind'>): {
  plain: number;
  blocks: number[];
} {
  const plain = mipBytes('rgba8', width, height);
  const formatFor = (support: number, basis: BasisKind) =>
    formatOf(support, role ?? 'data', basis, width, height);
  const blocks = DEVICES.map((support) =>
    kind ? mipBytes(formatFor(support, kind), width, height) : plain,
  );
  return { plain, blocks };
}

/** A side that stays a multiple of 4 when it is halved as often as LODs do it. */
export function blockSide(side: number): number {
  const halvings = Math.min(4, Math.max(0, Math.floor(Math.log2(side / 16))));
  const step = 4 << halvings;
  return Math.max(step, Math.round(side / step) * step);
}
