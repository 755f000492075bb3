/** A region that loads a level while a viewpoint is near. Authored by the game, may move. */
import { VolumeShape } from '../spatial/volume.ts';
import {
  type Component,
  choiceField,
  defineComponent,
  type Field,
  flagField,
  nameField,
  numberField,
  vectorField,
} from './schema.ts';

/** `unloadDistance` defaults to this many times `loadDistance`. */
export const UNLOAD_FACTOR = 1.5;

/** How much a level matters beside what else is streamed. */
export const VolumePriority = { critical: 0, high: 1, normal: 2, low: 3, background: 4 } as const;

export type StreamingVolumeFields = {
  shape: Field<'sphere' | 'box', Uint8Array>;
  /** World position of the center: x, y, z (meters). */
  center: Field<readonly number[], Float32Array>;
  /** Of a sphere (meters). */
  radius: Field<number, Float32Array>;
  /** Full edge lengths of a box: x, y, z (meters). */
  size: Field<readonly number[], Float32Array>;
  /** Meters outside the surface at which loading begins. */
  loadDistance: Field<number, Float32Array>;
  /** Meters outside the surface at which unloading begins; default 1.5 × loadDistance. */
  unloadDistance: Field<number, Float32Array>;
  /** Name of the level it loads. */
  level: Field<string, Uint32Array>;
  priority: Field<keyof typeof VolumePriority, Uint8Array>;
  active: Field<boolean, Uint8Array>;
};

export function createStreamingVolume(capacity: number): Component<StreamingVolumeFields> {
  const distance = { fallback: 0, min: 0, max: 1e9 };
  return defineComponent(
    'StreamingVolume',
    capacity,
    {
      shape: choiceField({ sphere: VolumeShape.Sphere, box: VolumeShape.Box }, 'sphere'),
      center: vectorField(Float32Array, [0, 0, 0]),
      radius: numberField(Float32Array, { ...distance, fallback: 100 }),
      size: vectorField(Float32Array, [100, 100, 100]),
      loadDistance: numberField(Float32Array, { ...distance, fallback: 200 }),
      unloadDistance: numberField(Float32Array, { ...distance, fallback: 200 * UNLOAD_FACTOR }),
      level: nameField(),
      priority: choiceField(VolumePriority, 'normal'),
      active: flagField(true),
    },
    (row, given) => {
      if (row.level === '') return 'level: expected the name of a level, got ""';
      if (given.loadDistance !== undefined && given.unloadDistance === undefined)
        row.unloadDistance = row.loadDistance * UNLOAD_FACTOR;
      if (row.unloadDistance < row.loadDistance)
        return `unloadDistance ${row.unloadDistance} is less than loadDistance ${row.loadDistance}; it must be at least that, or the level would flicker`;
      return null;
    },
  );
}
