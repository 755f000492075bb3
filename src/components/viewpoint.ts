/** An eye that streaming serves: a camera, or a player on a server. */
import {
  type Component,
  defineComponent,
  type Field,
  flagField,
  numberField,
  vectorField,
} from './schema.ts';

export type ViewpointFields = {
  /** x, y, z (meters): `eye[eid * 3 + axis]`. */
  eye: Field<readonly number[], Float64Array>;
  /** Unit quaternion x, y, z, w; looks along its own -z: `orientation[eid * 4 + i]`. */
  orientation: Field<readonly number[], Float64Array>;
  fovYRadians: Field<number, Float32Array>;
  /** Width ÷ height. */
  aspect: Field<number, Float32Array>;
  /** Height of the picture (pixels). */
  heightPixels: Field<number, Float32Array>;
  /** Share beside other viewpoints: only the proportions matter. */
  weight: Field<number, Float32Array>;
  /**
   * false for an eye without a camera (a player on a server, a spectator): everything around it within
   * the draw distance is in view, in the detail that its lens would show of it.
   */
  directed: Field<boolean, Uint8Array>;
};

export function createViewpointComponent(capacity: number): Component<ViewpointFields> {
  return defineComponent('Viewpoint', capacity, {
    eye: vectorField(Float64Array, [0, 0, 0]),
    orientation: vectorField(Float64Array, [0, 0, 0, 1]),
    fovYRadians: numberField(Float32Array, { fallback: Math.PI / 3, min: 0.01, max: 3.1 }),
    aspect: numberField(Float32Array, { fallback: 16 / 9, min: 0.01, max: 100 }),
    heightPixels: numberField(Float32Array, { fallback: 1080, min: 1, max: 65536 }),
    weight: numberField(Float32Array, { fallback: 1, min: 0, max: 1000 }),
    directed: flagField(true),
  });
}
