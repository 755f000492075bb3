/**
 * The port of showing: the far side of the bus. Systems decide what is resident and what each
 * placement shows; a view (three.js, or none at all on a server) makes it so.
 */

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

/** Implemented by `farfield/three`; every method is called inside `commit` and nowhere else. */
export interface View<Content = unknown> {
  /**
   * What its device samples, as bits of `TextureSupport`; absent: RGBA8 alone. Read when the view
   * is attached, before anything is asked for on its behalf.
   */
  readonly textureSupport?: number;
  /** Makes content drawable. May throw: the payload then fails with `Upload`, nothing else does. */
  upload(payload: number, content: Content, label: string): void;
  /** Frees everything `upload` made. The payload is shown by no slot any more. */
  release(payload: number): void;
  /** Applies this frame's changes, in order. */
  show(changes: ShowChanges, transforms: SlotTransforms): void;
  /** Slots whose transforms changed while they were showing `payloads[i]`. */
  move(slots: Uint32Array, payloads: Int32Array, count: number, transforms: SlotTransforms): void;
}
