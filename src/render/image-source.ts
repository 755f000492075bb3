/**
 * One decoded image on its way to the GPU: what textures over it are made of, what they take there,
 * and how the CPU's copy is let go.
 *
 * Textures over one image share its `TextureSource`: three.js keeps one GPU copy per image, color
 * space and wrap mode, whatever uv set or transform each texture has.
 */
import {
  type CompressedPixelFormat,
  CompressedTexture,
  DataTexture,
  HalfFloatType,
  LinearFilter,
  LinearMipmapLinearFilter,
  R11_EAC_Format,
  RED_GREEN_RGTC2_Format,
  RED_RGTC1_Format,
  RG11_EAC_Format,
  RGB_BPTC_UNSIGNED_Format,
  RGB_ETC2_Format,
  RGB_S3TC_DXT1_Format,
  RGBA_ASTC_4x4_Format,
  RGBA_BPTC_Format,
  RGBA_ETC2_EAC_Format,
  RGBA_S3TC_DXT5_Format,
  RGBAFormat,
  Texture,
  TextureSource,
  UnsignedByteType,
} from 'three';
import { levelBytes, mipBytes } from '../io/codecs/texture-formats.ts';
import type { DecodedImage, DecodedTexture, TextureFormat } from '../io/content.ts';

export interface ImageSource {
  /** A new texture over the image. */
  create(): Texture;
  /** Bytes of one GPU copy, with mips. */
  readonly bytes: number;
  /** Lets go of the CPU's copy, once every texture is uploaded. */
  forget(): void;
}

const FORMATS: Readonly<
  Record<Exclude<TextureFormat, 'rgba8' | 'rgba16f'>, CompressedPixelFormat>
> = {
  bc1: RGB_S3TC_DXT1_Format,
  bc3: RGBA_S3TC_DXT5_Format,
  bc4: RED_RGTC1_Format,
  bc5: RED_GREEN_RGTC2_Format,
  bc6h: RGB_BPTC_UNSIGNED_Format,
  bc7: RGBA_BPTC_Format,
  'etc2-rgb': RGB_ETC2_Format,
  'etc2-rgba': RGBA_ETC2_EAC_Format,
  'eac-r11': R11_EAC_Format,
  'eac-rg11': RG11_EAC_Format,
  astc: RGBA_ASTC_4x4_Format,
  'astc-hdr': RGBA_ASTC_4x4_Format,
};

/** Throws on an image that has not been decoded; `index` names it. */
export function createImageSource(image: DecodedImage, index: number): ImageSource {
  const { bitmap, compressed, encoded, width, height } = image;
  if (bitmap) return fromBitmap(bitmap, mipBytes('rgba8', width, height));
  if (!compressed)
    throw new Error(
      `image ${index} (${encoded?.mimeType ?? 'no data'}) has no bitmap, expected one: ` +
        'images are decoded in browser workers only, and only a browser can draw them',
    );
  const { format } = compressed;
  return format === 'rgba8' || format === 'rgba16f'
    ? fromPixels(compressed, format)
    : fromBlocks(compressed, format);
}

function fromBitmap(bitmap: ImageBitmap, bytes: number): ImageSource {
  const source = new TextureSource<ImageBitmap | ImageData>(bitmap);
  return {
    bytes,
    create() {
      const texture = new Texture();
      texture.source = source;
      return texture;
    },
    forget() {
      source.data = blankImage();
    },
  };
}

/** Plain pixels: the GPU makes the mips. */
function fromPixels({ mips }: DecodedTexture, format: 'rgba8' | 'rgba16f'): ImageSource {
  const { width, height, bytes } = mips[0]!;
  const isHalf = format === 'rgba16f';
  const wrap = (data: Uint8Array<ArrayBuffer>) => (isHalf ? new Uint16Array(data.buffer) : data);
  const source = new TextureSource({ data: wrap(bytes), width, height });
  return {
    bytes: mipBytes(format, width, height),
    create() {
      const type = isHalf ? HalfFloatType : UnsignedByteType;
      const texture = new DataTexture(null, width, height, RGBAFormat, type);
      texture.source = source as never;
      texture.magFilter = LinearFilter;
      texture.minFilter = LinearMipmapLinearFilter;
      texture.generateMipmaps = true;
      return texture;
    },
    forget() {
      source.data = { data: wrap(new Uint8Array(8).fill(isHalf ? 0 : 255)), width: 1, height: 1 };
    },
  };
}

function fromBlocks({ mips, format }: DecodedTexture, name: keyof typeof FORMATS): ImageSource {
  const { width, height } = mips[0]!;
  const mipmaps = mips.map((mip) => ({ data: mip.bytes, width: mip.width, height: mip.height }));
  const source = new TextureSource({ width, height });
  return {
    bytes: mips.reduce((sum, mip) => sum + mip.bytes.length, 0),
    create() {
      const texture = new CompressedTexture(mipmaps, width, height, FORMATS[name]);
      texture.source = source as never;
      // With no mips in the file there are none: blocks cannot be averaged by the GPU.
      texture.minFilter = mips.length > 1 ? LinearMipmapLinearFilter : LinearFilter;
      texture.magFilter = LinearFilter;
      return texture;
    },
    forget() {
      const kept = keepCoarse(mipmaps, format);
      mipmaps.splice(0, mipmaps.length, ...kept);
      source.data = { width: kept[0]!.width, height: kept[0]!.height };
    },
  };
}

type Mipmap = { data: Uint8Array<ArrayBuffer>; width: number; height: number };

/**
 * The levels that stay: the last one of whole blocks and those below it, a few dozen bytes. Only a
 * restored GPU context reads them again; textures come back blurred then.
 */
function keepCoarse(mipmaps: readonly Mipmap[], format: TextureFormat): Mipmap[] {
  const first = mipmaps.findLastIndex(({ width, height }) => width % 4 === 0 && height % 4 === 0);
  if (first > 0) return mipmaps.slice(first).map((mip) => ({ ...mip, data: mip.data.slice() }));
  return [{ data: new Uint8Array(levelBytes(format, 4, 4)), width: 4, height: 4 }];
}

/**
 * Stands for a bitmap that is closed. Only a restored GPU context reads it again: textures come
 * back blank then, where a closed bitmap would throw in the middle of a frame.
 */
function blankImage(): ImageData {
  const image = new ImageData(1, 1);
  image.data.fill(255);
  return image;
}
