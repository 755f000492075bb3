/**
 * What a decoded payload is: plain typed arrays and images, ready for a GPU, owned by whoever
 * receives them. No three.js here: the view turns this into its own objects.
 */

/** Payload kinds. A terrain tile is mesh content too: positions in world space, drawn once. */
export const PayloadKind = { Mesh: 1, Terrain: 2 } as const;
export type PayloadKind = (typeof PayloadKind)[keyof typeof PayloadKind];

/** Kinds that belong to the game. What lies between is kept for this library. */
export const FIRST_CUSTOM_KIND = 16;
export const LAST_CUSTOM_KIND = 255;

/** Whether payloads of this kind are decoded by the game and never drawn. */
export function isCustomKind(kind: number): boolean {
  return kind >= FIRST_CUSTOM_KIND && kind <= LAST_CUSTOM_KIND;
}

/**
 * Vertex attributes by the names three.js uses. What begins with an underscore is the author's own:
 * the glTF attribute of that name, in lower case.
 */
export type AttributeName =
  | 'position'
  | 'normal'
  | 'tangent'
  | 'uv'
  | 'uv1'
  | 'color'
  | 'skinIndex'
  | 'skinWeight'
  | `_${string}`;

export type AttributeArray =
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>;

/** One vertex attribute: `array.length = vertexCount * itemSize`. */
export interface DecodedAttribute {
  name: AttributeName;
  array: AttributeArray;
  itemSize: number;
  /** Integers stand for [0, 1] (unsigned) or [-1, 1] (signed). */
  normalized: boolean;
}

/** Triangles of one material. */
export interface DecodedPrimitive {
  /** Index into `MeshContent.materials`. */
  material: number;
  attributes: DecodedAttribute[];
  index: Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
  /** Bounding sphere in meters, model space: center x, y, z, radius. */
  sphere: [number, number, number, number];
}

export type TextureWrap = 'repeat' | 'clamp' | 'mirror';

/** How a material samples an image. */
export interface TextureRef {
  /** Index into `MeshContent.images`. */
  image: number;
  /** Which uv set: 0 = `uv`, 1 = `uv1`. */
  uv: 0 | 1;
  wrapS: TextureWrap;
  wrapT: TextureWrap;
  /** KHR_texture_transform, absent when it is the identity. Rotation in radians. */
  transform?: { offset: [number, number]; scale: [number, number]; rotation: number };
}

/** A glTF metallic-roughness material, flattened. Colors are linear, as in glTF. */
export interface MaterialRecord {
  name: string;
  shading: 'pbr' | 'unlit';
  baseColor: [number, number, number, number];
  metallic: number;
  roughness: number;
  emissive: [number, number, number];
  alphaMode: 'opaque' | 'mask' | 'blend';
  alphaCutoff: number;
  doubleSided: boolean;
  normalScale: number;
  occlusionStrength: number;
  textures: {
    baseColor?: TextureRef;
    metallicRoughness?: TextureRef;
    normal?: TextureRef;
    occlusion?: TextureRef;
    emissive?: TextureRef;
  };
}

/**
 * What an image is used for, which decides how it is packed: opaque color, color with alpha, a
 * normal map (x, y, z, and y again in alpha), one channel (red), several channels, color above 1.
 */
export const TEXTURE_ROLES = ['color', 'cutout', 'normal', 'single', 'data', 'hdr'] as const;
export type TextureRole = (typeof TEXTURE_ROLES)[number];

/** What the bytes of a texture are; `codecs/texture-formats.ts` has their sizes. */
export type TextureFormat =
  | 'rgba8'
  | 'rgba16f'
  | 'bc1'
  | 'bc3'
  | 'bc4'
  | 'bc5'
  | 'bc6h'
  | 'bc7'
  | 'etc2-rgb'
  | 'etc2-rgba'
  | 'eac-r11'
  | 'eac-rg11'
  | 'astc'
  | 'astc-hdr';

/** One mip level: rows of blocks (or pixels) from the top. */
export interface TextureMip {
  width: number;
  height: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** A texture ready for the GPU. */
export interface DecodedTexture {
  format: TextureFormat;
  /**
   * Largest first, each half of the one before. One level of `rgba8` or `rgba16f` stands for a full
   * chain, which the GPU makes from it.
   */
  mips: TextureMip[];
}

/**
 * An image. In a browser worker it arrives decoded, as a bitmap or as a texture; in Node it stays
 * encoded. Exactly one of `bitmap`, `compressed` and `encoded` is there.
 */
export interface DecodedImage {
  width: number;
  height: number;
  colorSpace: 'srgb' | 'linear';
  /** From KTX2: blocks that the device samples, or plain pixels where it has none that fit. */
  compressed: DecodedTexture | null;
  /** Decoded, not premultiplied, rows from the top; the receiver closes it after upload. */
  bitmap: ImageBitmap | null;
  /** The encoded bytes where no bitmap could be made (Node), else null. */
  encoded: { mimeType: string; bytes: Uint8Array<ArrayBuffer> } | null;
}

/** A payload of a kind of the game's own. */
export interface CustomContent {
  /** 16 to 255. */
  kind: number;
  /** What the game's decoder made of the bytes; without one the bytes, a `Uint8Array`. */
  value: unknown;
  /** Buffers within `value` that move between threads; gone once they have. */
  transfer?: Transferable[];
}

export type PayloadContent = MeshContent | CustomContent;

/** Tells the two apart: the one place where they are. */
export function isCustom(content: PayloadContent): content is CustomContent {
  return 'kind' in content;
}

/** One LOD of a model, or one terrain tile. */
export interface MeshContent {
  /**
   * Positions are signed 16-bit: `meters = (q / 32767) * scale + offset`. One scale for all three
   * axes, so that normals need no correction.
   */
  scale: number;
  offset: [number, number, number];
  primitives: DecodedPrimitive[];
  materials: MaterialRecord[];
  images: DecodedImage[];
}
