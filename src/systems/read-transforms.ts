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
  const { Transform, Bounds } = world.set.components;
  const { slots, assets } = world;
  world.entities.unread[entity] = 0;
  const has = hasComponent(world.ecs, entity, Transform);
  // Without a Transform the row may hold what an earlier owner of the id left there.
  if (!has) world.set.definitions.Transform.reset(entity);
  for (let axis = 0; axis < 3; axis++)
    slots.positions[entity * 3 + axis] = Transform.position[entity * 3 + axis]!;
  for (let i = 0; i < 4; i++)
    slots.rotations[entity * 4 + i] = Math.round(Transform.quaternion[entity * 4 + i]! * 32767);
  const scale = Transform.scale[entity]!;
  slots.scales[entity] = scale;
  const radius = hasComponent(world.ecs, entity, Bounds)
    ? Math.hypot(...Bounds.center.subarray(entity * 3, entity * 3 + 3)) + Bounds.radius[entity]!
    : assets.radii[world.entities.assets[entity]!]!;
  const r = radius * scale;
  const [x, y, z] = slots.positions.subarray(entity * 3, entity * 3 + 3);
  world.entityTree.set(entity, x!, y!, z!, r, r, r);
  if (slots.shownLods[entity] === NO_LOD) return;
  appendItem(world.movedEntities, entity);
}
