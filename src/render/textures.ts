/** Decoded images as three.js textures, uploaded at once and then forgotten on the CPU. */
import {
  ClampToEdgeWrapping,
  MirroredRepeatWrapping,
  NoColorSpace,
  RepeatWrapping,
  SRGBColorSpace,
  type Texture,
  type Vector2,
} from 'three';
import type { DecodedImage, TextureRef } from '../io/content.ts';
import type { UploadLimits } from '../memory/upload-allowance.ts';
import { UploadKind } from '../memory/upload-cost.ts';
import { createImageSource } from './image-source.ts';

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
  /**
   * Hands the textures made so far to the GPU, as many as the limits allow, each in one piece. True
   * once all are there and the bitmaps are closed; until then call it again.
   */
  upload(renderer: ViewRenderer, limits?: UploadLimits): boolean;
  /** Bytes on the GPU with mips, of all of them. */
  readonly bytes: number;
  /** Bytes of those that are there by now. */
  readonly uploadedBytes: number;
  /** Frees the GPU copies. */
  dispose(): void;
}

const WRAP = {
  repeat: RepeatWrapping,
  clamp: ClampToEdgeWrapping,
  mirror: MirroredRepeatWrapping,
} as const;

/** Textures over `images`, each made when first asked for. Throws on an image not decoded. */
export function createTextureSet(images: readonly DecodedImage[], anisotropy: number): TextureSet {
  const sources = images.map(createImageSource);
  const textures = new Map<string, Texture>();
  const gpuCopies = new Set<string>();
  /** In the order of upload, with the bytes that each adds. */
  const queue: { texture: Texture; bytes: number }[] = [];
  let bytes = 0;
  let uploaded = 0;
  let uploadedBytes = 0;

  const get = (reference: TextureRef, use: TextureUse): Texture => {
    const key = `${use} ${JSON.stringify(reference)}`;
    const known = textures.get(key);
    if (known) return known;
    const source = sources[reference.image];
    if (!source) {
      throw new Error(`a material refers to image ${reference.image} of ${images.length}`);
    }
    const texture = source.create();
    setUp(texture, reference, use, anisotropy);
    textures.set(key, texture);
    const copy = `${reference.image} ${use} ${reference.wrapS} ${reference.wrapT}`;
    const added = gpuCopies.has(copy) ? 0 : source.bytes;
    bytes += added;
    gpuCopies.add(copy);
    queue.push({ texture, bytes: added });
    return texture;
  };

  const upload = (renderer: ViewRenderer, limits?: UploadLimits): boolean => {
    for (; uploaded < queue.length; uploaded++) {
      const { texture, bytes: added } = queue[uploaded]!;
      if (limits && !limits.mayGo(UploadKind.Texture, added)) return false;
      renderer.initTexture(texture);
      uploadedBytes += added;
      limits?.went(UploadKind.Texture, added);
    }
    for (const source of sources) source.forget();
    closeBitmaps(images);
    return true;
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
    get uploadedBytes(): number {
      return uploadedBytes;
    },
  };
}

/** Frees the memory of all bitmaps. Closing twice does no harm. */
export function closeBitmaps(images: readonly DecodedImage[]): void {
  for (const { bitmap } of images) bitmap?.close();
}

function setUp(texture: Texture, reference: TextureRef, use: TextureUse, anisotropy: number): void {
  texture.flipY = false;
  texture.channel = reference.uv;
  texture.wrapS = WRAP[reference.wrapS];
  texture.wrapT = WRAP[reference.wrapT];
  texture.anisotropy = anisotropy;
  texture.colorSpace = use === 'color' ? SRGBColorSpace : NoColorSpace;
  if (reference.transform) applyTransform(texture, reference.transform);
  texture.needsUpdate = true;
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
