/** Written by the plugin: which LOD an entity shows and which it should. */
import { type Component, defineComponent, type Field, numberField } from './schema.ts';

/** `current` and `target` while nothing is shown or wanted. */
export const NO_LOD_STATE = 255;

export type LODStateFields = {
  /** LOD on screen, or 255. */
  current: Field<number, Uint8Array>;
  /** LOD that the distance asks for, or 255 when it is out of sight. */
  target: Field<number, Uint8Array>;
  /** How far the change to `current` has come, 0 to 1. */
  fade: Field<number, Float32Array>;
  /** Frame of the last change of `current`. */
  sinceFrame: Field<number, Uint32Array>;
};

export function createLODState(capacity: number): Component<LODStateFields> {
  const lod = { fallback: NO_LOD_STATE, min: 0, max: 255, integer: true };
  return defineComponent('LODState', capacity, {
    current: numberField(Uint8Array, lod),
    target: numberField(Uint8Array, lod),
    fade: numberField(Float32Array, { fallback: 1, min: 0, max: 1 }),
    sinceFrame: numberField(Uint32Array, { fallback: 0, min: 0, max: 0xffffffff, integer: true }),
  });
}
