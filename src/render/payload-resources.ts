/**
 * Everything on the GPU that one payload needs, made together and freed together, whoever draws it
 * (instanced batches, or the game's own objects).
 */

import type { BufferGeometry, Material } from 'three';
import type { MaterialRecord, MeshContent } from '../io/content.ts';
import type { GeometryPool } from './geometry-pool.ts';
import { PayloadUpload } from './payload-upload.ts';
import type { ViewRenderer } from './textures.ts';

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

export interface PayloadPart {
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
  /** Whether what is drawn of it may cast shadows. */
  castsShadow: boolean;
  /** Whether its geometry lies in the shared buffers. */
  isShared: boolean;
  /** Bytes of buffers of its own that the renderer has made: none before it is first drawn. */
  readonly drawnBytes: number;
  /**
   * Frees geometries, textures and the materials that are not the game's. Drawn again, they would
   * be uploaded again, the textures blank.
   */
  dispose(): void;
  /** Frees what the renderer has made of it and keeps its place in the shared buffers. */
  unload(): void;
}

/** The shared buffers, and what happens to geometry that finds no room there. */
export interface GeometryMemory {
  readonly pool: GeometryPool | null;
  /** Whether it may have buffers of its own; else it waits. */
  readonly mayHaveOwn: boolean;
}

export interface PayloadResourceOptions {
  renderer: ViewRenderer;
  anisotropy: number;
  onMaterial: OnMaterial | null;
  /** Where geometry goes; without, into buffers of its own. */
  memory?: GeometryMemory;
}

/**
 * Makes content drawable at once and closes its bitmaps. On an error everything made so far is
 * freed.
 */
export function createPayloadResources(
  payload: number,
  content: MeshContent,
  label: string,
  options: PayloadResourceOptions,
): PayloadResources {
  const upload = new PayloadUpload(payload, content, label, options);
  upload.step();
  return upload.resources;
}
