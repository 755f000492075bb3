/**
 * Which items touch some sphere. One walk however many spheres, so that no item is found
 * twice. A branch inside one of the spheres is taken without further tests; below a node, only the
 * spheres that reach it are tested. Allocates nothing once `out` is large enough.
 */
import { appendItem, type ItemList } from '../item-list.ts';
import {
  BOUNDS_STRIDE,
  DEPTH,
  LINK_STRIDE,
  NONE,
  type OctreeTables,
  OWN_END,
  SPILL_HEAD,
  START,
} from './tables.ts';
import { beginWalk, pushChildren, takeBranch, type Walk } from './walk.ts';

/** Numbers per sphere: center x, y, z and radius (meters). */
const SPHERE_STRIDE = 4;

/** Appends every item whose box touches one of the first `count` of `spheres`. */
export function querySpheres(
  t: OctreeTables,
  walk: Walk,
  spheres: Float64Array,
  count: number,
  out: ItemList,
): void {
  beginWalk(t, walk, count);
  walk.crossed.fill(1, 0, count);
  while (walk.top > 0) {
    const node = walk.stack[--walk.top]!;
    const at = node * LINK_STRIDE;
    const flags = (t.links[at + DEPTH]! + 1) * count;
    walk.visitedNodes++;
    const left = narrowSpheres(t, walk, node, flags, spheres, count);
    if (left < 0) takeBranch(t, walk, node, out);
    if (left <= 0) continue;
    const { packedBoxes, packedItems, spillBoxes, spillItems } = t;
    for (let place = t.links[at + START]!; place < t.links[at + OWN_END]!; place++)
      if (near(walk.crossed, flags, spheres, count, packedBoxes, place * 6))
        appendItem(out, packedItems[place]!);
    for (let place = t.links[at + SPILL_HEAD]!; place !== NONE; place = t.spillNext[place]!)
      if (near(walk.crossed, flags, spheres, count, spillBoxes, place * 6))
        appendItem(out, spillItems[place]!);
    pushChildren(t, walk, at);
  }
}

/** Writes which spheres reach the node; returns how many, -1 when it is inside one of them. */
function narrowSpheres(
  t: OctreeTables,
  walk: Walk,
  node: number,
  flags: number,
  spheres: Float64Array,
  count: number,
): number {
  const { crossed } = walk;
  const b = node * BOUNDS_STRIDE;
  const minX = t.bounds[b]!;
  const minY = t.bounds[b + 1]!;
  const minZ = t.bounds[b + 2]!;
  const maxX = t.bounds[b + 3]!;
  const maxY = t.bounds[b + 4]!;
  const maxZ = t.bounds[b + 5]!;
  let left = 0;
  for (let sphere = 0; sphere < count; sphere++) {
    let reaches = crossed[flags - count + sphere]!;
    if (reaches === 1) {
      const p = sphere * SPHERE_STRIDE;
      const x = spheres[p]!;
      const y = spheres[p + 1]!;
      const z = spheres[p + 2]!;
      const reach = spheres[p + 3]! * spheres[p + 3]!;
      const farX = Math.max(x - minX, maxX - x);
      const farY = Math.max(y - minY, maxY - y);
      const farZ = Math.max(z - minZ, maxZ - z);
      if (farX * farX + farY * farY + farZ * farZ <= reach) return -1;
      const dx = Math.max(0, minX - x, x - maxX);
      const dy = Math.max(0, minY - y, y - maxY);
      const dz = Math.max(0, minZ - z, z - maxZ);
      reaches = dx * dx + dy * dy + dz * dz <= reach ? 1 : 0;
      left += reaches;
    }
    crossed[flags + sphere] = reaches;
  }
  return left;
}

function near(
  crossed: Uint8Array,
  flags: number,
  spheres: Float64Array,
  count: number,
  boxes: Float32Array,
  b: number,
): boolean {
  for (let sphere = 0; sphere < count; sphere++) {
    if (crossed[flags + sphere] === 0) continue;
    const p = sphere * SPHERE_STRIDE;
    const dx = Math.max(0, Math.abs(spheres[p]! - boxes[b]!) - boxes[b + 3]!);
    const dy = Math.max(0, Math.abs(spheres[p + 1]! - boxes[b + 1]!) - boxes[b + 4]!);
    const dz = Math.max(0, Math.abs(spheres[p + 2]! - boxes[b + 2]!) - boxes[b + 5]!);
    if (dx * dx + dy * dy + dz * dz <= spheres[p + 3]! * spheres[p + 3]!) return true;
  }
  return false;
}
