/** Every box is tested, one after the other: the truth, and the floor for small numbers. */
import { appendItem } from '../../src/spatial/octree.ts';
import { boxIsInView, boxIsNear, type SpatialSubject } from './subject.ts';

export function createBruteForce(): SpatialSubject {
  let own = new Float32Array(0);
  return {
    name: 'brute force',
    insertAll(boxes, count) {
      own = boxes.slice(0, count * 6);
    },
    move(item, boxes) {
      for (let i = item * 6; i < item * 6 + 6; i++) own[i] = boxes[i]!;
    },
    sphere(x, y, z, radius, out) {
      for (let b = 0; b < own.length; b += 6)
        if (boxIsNear(own, b, x, y, z, radius)) appendItem(out, b / 6);
    },
    frustum(planes, offset, _footprints, _footprint, out) {
      for (let b = 0; b < own.length; b += 6)
        if (boxIsInView(own, b, planes, offset)) appendItem(out, b / 6);
    },
    bytes: () => own.byteLength,
  };
}
