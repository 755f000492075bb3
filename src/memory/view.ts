/**
 * The port of showing: the far side of the bus. Systems decide what is resident and what each
 * placement shows; a view (three.js, or none at all on a server) makes it so.
 */

import type { UploadLimits } from './upload-allowance.ts';

/** Which slots change from one payload to another; -1 is "nothing shown". */
export interface ShowChanges {
  /** Entries in use. */
  count: number;
  /** Slots `[starts[i], ends[i])` stop showing payload `from[i]` and begin to show `to[i]`. */
  starts: Uint32Array;
  ends: Uint32Array;
  from: Int32Array;
  to: Int32Array;
}

/**
 * Transforms of all slots; a view reads them when a slot begins to show and when it moves. The
 * arrays are replaced when worlds open; never keep them across frames.
 */
export interface SlotTransforms {
  /** x, y, z per slot (meters). */
  positions: Float32Array;
  /** Quaternion x, y, z, w per slot, times 32767. */
  rotations: Int16Array;
  /** Uniform scale per slot. */
  scales: Float32Array;
}

/** What a view tells of its device; what follows is up to the plugin. */
export interface DeviceMemoryEvent {
  /**
   * `lost`: all that was uploaded is gone, and nothing can be until `restored`. `outOfMemory`: the device
   * refused memory; what is there stays.
   */
  kind: 'lost' | 'restored' | 'outOfMemory';
  /** What the view held, or asked for in vain. */
  bytes: number;
  /** With `outOfMemory`: what was uploaded lately may be missing, nobody knows what. */
  isContentLost?: boolean;
}

/**
 * What a view holds on the GPU, beside what the rows of the payloads say. All optional, read anew
 * whenever they are needed, cheap to read; absent: 0, and no limit.
 */
export interface ViewMemory {
  /**
   * Bytes that nothing else accounts for: the staging ring, instance matrices and what they may grow by
   * within a frame, geometry that lies beside shared buffers which have room for it. With
   * `gpuBytes <= textures with mips + max(sharedBytes, geometryBytes of all payloads) + overheadBytes`.
   * Read when the view is attached and at the beginning of each frame.
   */
  readonly overheadBytes?: number;
  /**
   * Bytes of the buffers that geometry shares, taken once and counted whole, whatever lies in them.
   * Read when the view is attached and after `fitGeometry`. Absent or 0: geometry has buffers of its own,
   * and rows pay for them.
   */
  readonly sharedBytes?: number;
  /**
   * Bytes of geometry (`geometryBytes` of payloads, summed) that the GPU may hold: more is never asked
   * for. Absent: only the budget limits it. Read as `overheadBytes` is: what buffers of a fixed size hold
   * depends on how much of it are indices.
   */
  readonly geometryCapacityBytes?: number | undefined;
  /**
   * Bytes of geometry that have to go before what waits for its upload finds room; 0 as a rule. Read once
   * a frame.
   */
  readonly geometryLackBytes?: number;
  /** Bytes of all GL storage that is alive now: buffers and textures with mips. */
  readonly gpuBytes?: number;
}

/** What there is to stream, and the memory for it. All in bytes. */
export interface GeometryFacts {
  /** Of all payloads together, one copy. */
  geometryBytes: number;
  /** Of all payloads together, with mips, as this device has them. */
  textureBytes: number;
  /** Geometry of the payload that has most. */
  largestBytes: number;
  /** What of the budget is not promised: for both copies of geometry, and for textures. */
  roomBytes: number;
}

/** Implemented by `farfield/three`; every method but `fitGeometry` is called inside `commit` alone. */
export interface View<Content = unknown> extends ViewMemory {
  /**
   * What its device samples, as bits of `TextureSupport`; absent: RGBA8 alone. Read when the view
   * is attached, before anything is asked for on its behalf.
   */
  readonly textureSupport?: number;
  /**
   * Makes content drawable. May throw: the payload then fails with `Upload`, nothing else does.
   *
   * A view that works in pieces hands over as much as `limits` lets it, and answers false while
   * something is left: it is asked again in the next frame, with the same content. Without
   * `limits` it hands over everything at once. Any other answer means that all is done.
   */
  upload(payload: number, content: Content, label: string, limits?: UploadLimits): unknown;
  /**
   * Time to choose the size of shared buffers: nothing is uploaded or on its way. Called when the first
   * world is opened, or when the view is attached after that; perhaps again while nothing is held.
   */
  fitGeometry?(facts: GeometryFacts): void;
  /** Whether `upload` keeps to its limits by itself; otherwise a payload counts as one piece. */
  readonly uploadsInPieces?: boolean;
  /** Frees what an unfinished `upload` has made: the payload will not be asked for again. */
  cancelUpload?(payload: number): void;
  /** Once a frame, before its uploads: the time for what the view does by itself. */
  beginUploads?(limits: UploadLimits): void;
  /** Whether what shows the payload casts shadows; without a call it does. Of uploaded payloads only. */
  setCastShadow?(payload: number, casts: boolean): void;
  /** Frees everything `upload` made. The payload is shown by no slot any more. */
  release(payload: number): void;
  /** Applies this frame's changes, in order. */
  show(changes: ShowChanges, transforms: SlotTransforms): void;
  /** Slots whose transforms changed while they were showing `payloads[i]`. */
  move(slots: Uint32Array, payloads: Int32Array, count: number, transforms: SlotTransforms): void;
}
