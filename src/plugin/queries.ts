/** Which placements are somewhere: cells by the tree, then each placement's bounding sphere. */
import { hasComponent } from 'bitecs';
import { assert, assertNumber, describe } from '../base/assert.ts';
import { grown } from '../base/grown.ts';
import { FRUSTUM_STRIDE, rotate, writeFrustum } from '../spatial/frustum.ts';
import { createItemList, type ItemList } from '../spatial/octree.ts';
import type { StreamWorld } from '../world.ts';

/** A sphere, an axis-aligned box (meters), or the entity of a viewpoint: what it can see. */
export type PlacementShape =
  | { center: ArrayLike<number>; radius: number }
  | { min: ArrayLike<number>; max: ArrayLike<number> }
  | number;

/** Slots of placements: the first `count` of `slots`. */
export interface PlacementList {
  slots: Uint32Array;
  count: number;
}

/** How far viewpoints see here (meters): as far as culling looks. */
const FAR_METERS = 1e6;

/** Whether a sphere touches the shape that was asked about. */
type Touches = (x: number, y: number, z: number, radius: number) => boolean;

/** Called from anywhere, one call at a time. */
const nearby = createItemList(256);
const planes = new Float64Array(FRUSTUM_STRIDE);
const offset = new Float64Array(3);
const rotation = new Float64Array(4);

export function placementsIn(
  world: StreamWorld,
  shape: PlacementShape,
  out: PlacementList = { slots: new Uint32Array(256), count: 0 },
): PlacementList {
  nearby.count = 0;
  const touches = gatherCells(world, shape, nearby);
  out.count = 0;
  const { cells } = world;
  for (let i = 0; i < nearby.count; i++) {
    const cell = nearby.items[i]!;
    // A world that is being opened: these have not been read yet.
    if (!cells.placed[cell] || !cells.isUnveiled(cell)) continue;
    for (let run = cells.cellRuns[cell]!; run < cells.cellRuns[cell + 1]!; run++)
      gatherRun(world, run, touches, out);
  }
  out.slots.subarray(0, out.count).sort();
  return out;
}

/** Appends the cells that touch the shape; returns the exact test for what is in them. */
function gatherCells(world: StreamWorld, shape: PlacementShape, out: ItemList): Touches {
  if (typeof shape === 'number') return gatherSeen(world, shape, out);
  assert(
    typeof shape === 'object' && shape !== null && ('center' in shape || 'min' in shape),
    `placementsIn: expected { center, radius }, { min, max } or the entity of a viewpoint, got ${describe(shape)}`,
  );
  if ('center' in shape) {
    const [x, y, z] = checkPoint('center', shape.center);
    const { radius } = shape;
    assertNumber('placementsIn: radius', radius, 0);
    world.cellTree.querySphere(x, y, z, radius, out);
    return (px, py, pz, r) => Math.hypot(px - x, py - y, pz - z) <= radius + r;
  }
  const min = checkPoint('min', shape.min);
  const max = checkPoint('max', shape.max);
  assert(
    min.every((value, axis) => value <= max[axis]!),
    `placementsIn: min must not be above max, got min ${min.join(', ')} and max ${max.join(', ')}`,
  );
  const half = min.map((value, axis) => (max[axis]! - value) / 2) as [number, number, number];
  const center = min.map((value, axis) => value + half[axis]!) as [number, number, number];
  world.cellTree.queryBox(...center, ...half, out);
  return (x, y, z, r) => {
    const dx = Math.max(min[0] - x, 0, x - max[0]);
    const dy = Math.max(min[1] - y, 0, y - max[1]);
    const dz = Math.max(min[2] - z, 0, z - max[2]);
    return dx * dx + dy * dy + dz * dz <= r * r;
  };
}

function gatherSeen(world: StreamWorld, entity: number, out: ItemList): Touches {
  const { Viewpoint } = world.set.components;
  assert(
    hasComponent(world.ecs, entity, Viewpoint),
    `placementsIn: entity ${entity} has no Viewpoint; pass an entity from createViewpoint`,
  );
  writeFrustum(planes, 0, {
    eye: Viewpoint.eye.subarray(entity * 3, entity * 3 + 3),
    orientation: Viewpoint.orientation.subarray(entity * 4, entity * 4 + 4),
    fovYRadians: Viewpoint.fovYRadians[entity]!,
    aspect: Viewpoint.aspect[entity]!,
    farMeters: FAR_METERS,
  });
  world.cellTree.queryFrustum(planes, 0, out);
  return (x, y, z, r) => {
    for (let p = 0; p < FRUSTUM_STRIDE; p += 4)
      if (planes[p]! * x + planes[p + 1]! * y + planes[p + 2]! * z + planes[p + 3]! < -r)
        return false;
    return true;
  };
}

function checkPoint(name: string, point: ArrayLike<number>): [number, number, number] {
  const values = Array.from(point ?? []);
  assert(
    values.length === 3 && values.every((value) => Number.isFinite(value)),
    `placementsIn: ${name} must be 3 finite numbers, got ${describe(point)}`,
  );
  return values as [number, number, number];
}

function gatherRun(world: StreamWorld, run: number, touches: Touches, out: PlacementList): void {
  const { cells, slots, assets } = world;
  const sphere = cells.runAssets[run]! * 4;
  const [cx, cy, cz, radius] = assets.spheres.subarray(sphere, sphere + 4);
  for (let slot = cells.runSlots[run]!; slot < cells.runEnds[run]!; slot++) {
    const scale = slots.scales[slot]!;
    for (let i = 0; i < 4; i++) rotation[i] = slots.rotations[slot * 4 + i]! / 32767;
    rotate(rotation, 0, cx! * scale, cy! * scale, cz! * scale, offset);
    const x = slots.positions[slot * 3]! + offset[0]!;
    const y = slots.positions[slot * 3 + 1]! + offset[1]!;
    const z = slots.positions[slot * 3 + 2]! + offset[2]!;
    if (!touches(x, y, z, radius! * scale)) continue;
    if (out.count === out.slots.length) out.slots = grown(out.slots, Math.max(64, out.count * 2));
    out.slots[out.count++] = slot;
  }
}
