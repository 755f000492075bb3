/** What is compared: an index over boxes that answers the same questions with the same sets. */
import { classifyBox, Side } from '../../src/spatial/frustum.ts';
import type { ItemList } from '../../src/spatial/octree.ts';

export interface SpatialSubject {
  readonly name: string;
  /** Indexes all boxes: center and half extents, six numbers each. The array is the caller's. */
  insertAll(boxes: Float32Array, count: number): void;
  /** Moves an item to the box it has now in `boxes`; absent where only building anew helps. */
  move?(item: number, boxes: Float32Array): void;
  /** Work that is put off, in slices; returns whether there is more. */
  tidy?(): boolean;
  /** Appends the items whose box comes within `radius` of the point. */
  sphere(x: number, y: number, z: number, radius: number, out: ItemList): void;
  /** Appends the items whose box touches the frustum; `footprint` is its extent on the ground. */
  frustum(
    planes: Float64Array,
    offset: number,
    footprints: Float64Array,
    footprint: number,
    out: ItemList,
  ): void;
  /** Bytes of its typed arrays; null where it is made of objects, which the heap tells. */
  bytes(): number | null;
}

export function boxIsNear(
  boxes: Float32Array,
  b: number,
  x: number,
  y: number,
  z: number,
  radius: number,
): boolean {
  const dx = Math.max(0, Math.abs(x - boxes[b]!) - boxes[b + 3]!);
  const dy = Math.max(0, Math.abs(y - boxes[b + 1]!) - boxes[b + 4]!);
  const dz = Math.max(0, Math.abs(z - boxes[b + 2]!) - boxes[b + 5]!);
  return dx * dx + dy * dy + dz * dz <= radius * radius;
}

export function boxIsInView(
  boxes: Float32Array,
  b: number,
  planes: Float64Array,
  offset: number,
): boolean {
  const side = classifyBox(
    planes,
    offset,
    boxes[b]!,
    boxes[b + 1]!,
    boxes[b + 2]!,
    boxes[b + 3]!,
    boxes[b + 4]!,
    boxes[b + 5]!,
  );
  return side !== Side.Outside;
}
