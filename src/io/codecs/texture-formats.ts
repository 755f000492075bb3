/**
 * Texture formats by our own names: what a block of each takes, which device has it, and which one
 * an image of a given role becomes on a given device. The only table of its kind: the worker, the
 * cook and the budget all read this one.
 */
import type { TextureFormat, TextureRole } from '../content.ts';

/** Families of formats that a device can sample, as bits of one number. 0 is RGBA8 alone. */
export const TextureSupport = {
  /** BC1, BC3. */
  S3tc: 1,
  /** BC4, BC5. */
  Rgtc: 2,
  /** BC6H, BC7. */
  Bptc: 4,
  /** ETC2 and EAC. */
  Etc2: 8,
  /** ASTC 4x4, 8 bits. */
  Astc: 16,
  /** ASTC 4x4 with values above 1. */
  AstcHdr: 32,
} as const;

/** What Basis images are turned into on a device, best first but for the last. */
export const TEXTURE_TARGETS = ['bc', 'astc', 'etc2', 'rgba'] as const;
export type TextureTarget = (typeof TEXTURE_TARGETS)[number];

interface FormatSpec {
  /** Pixels along a side of a block. */
  side: 1 | 4;
  bytesPerBlock: number;
  /** Bit of `TextureSupport`, 0 = every device. */
  needs: number;
}

/** Every format that decoded images may have. */
export const TEXTURE_FORMATS: Readonly<Record<TextureFormat, FormatSpec>> = {
  rgba8: { side: 1, bytesPerBlock: 4, needs: 0 },
  rgba16f: { side: 1, bytesPerBlock: 8, needs: 0 },
  bc1: { side: 4, bytesPerBlock: 8, needs: TextureSupport.S3tc },
  bc3: { side: 4, bytesPerBlock: 16, needs: TextureSupport.S3tc },
  bc4: { side: 4, bytesPerBlock: 8, needs: TextureSupport.Rgtc },
  bc5: { side: 4, bytesPerBlock: 16, needs: TextureSupport.Rgtc },
  bc6h: { side: 4, bytesPerBlock: 16, needs: TextureSupport.Bptc },
  bc7: { side: 4, bytesPerBlock: 16, needs: TextureSupport.Bptc },
  'etc2-rgb': { side: 4, bytesPerBlock: 8, needs: TextureSupport.Etc2 },
  'etc2-rgba': { side: 4, bytesPerBlock: 16, needs: TextureSupport.Etc2 },
  'eac-r11': { side: 4, bytesPerBlock: 8, needs: TextureSupport.Etc2 },
  'eac-rg11': { side: 4, bytesPerBlock: 16, needs: TextureSupport.Etc2 },
  astc: { side: 4, bytesPerBlock: 16, needs: TextureSupport.Astc },
  'astc-hdr': { side: 4, bytesPerBlock: 16, needs: TextureSupport.AstcHdr },
};

/** How a Basis image is packed: it decides what is worth unpacking it to. */
export type BasisKind = 'etc1s' | 'uastc' | 'uastc-hdr';

const BC_ALL: number = TextureSupport.S3tc | TextureSupport.Rgtc | TextureSupport.Bptc;

/** The family that Basis images go to. BC before ASTC: BC1 and BC4 take half of what ASTC takes. */
export function targetOf(support: number): TextureTarget {
  if ((support & BC_ALL) === BC_ALL) return 'bc';
  if (support & TextureSupport.Astc) return 'astc';
  return support & TextureSupport.Etc2 ? 'etc2' : 'rgba';
}

type RoleTable = Readonly<
  Record<Exclude<TextureTarget, 'rgba'>, Record<Exclude<TextureRole, 'hdr'>, TextureFormat>>
>;

/** Formats of 8-bit images, by role and family. */
const BY_ROLE: RoleTable = {
  bc: { color: 'bc7', cutout: 'bc7', data: 'bc7', normal: 'bc5', single: 'bc4' },
  astc: { color: 'astc', cutout: 'astc', data: 'astc', normal: 'astc', single: 'astc' },
  etc2: {
    color: 'etc2-rgb',
    cutout: 'etc2-rgba',
    data: 'etc2-rgb',
    normal: 'eac-rg11',
    single: 'eac-r11',
  },
};

/**
 * The same for ETC1S, which has one line of colors per block, as BC1 and ETC2 have: what is larger
 * would show nothing more. It cannot be split into the channels of a normal map.
 */
const ETC1S_BY_ROLE: RoleTable = {
  bc: { color: 'bc1', cutout: 'bc7', data: 'bc1', normal: 'bc1', single: 'bc4' },
  astc: BY_ROLE.astc,
  etc2: {
    color: 'etc2-rgb',
    cutout: 'etc2-rgba',
    data: 'etc2-rgb',
    normal: 'etc2-rgb',
    single: 'etc2-rgb',
  },
};

/**
 * The format a Basis image is unpacked to. A side that is no multiple of 4 gives RGBA8: not every
 * device takes blocks that reach over the edge.
 */
export function formatOf(
  support: number,
  role: TextureRole,
  kind: BasisKind,
  width: number,
  height: number,
): TextureFormat {
  const isWhole = width % 4 === 0 && height % 4 === 0;
  if (kind === 'uastc-hdr') {
    if (isWhole && support & TextureSupport.Bptc) return 'bc6h';
    return isWhole && support & TextureSupport.AstcHdr ? 'astc-hdr' : 'rgba16f';
  }
  const target = targetOf(support);
  if (target === 'rgba' || !isWhole) return 'rgba8';
  const used = role === 'hdr' ? 'color' : role;
  return kind === 'etc1s' ? ETC1S_BY_ROLE[target][used] : BY_ROLE[target][used];
}

/** Bytes of one mip level. */
export function levelBytes(format: TextureFormat, width: number, height: number): number {
  const { side, bytesPerBlock } = TEXTURE_FORMATS[format];
  return Math.ceil(width / side) * Math.ceil(height / side) * bytesPerBlock;
}

/** Levels from the full size down to one pixel. */
export function fullLevelCount(width: number, height: number): number {
  return 32 - Math.clz32(Math.max(width, height));
}

/** Bytes of a texture with `levelCount` mip levels, by default all. */
export function mipBytes(
  format: TextureFormat,
  width: number,
  height: number,
  levelCount: number = fullLevelCount(width, height),
): number {
  let bytes = 0;
  for (let level = 0; level < levelCount; level++)
    bytes += levelBytes(format, mipSide(width, level), mipSide(height, level));
  return bytes;
}

/** Pixels along a side of a mip level. */
export function mipSide(side: number, level: number): number {
  return Math.max(1, side >> level);
}
