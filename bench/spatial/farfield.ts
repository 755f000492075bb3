/** Our octree, repacked in slices as the frame does it. */
import { LooseOctree } from '../../src/spatial/octree.ts';
import type { SpatialSubject } from './subject.ts';

const SLICE = 1024;

export function createOctree(): SpatialSubject {
  let tree = new LooseOctree(0, { center: [0, 0, 0], halfSize: 65_536, maxDepth: 11 });
  const set = (item: number, boxes: Float32Array): void => {
    const b = item * 6;
    tree.set(
      item,
      boxes[b]!,
      boxes[b + 1]!,
      boxes[b + 2]!,
      boxes[b + 3]!,
      boxes[b + 4]!,
      boxes[b + 5]!,
    );
  };
  return {
    name: 'farfield',
    insertAll(boxes, count) {
      tree = new LooseOctree(0, { center: [0, 0, 0], halfSize: 65_536, maxDepth: 11 });
      for (let item = 0; item < count; item++) set(item, boxes);
    },
    move: set,
    tidy: () => tree.repack(SLICE),
    sphere: (x, y, z, radius, out) => tree.querySphere(x, y, z, radius, out),
    frustum: (planes, offset, _footprints, _footprint, out) =>
      tree.queryFrustum(planes, offset, out),
    bytes: () => tree.byteLength,
  };
}
