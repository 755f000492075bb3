/**
 * KTX2 images to textures: Basis is transcoded to what the device has, everything else is handed on
 * as it is once its supercompression is undone.
 */

import { unzlibSync } from 'fflate';
import { reasonOf } from '../../base/errors.ts';
import type { ImageHeader } from '../bundle/mesh-header.ts';
import type { DecodedTexture, TextureMip, TextureRole } from '../content.ts';
import type { Bytes } from '../source.ts';
import type { BasisTranscode } from './basis.ts';
import { damaged } from './check.ts';
import { type Ktx2Head, type Ktx2Level, readKtx2, Supercompression } from './ktx2.ts';
import { formatOf, TEXTURE_FORMATS } from './texture-formats.ts';
import { loadZstd } from './zstd.ts';

export const KTX2_MIME = 'image/ktx2';

/** What textures need from the host. */
export interface TextureCodecs {
  /** Transcodes Basis images; without it they end as a `Decode` error. */
  basis: BasisTranscode | null;
  /** What the device samples: bits of `TextureSupport`. */
  support: number;
}

/**
 * One texture with the mip levels of the file: all of them in block formats, the largest alone in
 * RGBA8 where the rest can be made from it.
 */
export async function decodeTexture(
  image: Pick<ImageHeader, 'width' | 'height' | 'colorSpace' | 'role'>,
  file: Bytes,
  { basis, support }: TextureCodecs,
): Promise<DecodedTexture> {
  const { width, height } = image;
  const head = readKtx2(file);
  if (head.width !== width || head.height !== height)
    throw damaged(
      `an image is ${head.width} x ${head.height} pixels, expected ${width} x ${height}`,
    );
  if (head.basis === null) return passOn(file, head, support, image.role);
  if (!basis) throw damaged('a KTX2 image is packed with Basis, which is not set up here');
  const format = formatOf(support, roleOf(image, head), head.basis, width, height);
  // The GPU makes the mips of plain pixels, as it does for bitmaps.
  const isPlain = TEXTURE_FORMATS[format].side === 1;
  const levelCount = isPlain ? 1 : head.levels.length;
  return { format, mips: await basis(file, head, format, levelCount) };
}

function roleOf(
  { colorSpace, role }: Pick<ImageHeader, 'colorSpace' | 'role'>,
  { hasAlpha }: Ktx2Head,
): TextureRole {
  // Without alpha there is no second channel to take y from.
  if (role === 'normal' && !hasAlpha) return 'data';
  return role ?? (colorSpace === 'srgb' ? 'cutout' : 'data');
}

async function passOn(
  file: Bytes,
  head: Ktx2Head,
  support: number,
  role: TextureRole | undefined,
): Promise<DecodedTexture> {
  const format = head.format!;
  const { needs, side } = TEXTURE_FORMATS[format];
  if ((support & needs) !== needs)
    throw damaged(
      `a KTX2 image is ${format}, which this device cannot sample; ` +
        'pack it with Basis (UASTC or ETC1S), which is turned into what a device has',
    );
  if (head.width % side !== 0 || head.height % side !== 0)
    throw damaged(
      `a KTX2 image in ${format} is ${head.width} x ${head.height} pixels, ` +
        `expected multiples of ${side}`,
    );
  if (format === 'rgba16f' && role !== 'hdr')
    throw damaged('a KTX2 image in rgba16f has no role "hdr" in the head');
  const kept = side === 1 ? head.levels.slice(0, 1) : head.levels;
  const mips: TextureMip[] = [];
  for (const level of kept) {
    const bytes = await unpack(file, head, level);
    mips.push({ width: level.width, height: level.height, bytes });
  }
  return { format, mips };
}

/** The level in a buffer of its own. */
async function unpack(file: Bytes, head: Ktx2Head, level: Ktx2Level): Promise<Bytes> {
  const { offset, bytes, unpackedBytes } = level;
  const packed = file.subarray(offset, offset + bytes);
  if (head.supercompression === Supercompression.None) return packed.slice();
  const unzstd = head.supercompression === Supercompression.Zstd ? await loadZstd() : null;
  // One byte more than expected: what is too long shows, where fflate would drop it.
  const out: Bytes = new Uint8Array(unpackedBytes + 1);
  let written: number;
  try {
    written = unzstd ? unzstd(packed, out) : unzlibSync(packed, { out }).length;
  } catch (error) {
    const reason = reasonOf(error);
    throw damaged(`a level of a KTX2 image does not unpack (${reason})`);
  }
  if (written !== unpackedBytes)
    throw damaged(`a level of a KTX2 image unpacks to ${written} bytes, expected ${unpackedBytes}`);
  return out.slice(0, unpackedBytes);
}
