/**
 * Reads: Transform, Bounds, StreamRequest. Writes: entity slots, the entity tree. After:
 * admit-entities.
 *
 * The game may write Transform columns directly, so moves are found by comparing (3 ns an entity).
 */
import { hasComponent } from 'bitecs';
import { NO_LOD } from '../catalog/slots.ts';
import { appendItem } from '../spatial/octree.ts';
import type { StreamWorld } from '../world.ts';

export function readTransforms(world: StreamWorld): void {
  const { dense } = world.queries.requests;
  const { position, quaternion, scale } = world.set.components.Transform;
  const { positions, rotations, scales } = world.slots;
  const { assets: rows, unread } = world.entities;
  const { custom } = world.assets;
  world.movedEntities.count = 0;
  for (let i = 0; i < dense.length; i++) {
    const e = dense[i]!;
    // What is never drawn has no place: the request itself is all there is to it.
    if (rows[e]! < 0 || custom[rows[e]!]) continue;
    const p = e * 3;
    const q = e * 4;
    if (
      unread[e] === 0 &&
      positions[p] === position[p] &&
      positions[p + 1] === position[p + 1] &&
      positions[p + 2] === position[p + 2] &&
      scales[e] === scale[e] &&
      rotations[q] === Math.round(quaternion[q]! * 32767) &&
      rotations[q + 1] === Math.round(quaternion[q + 1]! * 32767) &&
      rotations[q + 2] === Math.round(quaternion[q + 2]! * 32767) &&
      rotations[q + 3] === Math.round(quaternion[q + 3]! * 32767)
    )
      continue;
    place(world, e);
  }
}

function place(world: StreamWorld, entity: number): void {
  const { Transform } = world.set.components;
  const { slots } = world;
  // Without a Transform the row may hold what an earlier owner of the id left there.
  if (!hasComponent(world.ecs, entity, Transform)) world.set.definitions.Transform.reset(entity);
  if (!isPlace(world, entity)) return;
  for (let axis = 0; axis < 3; axis++)
    slots.positions[entity * 3 + axis] = Transform.position[entity * 3 + axis]!;
  for (let i = 0; i < 4; i++)
    slots.rotations[entity * 4 + i] = Math.round(Transform.quaternion[entity * 4 + i]! * 32767);
  slots.scales[entity] = Transform.scale[entity]!;
  const r = radiusOf(world, entity) * slots.scales[entity]!;
  const [x, y, z] = slots.positions.subarray(entity * 3, entity * 3 + 3);
  world.entityTree.set(entity, x!, y!, z!, r, r, r);
  if (slots.shownLods[entity] === NO_LOD) return;
  appendItem(world.movedEntities, entity);
}

/** Whether columns that the game may write directly say where it is; where not, that is told once. */
function isPlace({ set, entities, events }: StreamWorld, entity: number): boolean {
  const { position, quaternion, scale } = set.components.Transform;
  let sum = scale[entity]!;
  for (let axis = 0; axis < 3; axis++) sum += position[entity * 3 + axis]!;
  for (let i = 0; i < 4; i++) sum += quaternion[entity * 4 + i]!;
  const isGood = Number.isFinite(sum) && scale[entity]! > 0;
  const wasTold = entities.unread[entity] === 2;
  entities.unread[entity] = isGood ? 0 : 2;
  if (!isGood && !wasTold) {
    const seen = `position (${position.subarray(entity * 3, entity * 3 + 3)}), quaternion (${quaternion.subarray(entity * 4, entity * 4 + 4)}), scale ${scale[entity]}`;
    const message = `Transform: expected finite numbers and a scale > 0, got ${seen}; its last place is kept`;
    events.emit('invalidData', { entity, component: 'Transform', message });
  }
  return isGood;
}

function radiusOf({ ecs, set, assets, entities }: StreamWorld, entity: number): number {
  const { Bounds } = set.components;
  if (!hasComponent(ecs, entity, Bounds)) return assets.radii[entities.assets[entity]!]!;
  const center = Bounds.center.subarray(entity * 3, entity * 3 + 3);
  return Math.hypot(...center) + Bounds.radius[entity]!;
}
