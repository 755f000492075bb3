/** Where an entity is. The game may write the columns directly; they are read at each `update`. */
import { type Component, defineComponent, type Field, numberField, vectorField } from './schema.ts';

export type TransformFields = {
  /** x, y, z (meters): `position[eid * 3 + axis]`. */
  position: Field<readonly number[], Float32Array>;
  /** Unit quaternion x, y, z, w: `quaternion[eid * 4 + i]`. */
  quaternion: Field<readonly number[], Float32Array>;
  /** Uniform scale. */
  scale: Field<number, Float32Array>;
};

export function createTransform(capacity: number): Component<TransformFields> {
  return defineComponent(
    'Transform',
    capacity,
    {
      position: vectorField(Float32Array, [0, 0, 0]),
      quaternion: vectorField(Float32Array, [0, 0, 0, 1]),
      scale: numberField(Float32Array, { fallback: 1, min: 1e-6, max: 1e6 }),
    },
    (row) => {
      const length = Math.hypot(...row.quaternion);
      return Math.abs(length - 1) < 1e-2
        ? null
        : `quaternion: expected unit length, got ${length.toFixed(3)}`;
    },
  );
}
