/**
 * Decoded images as three.js textures, uploaded at once and then forgotten on the CPU.
 *
 * Textures over one image share its `TextureSource`: three.js keeps one GPU copy per image, color
 * space and wrap mode, whatever uv set or transform each texture has.
 */
import {
  ClampToEdgeWrapping,
  MirroredRepeatWrapping,
  NoColorSpace,
  RepeatWrapping,
  SRGBColorSpace,
  Texture,
  TextureSource,
  type Vector2,
} from 'three';
import type { DecodedImage, TextureRef } from '../io/content.ts';

/** The part of a renderer that the view uses: `WebGLRenderer` and `WebGPURenderer` both have it. */
export interface ViewRenderer {
  /** Tells of a lost context. */
  readonly domElement?: EventTarget;
  initTexture(texture: Texture): void;
  getDrawingBufferSize(target: Vector2): Vector2;
}

/** What a texture is read as. glTF: base color and emissive are sRGB, everything else is linear. */
type TextureUse = 'color' | 'data';

export interface TextureSet {
  /** The texture for a reference; the same reference and use give the same texture. */
  get(reference: TextureRef, use: TextureUse): Texture;
  /** Hands every texture made so far to the GPU and closes all bitmaps. Call once. */
  upload(renderer: ViewRenderer): void;
  /** Bytes on the GPU with mips, RGBA8. */
  readonly bytes: number;
  /** Frees the GPU copies. */
  dispose(): void;
}

const WRAP = {
  repeat: RepeatWrapping,
  clamp: ClampToEdgeWrapping,
  mirror: MirroredRepeatWrapping,
} as const;

/** Textures over `images`, each made when first asked for. Throws on an image without a bitmap. */
export function createTextureSet(images: readonly DecodedImage[], anisotropy: number): TextureSet {
  const sources = images.map((image, index) => {
    if (image.bitmap !== null) return new TextureSource<ImageBitmap | ImageData>(image.bitmap);
    throw new Error(
      `image ${index} (${image.encoded?.mimeType ?? 'no data'}) has no bitmap, expected one: ` +
        'images are decoded in browser workers only, and only a browser can draw them',
    );
  });
  const textures = new Map<string, Texture>();
  const gpuCopies = new Set<string>();
  let bytes = 0;

  const get = (reference: TextureRef, use: TextureUse): Texture => {
    const key = `${use} ${JSON.stringify(reference)}`;
    const known = textures.get(key);
    if (known) return known;
    const source = sources[reference.image];
    const image = images[reference.image];
    if (!source || !image) {
      throw new Error(`a material refers to image ${reference.image} of ${images.length}`);
    }
    const texture = createTexture(source, reference, use, anisotropy);
    textures.set(key, texture);
    const copy = `${reference.image} ${use} ${reference.wrapS} ${reference.wrapT}`;
    if (!gpuCopies.has(copy)) bytes += mipChainBytes(image.width, image.height);
    gpuCopies.add(copy);
    return texture;
  };

  const upload = (renderer: ViewRenderer): void => {
    for (const texture of textures.values()) renderer.initTexture(texture);
    for (const source of sources) source.data = blankImage();
    closeBitmaps(images);
  };

  const dispose = (): void => {
    for (const texture of textures.values()) texture.dispose();
  };

  return {
    get,
    upload,
    dispose,
    get bytes(): number {
      return bytes;
    },
  };
}

/** Frees the memory of all bitmaps. Closing twice does no harm. */
export function closeBitmaps(images: readonly DecodedImage[]): void {
  for (const { bitmap } of images) bitmap?.close();
}

/** Bytes of an RGBA8 image with its full mip chain. */
export function mipChainBytes(width: number, height: number): number {
  let bytes = 0;
  for (let w = width, h = height; ; w = Math.max(1, w >> 1), h = Math.max(1, h >> 1)) {
    bytes += w * h * 4;
    if (w === 1 && h === 1) return bytes;
  }
}

function createTexture(
  source: TextureSource<ImageBitmap | ImageData>,
  reference: TextureRef,
  use: TextureUse,
  anisotropy: number,
): Texture {
  const texture = new Texture();
  texture.source = source;
  texture.flipY = false;
  texture.channel = reference.uv;
  texture.wrapS = WRAP[reference.wrapS];
  texture.wrapT = WRAP[reference.wrapT];
  texture.anisotropy = anisotropy;
  texture.colorSpace = use === 'color' ? SRGBColorSpace : NoColorSpace;
  if (reference.transform) applyTransform(texture, reference.transform);
  texture.needsUpdate = true;
  return texture;
}

/** glTF turns before it scales, three.js after: with a rotation the matrix is written out. */
function applyTransform(texture: Texture, transform: NonNullable<TextureRef['transform']>): void {
  const { offset, scale, rotation } = transform;
  texture.offset.fromArray(offset);
  texture.repeat.fromArray(scale);
  texture.rotation = rotation;
  const c = Math.cos(rotation);
  const s = Math.sin(rotation);
  texture.matrix.set(
    scale[0] * c,
    scale[1] * s,
    offset[0],
    -scale[0] * s,
    scale[1] * c,
    offset[1],
    0,
    0,
    1,
  );
  texture.matrixAutoUpdate = false;
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
