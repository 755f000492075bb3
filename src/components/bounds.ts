/** Bounds of an entity where the asset's own are not right (e.g. an animated model). */
import { type Component, defineComponent, type Field, numberField, vectorField } from './schema.ts';

export type BoundsFields = {
  /** Center relative to the entity, before its rotation (meters). */
  center: Field<readonly number[], Float32Array>;
  /** Meters, before its scale. */
  radius: Field<number, Float32Array>;
};

export function createBounds(capacity: number): Component<BoundsFields> {
  return defineComponent('Bounds', capacity, {
    center: vectorField(Float32Array, [0, 0, 0]),
    radius: numberField(Float32Array, { fallback: 1, min: 1e-6, max: 1e9 }),
  });
}
