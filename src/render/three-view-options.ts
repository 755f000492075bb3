/** What `createThreeView` takes and gives. */
import type { Group, Object3D, PerspectiveCamera, Raycaster, Scene } from 'three';
import type { AttachOptions } from './attachments.ts';
import type { OnMaterial } from './payload-resources.ts';
import type { GeometryPoolSizes } from './pool-size.ts';
import type { RaycastHit } from './raycast.ts';
import type { ViewRenderer } from './textures.ts';

export interface ThreeViewOptions extends GeometryPoolSizes {
  /** A `WebGLRenderer`, or a `WebGPURenderer` after its `init()`. */
  renderer: ViewRenderer;
  /** Where `root` is added, unless `root` already has a parent. */
  scene: Scene;
  /** What to stream for; several for split screen, each with its `viewport` where they differ. */
  camera: PerspectiveCamera | readonly PerspectiveCamera[];
  /** Parent of everything drawn; its transform moves the whole world. Default: a new group. */
  root?: Group;
  /** Whether streamed meshes cast shadows (default true). */
  castShadow?: boolean;
  /** Whether streamed meshes receive shadows (default true). */
  receiveShadow?: boolean;
  /** Samples across slanting textures (default 4); 1 is what three.js itself starts with. */
  anisotropy?: number;
  /**
   * Texture formats that may be used, bits of `TextureSupport`; 0 keeps everything RGBA8. Default:
   * what the renderer's device has.
   */
  textureSupport?: number;
  /** See `OnMaterial`. */
  onMaterial?: OnMaterial;
}

/** What `createThreeView` uses where an option is absent. */
export const THREE_VIEW_DEFAULTS: Required<
  Pick<ThreeViewOptions, 'castShadow' | 'receiveShadow' | 'anisotropy'>
> = { castShadow: true, receiveShadow: true, anisotropy: 4 };

export interface ThreeView {
  /** Parent of everything drawn. */
  readonly root: Group;
  /** Streams for other cameras from the next frame on. */
  setCamera(camera: PerspectiveCamera | readonly PerspectiveCamera[]): void;
  /**
   * Lets the game's own object stand for one entity, in place of its instance; see `AttachOptions`.
   * An object without a parent is added to `root` and taken out again at the end. An entity that
   * does not stream yet gets its object as soon as it does; one that stops streaming loses it.
   * Returns the call that detaches. Throws when the entity already has an object.
   */
  attach(eid: number, object: Object3D, options?: AttachOptions): () => void;
  /** Gives the entity its instance back. Does nothing where no object is attached. */
  detach(eid: number): void;
  /** Everything streamed that a ray meets, nearest first. */
  raycast(raycaster: Raycaster): RaycastHit[];
  /** Draw calls of the instanced batches, shadow passes not counted. */
  readonly drawCount: number;
  readonly instanceCount: number;
  /** Triangles of all instances. */
  readonly triangleCount: number;
  /** Payloads uploaded. */
  readonly payloadCount: number;
  /**
   * Whether geometry lies in two buffers shared by all payloads, fixed in size (`WebGLRenderer`), or
   * each payload has buffers of its own.
   */
  readonly geometryMode: 'shared' | 'separate';
  /** Why it is `separate`; empty where it is not. */
  readonly geometryReason: string;
  /** Bytes of vertices and indices of what is uploaded. */
  readonly geometryBytes: number;
  /** Bytes of textures with mips. */
  readonly textureBytes: number;
  /** Bytes of instance matrices. */
  readonly instanceBytes: number;
  /** Bytes of all buffers and textures of the view on the GPU. */
  readonly gpuBytes: number;
  /** Frees every GPU object, detaches all objects and removes the viewpoints. Safe to call twice. */
  dispose(): void;
}
