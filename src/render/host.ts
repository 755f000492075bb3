/**
 * What the view needs of the plugin, and nothing more: `Streaming` satisfies it by its shape, and a
 * test can stand in for it in twenty lines.
 */
import type { MeshContent } from '../io/content.ts';
import type { DeviceMemoryEvent, View } from '../memory/view.ts';

/** Columns of the `Viewpoint` component, indexed by entity. */
export interface ViewpointColumns {
  /** x, y, z per entity (meters). */
  eye: Float64Array;
  /** Quaternion x, y, z, w per entity; an unturned viewpoint looks down -z. */
  orientation: Float64Array;
  fovYRadians: Float32Array;
  /** Width over height. */
  aspect: Float32Array;
  /** Height of the picture in pixels of the drawing buffer. */
  heightPixels: Float32Array;
  /** How much this viewpoint counts beside others; 1 is normal. */
  weight: Float32Array;
}

/** Called by the plugin around its frame. */
export interface ViewHooks {
  /** Before anything of a frame is decided: the place to write viewpoints. */
  beforeUpdate(): void;
}

export interface StreamingHost {
  /** Installs the showing port; the returned function releases what was uploaded and removes it. */
  attachView(view: View<MeshContent>, hooks: ViewHooks): () => void;
  /** Bytes that everything streamed may take; what the view sizes its shared buffers by. */
  readonly budgetBytes?: number;
  /** Hears of a device that lost what it held, has it back, or has no room. */
  onDeviceMemory?(event: DeviceMemoryEvent): void;
  readonly world: object;
  readonly components: { Viewpoint: ViewpointColumns };
  /** Creates an entity with a `Viewpoint` and returns its id. */
  createViewpoint(): number;
  removeViewpoint(eid: number): void;
  /** The entity standing for a slot, made on demand, or 0 where there can be none. */
  entityOfSlot(slot: number): number;
  /** The slot of an entity with `StreamRequest` or `Placement`, or -1. */
  slotOfEntity(eid: number): number;
  assetNameOfSlot(slot: number): string;
}
