/**
 * Structural changes of the game's world: the only place where the streaming makes any. Each entity
 * made or ended and each component put on or taken off is one, and is counted.
 *
 * bitECS tells the game's observers at once, and those may do anything: throw, which is reported
 * while the change stands; or end the very entity they are told of and have its id recycled before
 * the call returns. Whoever calls has to look again afterwards.
 */
import {
  $internal,
  addComponent,
  addEntity,
  entityExists,
  hasComponent,
  removeComponent,
  removeEntity,
  type World,
} from 'bitecs';
import type { StreamWorld } from '../world.ts';

/** Observers that throw when an entity ends are passed one by one, so many at most. */
const MAX_FAILURES = 64;

/** What the frame may still change; nothing once the streaming has ended. */
export function roomForOps({ disposed, options, stats }: StreamWorld): number {
  return disposed ? 0 : Math.max(0, options.structuralOpsPerFrame - stats.structuralOps);
}

/**
 * A new entity, or 0 when the game's observers ended it at once or its id is beyond the capacity. (That
 * an observer of `Not(…)` ended it and made another of the same id, bitECS gives no way to see.)
 */
export function makeEntity(world: StreamWorld): number {
  const { ecs, set, stats } = world;
  stats.structuralOps++;
  let entity = 0;
  try {
    entity = addEntity(ecs);
  } catch (error) {
    entity = halfMade(world);
    world.events.emit('listenerFailed', { event: 'observer', error });
  }
  if (entity === 0 || !entityExists(ecs, entity)) return 0;
  if (entity <= set.capacity) return entity;
  dropEntity(world, entity);
  world.activation.isFull = true;
  return 0;
}

/** Ends an entity that carries nothing. */
export function dropEntity(world: StreamWorld, entity: number): void {
  world.stats.structuralOps++;
  try {
    removeEntity(world.ecs, entity);
  } catch (error) {
    world.events.emit('listenerFailed', { event: 'observer', error });
  }
}

/** Of bitECS: its lists of entities, and of what each carries. */
interface Lists {
  entityIndex: { dense: number[]; aliveCount: number };
  entityComponents: Map<number, Set<object>>;
}

function listsOf(ecs: World): Lists {
  return (ecs as unknown as Record<typeof $internal, Lists>)[$internal];
}

/** The entity at which an observer of `Not(…)` threw: it has its id, but no list of components yet. */
function halfMade({ ecs }: StreamWorld): number {
  const { entityIndex, entityComponents } = listsOf(ecs);
  const entity = entityIndex.dense[entityIndex.aliveCount - 1] ?? 0;
  if (entityComponents.has(entity)) return 0;
  entityComponents.set(entity, new Set());
  return entity;
}

/** Puts a component on, if it is not there. */
export function putOn(world: StreamWorld, entity: number, component: object): void {
  if (hasComponent(world.ecs, entity, component)) return;
  world.stats.structuralOps++;
  try {
    addComponent(world.ecs, entity, component);
  } catch (error) {
    report(world, entity, error);
  }
  mend(world, entity, component);
}

/** Takes a component off, if it is there. */
export function takeOff(world: StreamWorld, entity: number, component: object): void {
  if (!hasComponent(world.ecs, entity, component)) return;
  world.stats.structuralOps++;
  try {
    removeComponent(world.ecs, entity, component);
  } catch (error) {
    report(world, entity, error);
  }
  mend(world, entity, component);
}

/** Ends an entity that carries `mark`, which tells it from whoever has its id later. */
export function endEntity(world: StreamWorld, entity: number, mark: object): void {
  const { ecs, stats } = world;
  if (!hasComponent(ecs, entity, mark)) return;
  stats.structuralOps++;
  for (let i = 0; i < MAX_FAILURES && hasComponent(ecs, entity, mark); i++)
    try {
      removeEntity(ecs, entity);
    } catch (error) {
      // bitECS stops at an observer that throws, and goes on after it when called again.
      world.events.emit('listenerFailed', { event: 'observer', error });
    }
}

/** bitECS itself trips, in a TypeError, over an entity that an observer has ended meanwhile. */
function report(world: StreamWorld, entity: number, error: unknown): void {
  if (error instanceof TypeError && !entityExists(world.ecs, entity)) return;
  world.events.emit('listenerFailed', { event: 'observer', error });
}

/**
 * After an observer threw, or ended the entity and had its id recycled, what bitECS lists of the
 * entity that now has the id differs from what it carries.
 */
function mend({ ecs }: StreamWorld, entity: number, component: object): void {
  const listed = listsOf(ecs).entityComponents.get(entity);
  if (!listed) return;
  const carries = hasComponent(ecs, entity, component);
  if (carries === listed.has(component)) return;
  if (carries) listed.add(component);
  else listed.delete(component);
}
