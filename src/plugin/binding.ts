/**
 * The tie to one bitECS world: stores, queries and observers. Stores and queries outlive a
 * `dispose` (bitECS can forget neither), so that installing again reuses them and nothing grows.
 */
import {
  hasComponent,
  observe,
  onAdd,
  onGet,
  onRemove,
  onSet,
  Prefab,
  registerQuery,
  type World,
} from 'bitecs';
import { assert } from '../base/assert.ts';
import { ErrorCode } from '../base/errors.ts';
import { type ComponentName, type ComponentSet, createComponents } from '../components/index.ts';
import type { Component, Fields } from '../components/schema.ts';
import { queueEntity } from '../systems/admit-entities.ts';
import { writePlacement } from '../systems/placement-entity.ts';
import { beginScreen, endScreen, resumeScreen } from '../systems/tell-loading.ts';
import { queueVolume } from '../systems/track-volumes.ts';
import { forgetVolume } from '../systems/track-volumes-border.ts';
import type { StreamQueries, StreamWorld } from '../world.ts';

export interface Binding {
  set: ComponentSet;
  queries: StreamQueries;
  /** Rows that hold a prefab's data: bitECS fires no onAdd for prefabs. */
  prefabRows: Map<ComponentName, Set<number>>;
}

const bindings = new WeakMap<World, Binding>();

/** The stores of a bitECS world, made on first use. */
export function bindingOf(ecs: World, capacity: number): Binding {
  const known = bindings.get(ecs);
  if (known) {
    assert(
      capacity <= known.set.capacity,
      `installStreaming: capacity is ${capacity}, but this world's stores were made for ` +
        `${known.set.capacity} entities and cannot grow; use the larger capacity the first time`,
    );
    return known;
  }
  const set = createComponents(capacity);
  const { StreamRequest, Pinned, StreamingVolume, Viewpoint } = set.components;
  const { MemoryBudget, LevelStatus, LoadingScreen } = set.components;
  const binding: Binding = {
    set,
    queries: {
      requests: registerQuery(ecs, [StreamRequest]),
      pinned: registerQuery(ecs, [Pinned]),
      volumes: registerQuery(ecs, [StreamingVolume]),
      viewpoints: registerQuery(ecs, [Viewpoint]),
      budgets: registerQuery(ecs, [MemoryBudget]),
      levels: registerQuery(ecs, [LevelStatus]),
      screens: registerQuery(ecs, [LoadingScreen]),
    },
    prefabRows: new Map(),
  };
  bindings.set(ecs, binding);
  return binding;
}

/** Begins to observe the game's world; the returned function ends it. */
export function observeComponents(world: StreamWorld, binding: Binding): () => void {
  const undo: (() => void)[] = [];
  for (const name of Object.keys(world.set.definitions) as ComponentName[]) {
    const definition = world.set.definitions[name] as unknown as Component<Fields>;
    undo.push(...observeOne(world, binding, name, definition));
  }
  return () => {
    for (const end of undo) end();
  };
}

/** Components whose coming and going changes what an entity streams. */
const STRUCTURAL: ReadonlySet<ComponentName> = new Set([
  'StreamRequest',
  'Pinned',
  'Transform',
  'Bounds',
]);

function observeOne(
  world: StreamWorld,
  binding: Binding,
  name: ComponentName,
  definition: Component<Fields>,
): (() => void)[] {
  const { ecs } = world;
  const { store } = definition;
  return [
    observe(ecs, onAdd(store), (entity: number) => {
      checkCapacity(entity, definition);
      definition.reset(entity);
      writePlacement(world, entity, name);
      if (name === 'StreamRequest') beginRequest(world, entity);
      if (STRUCTURAL.has(name)) touch(world, entity, name);
      if (name === 'StreamingVolume') queueVolume(world, entity);
      if (name === 'LoadingScreen') beginScreen(world, entity);
    }),
    observe(ecs, onSet(store), (entity: number, data: unknown) => {
      checkCapacity(entity, definition);
      if (hasComponent(ecs, entity, Prefab)) preparePrefabRow(binding, name, definition, entity);
      const problem = definition.write(entity, data);
      if (problem) refuse(world, entity, name, problem);
      else if (name === 'StreamingVolume') queueVolume(world, entity);
      else if (name === 'LoadingScreen') resumeScreen(world, entity, data as object);
      else if (STRUCTURAL.has(name)) touch(world, entity, name);
    }),
    observe(ecs, onGet(store), (entity: number) => definition.read(entity)),
    observe(ecs, onRemove(store), (entity: number) => {
      if (entity > world.set.capacity) return;
      if (name === 'StreamRequest') world.entities.epochs[entity]!++;
      if (name === 'StreamingVolume') forgetVolume(world, entity);
      if (name === 'LoadingScreen') endScreen(world, entity);
      if (isEndOfPlacement(world, entity, name)) forgetPlacement(world, entity);
      if (STRUCTURAL.has(name)) touch(world, entity, name);
    }),
  ];
}

/** Nobody may take what an earlier owner of the id was told for news of this one. */
function beginRequest({ entities, set }: StreamWorld, entity: number): void {
  entities.epochs[entity]!++;
  set.definitions.Residency.reset(entity);
  set.definitions.LODState.reset(entity);
}

function checkCapacity(entity: number, definition: Component<Fields>): void {
  assert(
    entity <= definition.capacity,
    `entity ${entity} cannot carry ${definition.name}: capacity is ${definition.capacity}; ` +
      'pass a larger capacity to installStreaming',
  );
}

/** The entity is looked at in the next `begin`; its slot is read anew. */
function touch(world: StreamWorld, entity: number, name: ComponentName): void {
  // What it carries beside a request means nothing without one.
  if (name !== 'StreamRequest' && !world.queries.requests.has(entity)) return;
  world.entities.unread[entity] = 1;
  queueEntity(world, entity);
}

function preparePrefabRow(
  binding: Binding,
  name: ComponentName,
  definition: Component<Fields>,
  entity: number,
): void {
  const rows = binding.prefabRows.get(name) ?? new Set();
  binding.prefabRows.set(name, rows);
  if (rows.has(entity)) return;
  rows.add(entity);
  definition.reset(entity);
}

/** Bad data: the row keeps what it held; a new one stays inactive, and the game is told. */
function refuse(world: StreamWorld, entity: number, component: string, message: string): void {
  world.set.components.Residency.error[entity] = ErrorCode.InvalidData;
  world.events.emit('invalidData', { entity, component, message });
}

/**
 * Whether an entity loses its placement with a component. While it is being made it has no Placement
 * yet; that it ends is then seen by its Transform, which it still carries when the whole entity goes.
 */
function isEndOfPlacement(
  { ecs, set, materialized }: StreamWorld,
  entity: number,
  name: ComponentName,
): boolean {
  if (name === 'Placement') return true;
  if (name !== 'Transform' || materialized.slots[entity]! < 0) return false;
  const { Placement, Transform } = set.components;
  return hasComponent(ecs, entity, Transform) && !hasComponent(ecs, entity, Placement);
}

function forgetPlacement(world: StreamWorld, entity: number): void {
  world.leaving.delete(entity);
  if (world.materialized.unlink(entity)) world.activation.isDue = true;
}
