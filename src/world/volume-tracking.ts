/** What is kept of streaming volumes between frames. Rows are entity ids. */
import type { ComponentSet } from '../components/index.ts';
import { MAX_MORE_LEVELS } from '../components/streaming-volume.ts';
import type { Level } from '../level/level-machine.ts';
import { createItemList, type ItemList } from '../spatial/octree.ts';
import { VolumeChanges } from '../spatial/volume-changes.ts';
import type { Outline } from '../spatial/volume-shape.ts';
import { VolumeWatch } from '../spatial/volume-watch.ts';

/** Says whether the volume of this entity may load. */
export type VolumeCondition = (entity: number) => boolean;

/** What a game is told of one volume. */
export interface VolumeListener {
  /** A viewpoint (0 = it is gone) came within the load distance, and every condition holds. */
  enter?(entity: number, viewpoint: number): void;
  /** None is within the unload distance any more, or it may no longer load. */
  leave?(entity: number): void;
}

/** Levels that an entered volume wants, and how much. */
export interface HeldLevels {
  levels: readonly Level[];
  priority: number;
}

export interface VolumeTracking {
  readonly changes: VolumeChanges;
  readonly watch: VolumeWatch;
  /** Polygons of prisms, by the number of their name. */
  readonly outlines: Map<number, Outline>;
  /** Entities whose volume came, went or was set, queued by observers; each once. */
  readonly dirty: number[];
  readonly queued: Uint8Array;
  /** 1 while a viewpoint is near: from the load distance in until beyond the unload distance. */
  readonly within: Uint8Array;
  /** 1 while it is entered: `within`, and all conditions hold. */
  readonly entered: Uint8Array;
  /** Index of the eye that was nearest when it was last measured. */
  readonly nearestEyes: Uint8Array;
  /**
   * Of volumes that move: x, y, z of the center that the box in the tree is around, and how far it may go
   * along each axis before that box no longer holds it (meters), 4 numbers an entity. Grows as needed.
   */
  leeways: Float64Array;
  /** Volumes within that have conditions: those are asked every frame. */
  readonly conditional: Set<number>;
  readonly held: Map<number, HeldLevels>;
  /** What this frame has to look at, and of what it may be entered or left. */
  readonly look: ItemList;
  readonly undecided: ItemList;
  /** Volumes whose columns make no volume, which was told. */
  readonly unsound: Set<number>;
  /** Volumes that name a level which no opened world has, and names that the game was told of. */
  readonly unresolved: Set<number>;
  readonly toldLevels: Set<string>;
  /** Entities whose tag must be reconsidered. */
  readonly retagged: Set<number>;
  /** What `DataLayers.shows` takes, by the number of a name such as `winter` or `!winter`. */
  readonly layers: Map<number, number>;
  /** By the number of a name, and by entity as `-entity`. */
  readonly conditions: Map<number, VolumeCondition>;
  /** Conditions that threw and have not answered since. */
  readonly failedConditions: Set<number>;
  readonly listeners: Map<number, Set<VolumeListener>>;
  /** Who is told of an event that waits for its delivery, though the volume be gone by then. */
  readonly heard: WeakMap<object, ReadonlySet<VolumeListener>>;
  /** Levels of the opened worlds by the number of their name, as of `namesVersion`. */
  levelsByName: Map<number, Level[]>;
  namesVersion: number;
}

export function createVolumeTracking(
  { components, capacity }: ComponentSet,
  maxEyes: number,
): VolumeTracking {
  const { center, active, ...rest } = components.StreamingVolume;
  const strides: Record<string, number> = { quaternion: 4, size: 3, levels: MAX_MORE_LEVELS };
  const rows = capacity + 1;
  return {
    changes: new VolumeChanges({
      center,
      active,
      rest: Object.entries(rest).map(([name, column]) => ({ column, stride: strides[name] ?? 1 })),
    }),
    watch: new VolumeWatch(maxEyes),
    outlines: new Map(),
    dirty: [],
    queued: new Uint8Array(rows),
    within: new Uint8Array(rows),
    entered: new Uint8Array(rows),
    nearestEyes: new Uint8Array(rows),
    leeways: new Float64Array(0),
    conditional: new Set(),
    held: new Map(),
    look: createItemList(64),
    undecided: createItemList(64),
    unsound: new Set(),
    unresolved: new Set(),
    toldLevels: new Set(),
    retagged: new Set(),
    layers: new Map(),
    conditions: new Map(),
    failedConditions: new Set(),
    listeners: new Map(),
    heard: new WeakMap(),
    levelsByName: new Map(),
    namesVersion: 0,
  };
}
