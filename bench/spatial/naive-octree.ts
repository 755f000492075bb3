/**
 * A loose octree as one writes it first: an object per node and per item, arrays of items,
 * recursion. Items lie at the depth of their size, in the octant of their center.
 */
import { classifyBox, Side } from '../../src/spatial/frustum.ts';
import { appendItem, type ItemList } from '../../src/spatial/octree.ts';
import type { SpatialSubject } from './subject.ts';

interface Item {
  id: number;
  x: number;
  y: number;
  z: number;
  hx: number;
  hy: number;
  hz: number;
  node: OctreeNode;
  /** Place in the node's list. */
  at: number;
}

interface OctreeNode {
  x: number;
  y: number;
  z: number;
  half: number;
  parent: OctreeNode | null;
  children: (OctreeNode | null)[];
  items: Item[];
  /** Items here and below. */
  total: number;
}

const HALF_SIZE = 16_384;
const MAX_DEPTH = 9;

function makeNode(
  parent: OctreeNode | null,
  x: number,
  y: number,
  z: number,
  half: number,
): OctreeNode {
  return { x, y, z, half, parent, children: new Array(8).fill(null), items: [], total: 0 };
}

function nodeFor(root: OctreeNode, item: Item): OctreeNode {
  let node = root;
  const extent = Math.max(item.hx, item.hy, item.hz);
  for (let depth = 0; depth < MAX_DEPTH && extent <= node.half / 2; depth++) {
    const octant =
      (item.x >= node.x ? 1 : 0) + (item.y >= node.y ? 2 : 0) + (item.z >= node.z ? 4 : 0);
    const half = node.half / 2;
    node.children[octant] ??= makeNode(
      node,
      node.x + (octant & 1 ? half : -half),
      node.y + (octant & 2 ? half : -half),
      node.z + (octant & 4 ? half : -half),
      half,
    );
    node = node.children[octant];
  }
  return node;
}

function link(node: OctreeNode, item: Item): void {
  item.node = node;
  item.at = node.items.length;
  node.items.push(item);
  for (let up: OctreeNode | null = node; up; up = up.parent) up.total++;
}

function unlink(item: Item): void {
  const { items } = item.node;
  const last = items.pop()!;
  if (last !== item) {
    items[item.at] = last;
    last.at = item.at;
  }
  for (let up: OctreeNode | null = item.node; up; up = up.parent) up.total--;
}

function sphere(
  node: OctreeNode,
  x: number,
  y: number,
  z: number,
  radius: number,
  out: ItemList,
): void {
  const loose = node.half * 2;
  const nx = Math.max(0, Math.abs(x - node.x) - loose);
  const ny = Math.max(0, Math.abs(y - node.y) - loose);
  const nz = Math.max(0, Math.abs(z - node.z) - loose);
  if (nx * nx + ny * ny + nz * nz > radius * radius) return;
  for (const item of node.items) {
    const dx = Math.max(0, Math.abs(x - item.x) - item.hx);
    const dy = Math.max(0, Math.abs(y - item.y) - item.hy);
    const dz = Math.max(0, Math.abs(z - item.z) - item.hz);
    if (dx * dx + dy * dy + dz * dz <= radius * radius) appendItem(out, item.id);
  }
  for (const child of node.children)
    if (child && child.total > 0) sphere(child, x, y, z, radius, out);
}

function frustum(
  node: OctreeNode,
  parentSide: Side,
  planes: Float64Array,
  offset: number,
  out: ItemList,
): void {
  const loose = node.half * 2;
  const side: Side =
    parentSide === Side.Inside
      ? Side.Inside
      : classifyBox(planes, offset, node.x, node.y, node.z, loose, loose, loose);
  if (side === Side.Outside) return;
  for (const { id, x, y, z, hx, hy, hz } of node.items)
    if (side === Side.Inside || classifyBox(planes, offset, x, y, z, hx, hy, hz) !== Side.Outside)
      appendItem(out, id);
  for (const child of node.children)
    if (child && child.total > 0) frustum(child, side, planes, offset, out);
}

export function createNaiveOctree(): SpatialSubject {
  let root = makeNode(null, 0, 0, 0, HALF_SIZE);
  let items: Item[] = [];
  return {
    name: 'object octree',
    insertAll(boxes, count) {
      root = makeNode(null, 0, 0, 0, HALF_SIZE);
      items = [];
      for (let id = 0; id < count; id++) {
        const [x, y, z, hx, hy, hz] = boxes.subarray(id * 6, id * 6 + 6) as unknown as number[];
        const item: Item = {
          id,
          x: x!,
          y: y!,
          z: z!,
          hx: hx!,
          hy: hy!,
          hz: hz!,
          node: root,
          at: 0,
        };
        link(nodeFor(root, item), item);
        items.push(item);
      }
    },
    move(id, boxes) {
      const item = items[id]!;
      item.x = boxes[id * 6]!;
      item.y = boxes[id * 6 + 1]!;
      item.z = boxes[id * 6 + 2]!;
      const { node } = item;
      const isInside =
        Math.abs(item.x - node.x) <= node.half &&
        Math.abs(item.y - node.y) <= node.half &&
        Math.abs(item.z - node.z) <= node.half;
      if (isInside) return;
      unlink(item);
      link(nodeFor(root, item), item);
    },
    sphere: (x, y, z, radius, out) => sphere(root, x, y, z, radius, out),
    frustum: (planes, offset, _footprints, _footprint, out) =>
      frustum(root, Side.Intersects, planes, offset, out),
    bytes: () => null,
  };
}
