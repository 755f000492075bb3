/** The component stores of one world. Two worlds never share a row. */
import { type BoundsFields, createBounds } from './bounds.ts';
import { createLevelStatus, type LevelStatusFields } from './level-status.ts';
import { createLoadingScreen, type LoadingScreenFields } from './loading-screen.ts';
import { createLODState, type LODStateFields } from './lod-state.ts';
import { createMemoryBudgetComponent, type MemoryBudgetFields } from './memory-budget.ts';
import { createPinned, type PinnedFields } from './pinned.ts';
import { createPlacement, type PlacementFields } from './placement.ts';
import { createResidency, type ResidencyFields } from './residency.ts';
import type { Component, Fields, Row, Store } from './schema.ts';
import { createStreamRequest, type StreamRequestFields } from './stream-request.ts';
import { createStreamingVolume, type StreamingVolumeFields } from './streaming-volume.ts';
import { createTransform, type TransformFields } from './transform.ts';
import { createViewpointComponent, type ViewpointFields } from './viewpoint.ts';

/** Fields of every component that carries data, by name. */
export interface ComponentFields {
  StreamRequest: StreamRequestFields;
  Transform: TransformFields;
  Bounds: BoundsFields;
  Placement: PlacementFields;
  Residency: ResidencyFields;
  LODState: LODStateFields;
  Pinned: PinnedFields;
  StreamingVolume: StreamingVolumeFields;
  Viewpoint: ViewpointFields;
  MemoryBudget: MemoryBudgetFields;
  LevelStatus: LevelStatusFields;
  LoadingScreen: LoadingScreenFields;
}
export type ComponentName = keyof ComponentFields;

/** What `set(Component, …)` takes and `getComponent` gives, e.g. `ComponentData<'Transform'>`. */
export type ComponentData<N extends ComponentName> = Partial<Row<ComponentFields[N]>>;

/** The bitECS components themselves, as `streaming.components`. */
export type StreamingComponents = { [N in ComponentName]: Store<ComponentFields[N]> } & {
  /** Tag: at least one LOD the request allows is resident. */
  Resident: object;
  /** Tag: a payload of the asset failed and has not arrived since. */
  StreamFailed: object;
  /** Tag of an entity with `StreamingVolume`: a viewpoint is near, and its levels are wanted. */
  VolumeEntered: object;
  /** Tags of entities with `MemoryBudget`: it is in the state `warning`, or `critical`. */
  MemoryWarning: object;
  MemoryCritical: object;
};

/** Stores with what the plugin needs to serve them. */
export interface ComponentSet {
  capacity: number;
  definitions: { [N in ComponentName]: Component<ComponentFields[N]> };
  components: StreamingComponents;
  /** Tag of entities that travels make and end. */
  travelMark: object;
}

/** @param capacity the largest entity id that may carry a component */
export function createComponents(capacity: number): ComponentSet {
  const definitions = {
    StreamRequest: createStreamRequest(capacity),
    Transform: createTransform(capacity),
    Bounds: createBounds(capacity),
    Placement: createPlacement(capacity),
    Residency: createResidency(capacity),
    LODState: createLODState(capacity),
    Pinned: createPinned(capacity),
    StreamingVolume: createStreamingVolume(capacity),
    Viewpoint: createViewpointComponent(capacity),
    MemoryBudget: createMemoryBudgetComponent(capacity),
    LevelStatus: createLevelStatus(capacity),
    LoadingScreen: createLoadingScreen(capacity),
  };
  const stores = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [
      name,
      (definition as Component<Fields>).store,
    ]),
  ) as { [N in ComponentName]: Store<ComponentFields[N]> };
  const tags = {
    Resident: {},
    StreamFailed: {},
    VolumeEntered: {},
    MemoryWarning: {},
    MemoryCritical: {},
  };
  return { capacity, definitions, components: { ...stores, ...tags }, travelMark: {} };
}
