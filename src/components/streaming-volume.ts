/** A region that loads levels while a viewpoint is near. Authored by the game, may move. */
import { VolumeShape } from '../spatial/volume-shape.ts';
import {
  type Component,
  choiceField,
  defineComponent,
  type Field,
  flagField,
  nameField,
  namesField,
  numberField,
  type Row,
  vectorField,
} from './schema.ts';

/** `unloadDistance` defaults to this many times `loadDistance`. */
const UNLOAD_FACTOR = 1.5;

/** Levels of one volume beside `level`. */
export const MAX_MORE_LEVELS = 7;

/** How much a level matters beside what else is streamed. */
export const VolumePriority = { critical: 0, high: 1, normal: 2, low: 3, background: 4 } as const;

type ShapeName = 'sphere' | 'box' | 'orientedBox' | 'capsule' | 'prism';

const SHAPES: Record<ShapeName, VolumeShape> = {
  sphere: VolumeShape.Sphere,
  box: VolumeShape.Box,
  orientedBox: VolumeShape.OrientedBox,
  capsule: VolumeShape.Capsule,
  prism: VolumeShape.Prism,
};

export type StreamingVolumeFields = {
  shape: Field<ShapeName, Uint8Array>;
  /** World position of the center: x, y, z (meters). Of a prism: where its outline has 0, 0, 0. */
  center: Field<readonly number[], Float32Array>;
  /** How an oriented box or a capsule is turned: unit quaternion x, y, z, w. */
  quaternion: Field<readonly number[], Float32Array>;
  /** Of a sphere or a capsule (meters). */
  radius: Field<number, Float32Array>;
  /** Full edge lengths of a box or an oriented box: x, y, z (meters). */
  size: Field<readonly number[], Float32Array>;
  /** Of a capsule, along its own y: between the centers of its ends (meters). */
  height: Field<number, Float32Array>;
  /** Of a prism: the name of what `streaming.defineOutline` was given. */
  outline: Field<string, Uint32Array>;
  /** Of a prism: where it begins and ends, in y from its center (meters). */
  minHeight: Field<number, Float32Array>;
  maxHeight: Field<number, Float32Array>;
  /** Meters outside the surface at which loading begins. */
  loadDistance: Field<number, Float32Array>;
  /** Meters outside the surface at which unloading begins; default 1.5 × loadDistance. */
  unloadDistance: Field<number, Float32Array>;
  /** Name of the level it loads. */
  level: Field<string, Uint32Array>;
  /** Names of further levels, 7 at most: `levels[eid * 7 + i]`. */
  levels: Field<readonly string[], Uint32Array>;
  priority: Field<keyof typeof VolumePriority, Uint8Array>;
  active: Field<boolean, Uint8Array>;
  /** Name of a data layer that must be on, or with `!` before it off; '' = none. */
  layer: Field<string, Uint32Array>;
  /** Name of a condition that must hold (`streaming.setVolumeCondition`); '' = none. */
  condition: Field<string, Uint32Array>;
};

export function createStreamingVolume(capacity: number): Component<StreamingVolumeFields> {
  const length = { min: 0, max: 1e9 };
  const place = { min: -1e9, max: 1e9 };
  return defineComponent(
    'StreamingVolume',
    capacity,
    {
      shape: choiceField(SHAPES, 'sphere'),
      center: vectorField(Float32Array, [0, 0, 0]),
      quaternion: vectorField(Float32Array, [0, 0, 0, 1]),
      radius: numberField(Float32Array, { ...length, fallback: 100 }),
      size: vectorField(Float32Array, [100, 100, 100]),
      height: numberField(Float32Array, { ...length, fallback: 100 }),
      outline: nameField(),
      minHeight: numberField(Float32Array, { ...place, fallback: 0 }),
      maxHeight: numberField(Float32Array, { ...place, fallback: 100 }),
      loadDistance: numberField(Float32Array, { ...length, fallback: 200 }),
      unloadDistance: numberField(Float32Array, { ...length, fallback: 200 * UNLOAD_FACTOR }),
      level: nameField(),
      levels: namesField(MAX_MORE_LEVELS, 'names of levels'),
      priority: choiceField(VolumePriority, 'normal'),
      active: flagField(true),
      layer: nameField(),
      condition: nameField(),
    },
    (row, given) => {
      if (given.loadDistance !== undefined && given.unloadDistance === undefined)
        row.unloadDistance = row.loadDistance * UNLOAD_FACTOR;
      return volumeProblem(row);
    },
  );
}

/** What is wrong with a volume, in words; null when nothing is. */
export function volumeProblem(row: Row<StreamingVolumeFields>): string | null {
  if (row.level === '' && row.levels.length === 0)
    return 'level: expected the name of a level, got ""';
  if (row.center.some((axis) => !Number.isFinite(axis)))
    return `center: expected finite numbers, got ${row.center}`;
  if (!(row.loadDistance >= 0)) return `loadDistance: expected 0 or more, got ${row.loadDistance}`;
  if (!(row.unloadDistance >= row.loadDistance))
    return `unloadDistance ${row.unloadDistance} is less than loadDistance ${row.loadDistance}; it must be at least that, or the level would flicker`;
  return shapeProblem(row);
}

function shapeProblem(row: Row<StreamingVolumeFields>): string | null {
  const { shape, radius, size, height, minHeight, maxHeight, outline } = row;
  const isRound = shape === 'sphere' || shape === 'capsule';
  if (isRound && !(radius > 0 && radius < Number.POSITIVE_INFINITY))
    return `radius of a ${shape}: expected more than 0 meters, got ${radius}`;
  if (shape === 'capsule' && !(height >= 0 && height <= 1e9))
    return `height of a capsule: expected 0 meters or more, got ${height}`;
  const isBox = shape === 'box' || shape === 'orientedBox';
  if (isBox && !size.every((edge) => edge > 0 && edge < Number.POSITIVE_INFINITY))
    return `size: expected three edges of more than 0 meters, got ${size}`;
  const length = Math.hypot(...row.quaternion);
  if ((shape === 'orientedBox' || shape === 'capsule') && !(Math.abs(length - 1) < 1e-2))
    return `quaternion: expected unit length, got ${length.toFixed(3)}`;
  if (shape !== 'prism') return null;
  if (outline === '')
    return 'outline of a prism: expected the name of an outline (streaming.defineOutline), got ""';
  return maxHeight > minHeight
    ? null
    : `a prism must be higher than 0 meters: minHeight is ${minHeight}, maxHeight ${maxHeight}`;
}
