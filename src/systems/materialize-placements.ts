/**
 * Reads: eyes, slots, the cell tree. Writes: entities with Placement and Transform. After:
 * reflect-entities.
 *
 * Placements near a viewpoint exist as entities, so that game code can find them by query; they go
 * again a quarter of the radius farther out, or with their level. A pass over all of them begins
 * when something has changed, and goes on for as many frames as the limit of structural changes and
 * that of looks make it: first ends what is far, then makes what is near, nearest cells first.
 */
import { createItemList } from '../spatial/octree.ts';
import { distanceToBox } from '../spatial/screen-error.ts';
import type { Activation, StreamWorld } from '../world.ts';
import { dematerialize, materialize, OPS_TO_MAKE } from './placement-entity.ts';
import { endEntity, roomForOps } from './structural-ops.ts';

const KEEP_FACTOR = 1.25;
/** Passes begin this many frames apart, at least. */
const EVERY_FRAMES = 6;
/** Entities and slots looked at in one frame: about 0.1 ms. */
const LOOKS_PER_FRAME = 4096;

const nearby = createItemList(256);
let looksLeft = 0;

export function materializePlacements(world: StreamWorld): void {
  endLeaving(world);
  const { activation, options } = world;
  if (options.activateRadiusMeters === 0) return;
  if (!activation.isRunning) {
    if (world.frame % EVERY_FRAMES !== 0 || !hasChanged(world)) return;
    beginPass(world);
  }
  looksLeft = LOOKS_PER_FRAME;
  activation.isRunning = !(endFar(world) && makeNear(world));
  if (activation.isFull) activation.isRunning = false;
}

/** Ends the entities of closed worlds. */
function endLeaving(world: StreamWorld): void {
  const { leaving, set } = world;
  // Not even an iterator where there is nothing.
  if (leaving.size === 0) return;
  for (const entity of leaving) {
    if (roomForOps(world) === 0) return;
    leaving.delete(entity);
    endEntity(world, entity, set.components.Placement);
  }
}

function hasChanged({ activation, eyes, cellTree }: StreamWorld): boolean {
  if (activation.isDue || activation.isFull) return true;
  if (activation.treeVersion !== cellTree.version || activation.eyeCount !== eyes.count)
    return true;
  for (let i = 0; i < eyes.count * 4; i++) if (activation.eyes[i] !== eyes.values[i]) return true;
  return false;
}

function beginPass(world: StreamWorld): void {
  const { activation, eyes, cellTree, cells, materialized, options } = world;
  activation.isDue = false;
  activation.isFull = false;
  activation.treeVersion = cellTree.version;
  activation.eyeCount = eyes.count;
  activation.eyes.set(eyes.values);
  activation.nextEntity = materialized.count - 1;
  activation.cells.clear();
  activation.nextSlot = 0;
  const radius = options.activateRadiusMeters;
  for (let at = 0; at < eyes.count * 4; at += 4) {
    const x = eyes.values[at]!;
    const y = eyes.values[at + 1]!;
    const z = eyes.values[at + 2]!;
    nearby.count = 0;
    cellTree.querySphere(x, y, z, radius, nearby);
    for (let i = 0; i < nearby.count; i++) {
      const cell = nearby.items[i]!;
      const nearness = -distanceToBox(cells.boxes, cell * 6, x, y, z);
      if (nearness >= -radius && nearness > activation.cells.priorityOf(cell))
        activation.cells.set(cell, nearness);
    }
  }
}

/** Returns true when nothing that stands for a placement is too far, or not loaded any more. */
function endFar(world: StreamWorld): boolean {
  const { activation, materialized, cellTree, slots, options } = world;
  const radius = options.activateRadiusMeters * KEEP_FACTOR;
  // The last takes the place of what goes: from the end on, those not looked at stay where they are.
  while (activation.nextEntity >= 0) {
    if (roomForOps(world) === 0 || looksLeft-- <= 0) return false;
    const entity = materialized.entities[activation.nextEntity--]!;
    if (activation.nextEntity + 1 >= materialized.count) continue;
    const cell = materialized.cells[entity]!;
    const isLoaded = cellTree.has(cell) && world.cells.isUnveiled(cell);
    if (isLoaded && isNear(world, slots.positions, materialized.slots[entity]! * 3, radius))
      continue;
    dematerialize(world, entity);
  }
  return true;
}

/** Returns true when everything near has its entity. */
function makeNear(world: StreamWorld): boolean {
  const { activation } = world;
  for (let cell = activation.cells.peek(); cell >= 0; cell = activation.cells.peek()) {
    if (!makeCell(world, activation, cell)) return false;
    activation.cells.delete(cell);
    activation.nextSlot = 0;
  }
  return true;
}

/** Returns true when the cell has been looked through, or is gone. */
function makeCell(world: StreamWorld, activation: Activation, cell: number): boolean {
  const { cellTree, cells, slots, materialized, options } = world;
  if (!cellTree.has(cell) || !cells.isUnveiled(cell)) return true;
  if (!cells.placed[cell]) {
    // Of a world that is being opened: not read yet.
    activation.isDue = true;
    return true;
  }
  if (cells.cellRuns[cell] === cells.cellRuns[cell + 1]) return true;
  const radius = options.activateRadiusMeters;
  const first = cells.runSlots[cells.cellRuns[cell]!]!;
  const end = cells.runEnds[cells.cellRuns[cell + 1]! - 1]!;
  const { version } = cellTree;
  for (let slot = first + activation.nextSlot; slot < end; slot++, activation.nextSlot++) {
    if (looksLeft-- <= 0) return false;
    if (!isNear(world, slots.positions, slot * 3, radius)) continue;
    if (materialized.entityAt(slot) !== 0) continue;
    if (roomForOps(world) < OPS_TO_MAKE) return false;
    materialize(world, slot);
    if (activation.isFull) return false;
    // An observer closed a world, or changed a level: the cell may be another, or none.
    if (cellTree.version !== version) return true;
  }
  return true;
}

function isNear(
  { eyes }: StreamWorld,
  positions: Float32Array,
  at: number,
  radius: number,
): boolean {
  for (let eye = 0; eye < eyes.count * 4; eye += 4) {
    const dx = positions[at]! - eyes.values[eye]!;
    const dy = positions[at + 1]! - eyes.values[eye + 1]!;
    const dz = positions[at + 2]! - eyes.values[eye + 2]!;
    if (dx * dx + dy * dy + dz * dz <= radius * radius) return true;
  }
  return false;
}
