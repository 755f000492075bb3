/** glTF materials as flat records. What the records cannot say becomes a warning, never silence. */
import type { Document, Material, Texture, TextureInfo } from '@gltf-transform/core';
import type { EmissiveStrength, Transform } from '@gltf-transform/extensions';
import type { MaterialRecord, TextureRef, TextureWrap } from '../src/io/content.ts';
import type { SourceImage } from './model.ts';

const WRAPS: Readonly<Record<number, TextureWrap>> = {
  10497: 'repeat',
  33071: 'clamp',
  33648: 'mirror',
};
const ALPHA_MODES = { OPAQUE: 'opaque', MASK: 'mask', BLEND: 'blend' } as const;
const KNOWN_EXTENSIONS = new Set(['KHR_materials_unlit', 'KHR_materials_emissive_strength']);

/** Collects the materials and images that primitives really use, in order of first use. */
export class MaterialList {
  readonly records: MaterialRecord[] = [];
  readonly images: SourceImage[] = [];
  readonly #warnings: Set<string>;
  readonly #rows = new Map<Material | null, number>();
  readonly #byContent = new Map<string, number>();
  readonly #imageRows = new Map<Texture, number>();

  constructor(warnings: Set<string>) {
    this.#warnings = warnings;
  }

  /** Index of the material's record; equal materials share one, whatever their names. */
  add(material: Material | null): number {
    const known = this.#rows.get(material);
    if (known !== undefined) return known;
    const record = material ? this.#convert(material) : defaultMaterial();
    const key = JSON.stringify({ ...record, name: '' });
    let row = this.#byContent.get(key);
    if (row === undefined) {
      row = this.records.push(record) - 1;
      this.#byContent.set(key, row);
    }
    this.#rows.set(material, row);
    return row;
  }

  #convert(material: Material): MaterialRecord {
    const name = material.getName();
    for (const extension of material.listExtensions())
      if (!KNOWN_EXTENSIONS.has(extension.extensionName))
        this.#warnings.add(`material "${name}": ${extension.extensionName} is ignored`);
    const strength = material.getExtension<EmissiveStrength>('KHR_materials_emissive_strength');
    const glow = strength?.getEmissiveStrength() ?? 1;
    const [red, green, blue] = material.getEmissiveFactor();
    const textures: MaterialRecord['textures'] = {};
    const add = (
      key: keyof MaterialRecord['textures'],
      texture: Texture | null,
      info: TextureInfo | null,
    ): void => {
      const ref = texture && info ? this.#reference(name, texture, info) : null;
      if (ref) textures[key] = ref;
    };
    add('baseColor', material.getBaseColorTexture(), material.getBaseColorTextureInfo());
    add(
      'metallicRoughness',
      material.getMetallicRoughnessTexture(),
      material.getMetallicRoughnessTextureInfo(),
    );
    add('normal', material.getNormalTexture(), material.getNormalTextureInfo());
    add('occlusion', material.getOcclusionTexture(), material.getOcclusionTextureInfo());
    add('emissive', material.getEmissiveTexture(), material.getEmissiveTextureInfo());
    return {
      name,
      shading: material.getExtension('KHR_materials_unlit') ? 'unlit' : 'pbr',
      baseColor: [...material.getBaseColorFactor()],
      metallic: material.getMetallicFactor(),
      roughness: material.getRoughnessFactor(),
      emissive: [red * glow, green * glow, blue * glow],
      alphaMode: ALPHA_MODES[material.getAlphaMode()],
      alphaCutoff: material.getAlphaCutoff(),
      doubleSided: material.getDoubleSided(),
      normalScale: material.getNormalScale(),
      occlusionStrength: material.getOcclusionStrength(),
      textures,
    };
  }

  #reference(name: string, texture: Texture, info: TextureInfo): TextureRef | null {
    const bytes = texture.getImage();
    if (!bytes || bytes.length === 0) {
      this.#warnings.add(`material "${name}": a texture has no image and is left out`);
      return null;
    }
    const transform = info.getExtension<Transform>('KHR_texture_transform');
    const set = transform?.getTexCoord() ?? info.getTexCoord();
    if (set > 1) {
      this.#warnings.add(`material "${name}": a texture uses uv set ${set} and is left out`);
      return null;
    }
    let image = this.#imageRows.get(texture);
    if (image === undefined) {
      const label = texture.getName() || texture.getURI() || `texture ${this.images.length}`;
      image = this.images.push({ name: label, mimeType: texture.getMimeType(), bytes }) - 1;
      this.#imageRows.set(texture, image);
    }
    const ref: TextureRef = {
      image,
      uv: set === 1 ? 1 : 0,
      wrapS: WRAPS[info.getWrapS()] ?? 'repeat',
      wrapT: WRAPS[info.getWrapT()] ?? 'repeat',
    };
    if (transform) {
      const offset = transform.getOffset();
      const scale = transform.getScale();
      const rotation = transform.getRotation();
      const isIdentity =
        offset[0] === 0 && offset[1] === 0 && scale[0] === 1 && scale[1] === 1 && rotation === 0;
      if (!isIdentity)
        ref.transform = { offset: [offset[0], offset[1]], scale: [scale[0], scale[1]], rotation };
    }
    return ref;
  }
}

/** Which uv sets a material's textures use. */
export function usedUvSets(material: MaterialRecord): { first: boolean; second: boolean } {
  const refs = Object.values(material.textures);
  return { first: refs.some((r) => r.uv === 0), second: refs.some((r) => r.uv === 1) };
}

/** Whether the source file changes materials in ways that need converting first. */
export function needsMetalRough(document: Document): boolean {
  return document
    .getRoot()
    .listExtensionsUsed()
    .some((e) => e.extensionName === 'KHR_materials_pbrSpecularGlossiness');
}

/** What glTF says of primitives without a material. */
export function defaultMaterial(): MaterialRecord {
  return {
    name: '',
    shading: 'pbr',
    baseColor: [1, 1, 1, 1],
    metallic: 1,
    roughness: 1,
    emissive: [0, 0, 0],
    alphaMode: 'opaque',
    alphaCutoff: 0.5,
    doubleSided: false,
    normalScale: 1,
    occlusionStrength: 1,
    textures: {},
  };
}
