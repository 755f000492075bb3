/**
 * Reads: eyes, slots, the cell tree. Writes: entities with Placement and Transform. After:
 * reflect-entities.
 *
 * Placements near a viewpoint exist as entities, so that game code can find them by query; they go
 * again a quarter of the radius farther out. Within the frame's limit of structural changes.
 */
import { addComponents, addEntity, entityExists, removeEntity, set } from 'bitecs';
import { createItemList } from '../spatial/octree.ts';
import { distanceToBox } from '../spatial/screen-error.ts';
import type { StreamWorld } from '../world.ts';
import { contained } from './contained.ts';

const KEEP_FACTOR = 1.25;
/** Nearby cells are looked through this often (frames). */
const EVERY_FRAMES = 6;

const nearby = createItemList(256);

export function materializePlacements(world: StreamWorld): void {
  const radius = world.options.activateRadiusMeters;
  if (radius === 0 || world.frame % EVERY_FRAMES !== 0) return;
  removeFar(world, radius * KEEP_FACTOR);
  const { values, count } = world.eyes;
  for (let at = 0; at < count * 4; at += 4) {
    nearby.count = 0;
    world.cellTree.querySphere(values[at]!, values[at + 1]!, values[at + 2]!, radius, nearby);
    for (let i = 0; i < nearby.count; i++) addNear(world, nearby.items[i]!, at, radius);
  }
}

function addNear(world: StreamWorld, cell: number, at: number, radius: number): void {
  const { cells, eyes, slots, materialized, stats, options } = world;
  if (!cells.placed[cell]) return;
  const x = eyes.values[at]!;
  const y = eyes.values[at + 1]!;
  const z = eyes.values[at + 2]!;
  if (distanceToBox(cells.boxes, cell * 6, x, y, z) > radius) return;
  const end = cells.runEnds[cells.cellRuns[cell + 1]! - 1]!;
  for (let slot = cells.runSlots[cells.cellRuns[cell]!]!; slot < end; slot++) {
    if (stats.structuralOps >= options.structuralOpsPerFrame) return;
    const dx = slots.positions[slot * 3]! - x;
    const dy = slots.positions[slot * 3 + 1]! - y;
    const dz = slots.positions[slot * 3 + 2]! - z;
    if (dx * dx + dy * dy + dz * dz > radius * radius || materialized.has(slot)) continue;
    materialize(world, slot);
  }
}

function removeFar(world: StreamWorld, radius: number): void {
  const { slots, eyes, materialized, stats, options } = world;
  for (const [slot, entity] of materialized) {
    let near = false;
    for (let at = 0; at < eyes.count * 4 && !near; at += 4) {
      const dx = slots.positions[slot * 3]! - eyes.values[at]!;
      const dy = slots.positions[slot * 3 + 1]! - eyes.values[at + 1]!;
      const dz = slots.positions[slot * 3 + 2]! - eyes.values[at + 2]!;
      near = dx * dx + dy * dy + dz * dz <= radius * radius;
    }
    if (near) continue;
    if (stats.structuralOps >= options.structuralOpsPerFrame) return;
    dematerialize(world, slot, entity);
  }
}

/** Asset row that a slot shows, or -1. */
export function assetOfSlot(world: StreamWorld, slot: number): number {
  const { cells, entities, slots } = world;
  if (slot < slots.entitySlots) return entities.assets[slot]!;
  // Runs are in slot order: the last that begins at or before the slot holds it.
  let low = 0;
  let high = cells.runCount;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (cells.runSlots[middle]! <= slot) low = middle;
    else high = middle;
  }
  const holds = low < high && cells.runSlots[low]! <= slot && slot < cells.runEnds[low]!;
  return holds ? cells.runAssets[low]! : -1;
}

/** Makes an entity stand for a placement; returns it, or 0 when the capacity is used up. */
export function materialize(world: StreamWorld, slot: number): number {
  const known = world.materialized.get(slot);
  if (known !== undefined) return known;
  const asset = assetOfSlot(world, slot);
  // A placement that has not been read yet has no scale.
  if (asset < 0 || world.slots.scales[slot] === 0) return 0;
  const { Placement, Transform } = world.set.components;
  const { positions, rotations, scales } = world.slots;
  const entity = addEntity(world.ecs);
  if (entity > world.set.capacity) {
    removeEntity(world.ecs, entity);
    return 0;
  }
  world.stats.structuralOps++;
  world.materialized.set(slot, entity);
  world.entities.placementSlots[entity] = slot;
  const epoch = ++world.entities.epochs[entity]!;
  contained(world, 'observer', () => {
    addComponents(
      world.ecs,
      entity,
      set(Placement, { slot, epoch, asset: world.assets.ids[asset]! }),
      set(Transform, {
        position: positions.subarray(slot * 3, slot * 3 + 3),
        quaternion: Array.from(rotations.subarray(slot * 4, slot * 4 + 4), (q) => q / 32767),
        scale: scales[slot]!,
      }),
    );
  });
  return entity;
}

/** Ends an entity that stands for a placement. */
export function dematerialize(world: StreamWorld, slot: number, entity: number): void {
  world.materialized.delete(slot);
  // The game may have removed the entity, and its id may be somebody else's by now.
  const ours = world.entities.placementSlots[entity] === slot;
  if (!ours) return;
  world.entities.placementSlots[entity] = -1;
  world.stats.structuralOps++;
  contained(world, 'observer', () => {
    if (entityExists(world.ecs, entity)) removeEntity(world.ecs, entity);
  });
}
