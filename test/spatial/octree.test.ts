/** The loose octree against brute force, under random churn. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { classifyBox, Side, writeFrustum } from '../../src/spatial/frustum.ts';
import { createItemList, LooseOctree } from '../../src/spatial/octree.ts';

type Box = [number, number, number, number, number, number];

const seed = fc.integer({ min: 1, max: 1e9 });

/** Boxes of every size from a pebble to half the world, some outside the root. */
function randomBox(random: () => number): Box {
  const at = (): number => (random() - 0.5) * 260;
  const half = (): number => 0.1 + random() ** 4 * 60;
  return [at(), at(), at(), half(), half(), half()];
}

function churn(from: number, steps: number) {
  const random = createRandom(from);
  const tree = new LooseOctree(8, { center: [0, 0, 0], halfSize: 100, maxDepth: 6 });
  const boxes = new Map<number, Box>();
  for (let step = 0; step < steps; step++) {
    const item = Math.floor(random() * 120);
    if (random() < 0.25) {
      expect(tree.delete(item)).toBe(boxes.delete(item));
      continue;
    }
    const box = boxes.get(item);
    const moved: Box =
      box && random() < 0.5
        ? [box[0] + random() - 0.5, box[1], box[2] + random() - 0.5, box[3], box[4], box[5]]
        : randomBox(random);
    tree.set(item, ...moved);
    boxes.set(item, moved);
  }
  return { tree, boxes, random };
}

/** Boxes are stored as 32-bit floats: compare with what is stored. */
function stored(box: Box): Box {
  return box.map(Math.fround) as Box;
}

describe('LooseOctree', () => {
  it('finds in a sphere exactly what brute force finds', () => {
    fc.assert(
      fc.property(seed, (from) => {
        const { tree, boxes, random } = churn(from, 300);
        expect(tree.size).toBe(boxes.size);
        const [x, y, z] = randomBox(random);
        const radius = random() * 80;
        const found = createItemList(4);
        tree.querySphere(x, y, z, radius, found);
        const expected = [...boxes]
          .filter(([, box]) => {
            const [cx, cy, cz, hx, hy, hz] = stored(box);
            const dx = Math.max(0, Math.abs(x - cx) - hx);
            const dy = Math.max(0, Math.abs(y - cy) - hy);
            const dz = Math.max(0, Math.abs(z - cz) - hz);
            return dx * dx + dy * dy + dz * dz <= radius * radius;
          })
          .map(([item]) => item);
        expect([...found.items.subarray(0, found.count)].sort()).toEqual(expected.sort());
      }),
      { numRuns: 60 },
    );
  });

  it('finds in a frustum everything that brute force finds, and nothing outside all planes', () => {
    fc.assert(
      fc.property(seed, (from) => {
        const { tree, boxes, random } = churn(from, 300);
        const planes = new Float64Array(24);
        const yaw = random() * 6.28;
        writeFrustum(planes, 0, {
          eye: [(random() - 0.5) * 100, 0, (random() - 0.5) * 100],
          orientation: [0, Math.sin(yaw / 2), 0, Math.cos(yaw / 2)],
          fovYRadians: 0.3 + random(),
          aspect: 1 + random(),
          farMeters: 50 + random() * 100,
        });
        const found = createItemList(4);
        tree.queryFrustum(planes, 0, found);
        const expected = [...boxes]
          .filter(([, box]) => classifyBox(planes, 0, ...stored(box)) !== Side.Outside)
          .map(([item]) => item);
        expect([...found.items.subarray(0, found.count)].sort()).toEqual(expected.sort());
      }),
      { numRuns: 60 },
    );
  });

  it('looks at few nodes for a small query in a large world', () => {
    const random = createRandom(3);
    const tree = new LooseOctree(0, { center: [0, 0, 0], halfSize: 8192, maxDepth: 10 });
    for (let item = 0; item < 20_000; item++)
      tree.set(item, (random() - 0.5) * 16_000, 0, (random() - 0.5) * 16_000, 10, 10, 10);
    const found = createItemList();
    tree.querySphere(0, 0, 0, 50, found);
    expect(tree.visitedNodes).toBeLessThan(tree.nodeCount / 20);
  });

  it('refuses a root without size', () => {
    expect(() => new LooseOctree(1, { center: [0, 0, 0], halfSize: 0 })).toThrow(/halfSize/);
  });
});
