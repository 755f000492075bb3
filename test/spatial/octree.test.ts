/**
 * The loose octree against brute force, under random churn: items inserted, nudged, thrown across
 * the world, stacked on one spot and deleted, slices of the repacking job at any moment between.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../src/base/random.ts';
import { classifyBox, FRUSTUM_STRIDE, Side, writeFrustum } from '../../src/spatial/frustum.ts';
import { createItemList, type ItemList, LooseOctree } from '../../src/spatial/octree.ts';

type Box = [number, number, number, number, number, number];

interface Churned {
  tree: LooseOctree;
  boxes: Map<number, Box>;
  random: Random;
  /** Edge of the root cube; some items lie outside of it. */
  edge: number;
}

/** Boxes of every size from a pebble to half the world, some outside the root. */
function randomBox(random: Random, edge: number): Box {
  const at = (): number => (random() - 0.5) * edge * 1.3;
  const half = (): number => edge * (0.0005 + random() ** 4 * 0.3);
  return [at(), at(), at(), half(), half(), half()];
}

/** Boxes are stored as 32-bit floats: compare with what is stored. */
function stored(box: Box): Box {
  return box.map(Math.fround) as Box;
}

function changed(random: Random, edge: number, old: Box | undefined, others: Box[]): Box {
  const kind = random();
  if (old && kind < 0.5) {
    const nudge = (): number => (random() - 0.5) * edge * 0.01;
    return [old[0] + nudge(), old[1] + nudge(), old[2] + nudge(), old[3], old[4], old[5]];
  }
  // Many on one spot: a leaf that no split can thin out.
  if (kind < 0.65 && others.length > 0) return [...others[0]!];
  if (kind < 0.7) return [0, 0, 0, edge * 4, 1, edge];
  return randomBox(random, edge);
}

function churn(from: number, steps: number): Churned {
  const random = createRandom(from);
  const edge = [200, 16_384, 2e6][from % 3]!;
  const maxDepth = Math.floor(random() * 10);
  const tree = new LooseOctree(8, { center: [0, 0, 0], halfSize: edge / 2, maxDepth });
  const boxes = new Map<number, Box>();
  // Some runs mostly grow, some mostly shrink, some never finish a pass.
  const deletes = random() * 0.6;
  const budget = 1 + Math.floor(random() ** 2 * 200);
  const repacks = random();
  for (let step = 0; step < steps; step++) {
    const item = Math.floor(random() * 250);
    if (random() < deletes) {
      expect(tree.delete(item)).toBe(boxes.delete(item));
    } else {
      const box = stored(changed(random, edge, boxes.get(item), [...boxes.values()]));
      tree.set(item, ...box);
      boxes.set(item, box);
    }
    if (random() < repacks) tree.repack(budget);
  }
  return { tree, boxes, random, edge };
}

/** What differs between what was found and what should have been: nothing, if all is well. */
function difference(found: ItemList, boxes: Map<number, Box>, keep: (box: Box) => boolean) {
  const expected = [...boxes].filter(([, box]) => keep(box)).map(([item]) => item);
  const items = [...found.items.subarray(0, found.count)];
  const set = new Set(items);
  return {
    missing: expected.filter((item) => !set.has(item)),
    wrong: items.filter((item) => !expected.includes(item)),
    twice: items.length - set.size,
  };
}

const NONE = { missing: [], wrong: [], twice: 0 };

function isNear(box: Box, x: number, y: number, z: number, radius: number): boolean {
  const dx = Math.max(0, Math.abs(x - box[0]) - box[3]);
  const dy = Math.max(0, Math.abs(y - box[1]) - box[4]);
  const dz = Math.max(0, Math.abs(z - box[2]) - box[5]);
  return dx * dx + dy * dy + dz * dz <= radius * radius;
}

function randomFrusta(random: Random, edge: number, count: number): Float64Array {
  const planes = new Float64Array(count * FRUSTUM_STRIDE);
  for (let i = 0; i < count; i++) {
    const yaw = random() * 6.28;
    const at = (): number => (random() - 0.5) * edge;
    writeFrustum(planes, i * FRUSTUM_STRIDE, {
      eye: [at(), at() / 2, at()],
      orientation: [0, Math.sin(yaw / 2), 0, Math.cos(yaw / 2)],
      fovYRadians: 0.3 + random() * 1.5,
      aspect: 1 + random(),
      farMeters: edge * (0.1 + random()),
    });
  }
  return planes;
}

/** Asks the tree everything once and compares. */
function checkQueries({ tree, boxes, random, edge }: Churned): void {
  expect(tree.size).toBe(boxes.size);
  const found = createItemList(4);
  const ask = (query: () => void, keep: (box: Box) => boolean): void => {
    found.count = 0;
    query();
    expect(difference(found, boxes, keep)).toEqual(NONE);
  };
  const [x, y, z, ...half] = randomBox(random, edge);
  const radius = random() ** 2 * edge * 1.5;
  ask(
    () => tree.querySphere(x, y, z, radius, found),
    (box) => isNear(box, x, y, z, radius),
  );
  const count = Math.floor(random() * 40);
  const spheres = new Float64Array(count * 4).map((_, i) =>
    i % 4 === 3 ? random() * radius : (random() - 0.5) * edge,
  );
  ask(
    () => tree.querySpheres(spheres, count, found),
    (box) =>
      Array.from({ length: count }, (_, i) => i * 4).some((p) =>
        isNear(box, spheres[p]!, spheres[p + 1]!, spheres[p + 2]!, spheres[p + 3]!),
      ),
  );
  ask(
    () => tree.queryBox(x, y, z, ...(half as [number, number, number]), found),
    (box) => [0, 1, 2].every((i) => Math.abs(box[i]! - [x, y, z][i]!) <= box[i + 3]! + half[i]!),
  );
  const viewpoints = 1 + Math.floor(random() * 20);
  const planes = randomFrusta(random, edge, viewpoints);
  const inFrustum = (box: Box, i: number): boolean =>
    classifyBox(planes, i * FRUSTUM_STRIDE, ...box) !== Side.Outside;
  const last = viewpoints - 1;
  ask(
    () => tree.queryFrustum(planes, last * FRUSTUM_STRIDE, found),
    (box) => inFrustum(box, last),
  );
  ask(
    () => tree.queryFrusta(planes, viewpoints, found),
    (box) => Array.from({ length: viewpoints }, (_, i) => i).some((i) => inFrustum(box, i)),
  );
  const known = Array.from({ length: 260 }, (_, item) => item).filter((item) => tree.has(item));
  expect(known).toEqual([...boxes.keys()].sort((a, b) => a - b));
}

/** A tree of small boxes on a plain. */
function plain(items: number): LooseOctree {
  const random = createRandom(3);
  const tree = new LooseOctree(0, { center: [0, 0, 0], halfSize: 8192, maxDepth: 10 });
  for (let item = 0; item < items; item++)
    tree.set(item, (random() - 0.5) * 16_000, 0, (random() - 0.5) * 16_000, 10, 10, 10);
  return tree;
}

/** Repacks to the end; returns how many slices that took. */
function finish(tree: LooseOctree, budget: number): number {
  let slices = 1;
  while (tree.repack(budget)) slices++;
  return slices;
}

describe('LooseOctree', () => {
  it('finds exactly what brute force finds, once, whatever happened before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (from) => {
        const churned = churn(from, 100 + (from % 7) * 150);
        checkQueries(churned);
        finish(churned.tree, 1000);
        checkQueries(churned);
      }),
      { numRuns: 120 },
    );
  });

  it('is compared by a check that notices an item missing, one too many and one found twice', () => {
    const { tree, boxes } = churn(2, 400);
    const found = createItemList();
    tree.querySphere(0, 0, 0, 1e9, found);
    const all = (): boolean => true;
    expect(difference(found, boxes, all)).toEqual(NONE);
    const gone = found.items[--found.count]!;
    expect(difference(found, boxes, all)).toEqual({ ...NONE, missing: [gone] });
    found.items[found.count++] = 999;
    expect(difference(found, boxes, all)).toEqual({ ...NONE, missing: [gone], wrong: [999] });
    found.items[found.count - 1] = found.items[0]!;
    expect(difference(found, boxes, all)).toEqual({ ...NONE, missing: [gone], twice: 1 });
  });

  it('looks at few nodes for a small query in a large world', () => {
    const tree = plain(20_000);
    const found = createItemList();
    tree.querySphere(0, 0, 0, 50, found);
    expect(tree.visitedNodes).toBeLessThan(tree.nodeCount / 20);
  });

  it('takes whole branches as one stretch once it is packed, and after later changes elsewhere', () => {
    const tree = plain(20_000);
    const found = createItemList();
    const visited = (): number => {
      found.count = 0;
      tree.querySphere(0, 0, 0, 1e6, found);
      expect(found.count).toBe(tree.size);
      return tree.visitedNodes;
    };
    expect(visited()).toBeGreaterThan(1000);
    finish(tree, 1000);
    // The root and its children, each a stretch.
    expect(visited()).toBeLessThanOrEqual(9);
    tree.set(5, 100, 0, 100, 10, 10, 10);
    tree.delete(6);
    expect(visited()).toBeLessThan(100);
  });

  it('repacks in slices, and only when enough is out of place', () => {
    const tree = plain(20_000);
    expect(finish(tree, 500)).toBeGreaterThanOrEqual(40);
    expect(tree.repack(500)).toBe(false);
    for (let item = 0; item < 2000; item++) tree.delete(item);
    expect(tree.repack(500)).toBe(false);
    for (let item = 2000; item < 3000; item++) tree.delete(item);
    expect(tree.repack(500)).toBe(true);
  });

  it('gives up branches that became empty', () => {
    const tree = plain(20_000);
    const full = tree.nodeCount;
    for (let item = 10; item < 20_000; item++) tree.delete(item);
    const found = createItemList();
    tree.querySphere(0, 0, 0, 1e6, found);
    expect(found.count).toBe(10);
    expect(tree.visitedNodes).toBeLessThan(full / 10);
    finish(tree, 1000);
    expect(tree.nodeCount).toBeLessThan(50);
    expect(tree.repack(1000)).toBe(false);
  });

  it('reuses its rows: endless churn does not make it larger', () => {
    const tree = plain(5000);
    const random = createRandom(8);
    let bytes = 0;
    for (let frame = 0; frame < 600; frame++) {
      for (let i = 0; i < 60; i++) {
        const at = (): number => (random() - 0.5) * 16_000;
        tree.set(Math.floor(random() * 5000), at(), 0, at(), 10, 10, 10);
      }
      tree.repack(300);
      if (frame === 200) bytes = tree.byteLength;
    }
    expect(tree.byteLength).toBe(bytes);
    expect(bytes / tree.size).toBeLessThan(300);
  });

  it('keeps no more levels than it may', () => {
    const tree = new LooseOctree(0, { center: [0, 0, 0], halfSize: 1000, maxDepth: 3 });
    for (let item = 0; item < 500; item++) tree.set(item, 1, 1, 1, 0.1, 0.1, 0.1);
    expect(tree.nodeCount).toBe(4);
  });

  it('takes an item out whose box is not finite', () => {
    const tree = plain(100);
    tree.set(7, Number.NaN, 0, 0, 1, 1, 1);
    tree.set(8, 0, 0, 0, 1, Number.POSITIVE_INFINITY, 1);
    tree.set(9, 1e39, 0, 0, 1, 1, 1);
    tree.set(100, 0, Number.NEGATIVE_INFINITY, 0, 1, 1, 1);
    const found = createItemList();
    tree.querySphere(0, 0, 0, 1e6, found);
    expect(found.count).toBe(97);
    expect([7, 8, 9, 100].filter((item) => tree.has(item))).toEqual([]);
  });

  it('refuses a root without size and a depth that is none', () => {
    expect(() => new LooseOctree(1, { center: [0, 0, 0], halfSize: 0 })).toThrow(/halfSize/);
    const deep = { center: [0, 0, 0], halfSize: 1, maxDepth: 25 } as const;
    expect(() => new LooseOctree(1, deep)).toThrow(/maxDepth.*0 to 24, got 25/);
  });
});
