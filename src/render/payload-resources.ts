/**
 * Everything on the GPU that one payload needs, made together and freed together, whoever draws it
 * (instanced batches, or the game's own objects).
 */

import type { BufferGeometry, Material } from 'three';
import { reasonOf } from '../base/errors.ts';
import type { DecodedPrimitive, MaterialRecord, MeshContent } from '../io/content.ts';
import { createGeometry, geometryBytes } from './geometry.ts';
import { createMaterial, materialKey } from './materials.ts';
import { closeBitmaps, createTextureSet, type TextureSet, type ViewRenderer } from './textures.ts';

/** Where a material will be used. */
export interface MaterialContext {
  payload: number;
  /** What the payload is called, e.g. `tree-oak LOD 2`. */
  label: string;
  geometry: BufferGeometry;
}

/**
 * May change the material, which may hold block-compressed textures (a normal map in BC5 or EAC has
 * x and y alone: three.js derives z by the texture's `format`, shaders of the game's own must too), or return another one to draw with instead (nothing keeps it). A returned material stays
 * the game's own and may be shared; the view never disposes it.
 */
export type OnMaterial = (
  material: Material,
  record: MaterialRecord,
  context: MaterialContext,
) => Material | undefined;

interface PayloadPart {
  geometry: BufferGeometry;
  material: Material;
  triangleCount: number;
}

export interface PayloadResources {
  payload: number;
  label: string;
  /** `meters = position * scale + offset`. */
  scale: number;
  offset: readonly [number, number, number];
  /** One per primitive. */
  parts: PayloadPart[];
  triangleCount: number;
  geometryBytes: number;
  textureBytes: number;
  /**
   * Frees geometries, textures and the materials that are not the game's. Drawn again, they would
   * be uploaded again, the textures blank.
   */
  dispose(): void;
}

export interface PayloadResourceOptions {
  renderer: ViewRenderer;
  anisotropy: number;
  onMaterial: OnMaterial | null;
}

/** Makes content drawable and closes its bitmaps. On an error everything made so far is freed. */
export function createPayloadResources(
  payload: number,
  content: MeshContent,
  label: string,
  options: PayloadResourceOptions,
): PayloadResources {
  const geometries: BufferGeometry[] = [];
  const materials = new Map<string, Material>();
  const own = new Set<Material>();
  let textures: TextureSet | null = null;

  const dispose = (): void => {
    for (const geometry of geometries) geometry.dispose();
    for (const material of own) material.dispose();
    textures?.dispose();
  };

  const materialOf = (primitive: DecodedPrimitive, geometry: BufferGeometry): Material => {
    const record = content.materials[primitive.material];
    if (!record || !textures) {
      const { length } = content.materials;
      throw new Error(`a primitive refers to material ${primitive.material} of ${length}`);
    }
    const key = materialKey(record, geometry);
    const known = materials.get(key);
    if (known) return known;
    const made = createMaterial(record, geometry, textures);
    own.add(made);
    const used = options.onMaterial?.(made, record, { payload, label, geometry }) ?? made;
    if (used !== made) {
      own.delete(made);
      made.dispose();
    }
    materials.set(key, used);
    return used;
  };

  try {
    textures = createTextureSet(content.images, options.anisotropy);
    const parts = content.primitives.map((primitive): PayloadPart => {
      const geometry = createGeometry(primitive, content);
      geometries.push(geometry);
      const material = materialOf(primitive, geometry);
      return { geometry, material, triangleCount: primitive.index.length / 3 };
    });
    textures.upload(options.renderer);
    return {
      payload,
      label,
      scale: content.scale,
      offset: content.offset,
      parts,
      triangleCount: parts.reduce((sum, part) => sum + part.triangleCount, 0),
      geometryBytes: content.primitives.reduce((sum, part) => sum + geometryBytes(part), 0),
      textureBytes: textures.bytes,
      dispose,
    };
  } catch (error) {
    dispose();
    closeBitmaps(content.images);
    const reason = reasonOf(error);
    throw new Error(`${label}: ${reason}`, { cause: error });
  }
}
