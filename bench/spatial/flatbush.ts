/**
 * flatbush: a static, packed R-tree of rectangles. Asked for the rectangle around the shape on the
 * ground, with the exact test as its filter, so that it answers the same questions.
 */
import Flatbush from 'flatbush';
import { appendItem } from '../../src/spatial/octree.ts';
import { boxIsInView, boxIsNear, type SpatialSubject } from './subject.ts';

export function createFlatbush(): SpatialSubject {
  let index = new Flatbush(1);
  let own = new Float32Array(0);
  return {
    name: 'flatbush',
    insertAll(boxes, count) {
      own = boxes.slice(0, count * 6);
      index = new Flatbush(count, 16, Float32Array);
      for (let b = 0; b < own.length; b += 6) {
        const [x, z, hx, hz] = [own[b]!, own[b + 2]!, own[b + 3]!, own[b + 5]!];
        index.add(x - hx, z - hz, x + hx, z + hz);
      }
      index.finish();
    },
    sphere(x, y, z, radius, out) {
      const isHit = (item: number): boolean => boxIsNear(own, item * 6, x, y, z, radius);
      const hits = index.search(x - radius, z - radius, x + radius, z + radius, isHit);
      for (const item of hits) appendItem(out, item);
    },
    frustum(planes, offset, footprints, f, out) {
      const isHit = (item: number): boolean => boxIsInView(own, item * 6, planes, offset);
      const hits = index.search(
        footprints[f]!,
        footprints[f + 1]!,
        footprints[f + 2]!,
        footprints[f + 3]!,
        isHit,
      );
      for (const item of hits) appendItem(out, item);
    },
    bytes: () => index.data.byteLength + own.byteLength,
  };
}
