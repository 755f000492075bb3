/**
 * A dynamic loose octree in typed arrays: no object per node or item. An item lives in the one node
 * whose cube holds its center at the depth where the cube is about its own size; node bounds are
 * twice the cube ("loose"), so small moves stay inside a node.
 *
 * Items are integers the caller chooses (cells, entities) with a box each. Memory: 36 bytes an item
 * slot, 48 bytes a node.
 *
 * Based on: Ulrich. Loose octrees. Game Programming Gems 1. 2000.
 */
import { assert } from '../base/assert.ts';
import { grown } from '../base/grown.ts';
import { classifyBox, Side } from './frustum.ts';

const NONE = -1;

/** How deep the tree goes and where. Items outside the root cube are kept at the root. */
export interface OctreeOptions {
  center: readonly [number, number, number];
  /** Half the edge of the root cube (meters). */
  halfSize: number;
  /** Levels below the root; 7 keeps ~8 items a leaf in a million (measured: 6-7 beat 8). */
  maxDepth?: number;
}

/** A growing list of items that queries append to. */
export interface ItemList {
  items: Uint32Array;
  count: number;
}

export function createItemList(capacity: number = 1024): ItemList {
  return { items: new Uint32Array(capacity), count: 0 };
}

/** Adds an item at the end; grows, never shrinks. */
export function appendItem(list: ItemList, item: number): void {
  if (list.count === list.items.length) {
    list.items = grown(list.items, list.items.length * 2);
  }
  list.items[list.count++] = item;
}

/** Exchanges what two lists hold, without copying. */
export function swapItems(a: ItemList, b: ItemList): void {
  const { items, count } = a;
  a.items = b.items;
  a.count = b.count;
  b.items = items;
  b.count = count;
}

export class LooseOctree {
  readonly #center: readonly [number, number, number];
  readonly #halfSize: number;
  readonly #maxDepth: number;
  #nodeCount = 1;
  #nodeCenters = new Float64Array(3 * 64);
  #nodeHalves = new Float64Array(64);
  #nodeChildren = new Int32Array(8 * 64).fill(NONE);
  #nodeParents = new Int32Array(64).fill(NONE);
  #nodeHeads = new Int32Array(64).fill(NONE);
  /** Items in the node and below it: empty branches cost one look. */
  #nodeItems = new Int32Array(64);
  #itemNodes: Int32Array;
  #itemNext: Int32Array;
  #itemPrevious: Int32Array;
  #itemBoxes: Float32Array;
  #stack = new Int32Array(1024);
  #stackSides = new Uint8Array(1024);
  /** Nodes looked at by the last query. */
  visitedNodes = 0;

  constructor(itemCapacity: number, options: OctreeOptions) {
    assert(options.halfSize > 0, `octree halfSize must be > 0, got ${options.halfSize}`);
    this.#center = options.center;
    this.#halfSize = options.halfSize;
    this.#maxDepth = options.maxDepth ?? 7;
    this.#nodeCenters.set(options.center);
    this.#nodeHalves[0] = options.halfSize;
    this.#itemNodes = new Int32Array(itemCapacity).fill(NONE);
    this.#itemNext = new Int32Array(itemCapacity);
    this.#itemPrevious = new Int32Array(itemCapacity);
    this.#itemBoxes = new Float32Array(itemCapacity * 6);
  }

  get nodeCount(): number {
    return this.#nodeCount;
  }

  /** Items in the tree. */
  get size(): number {
    return this.#nodeItems[0]!;
  }

  get byteLength(): number {
    return this.#itemNodes.length * 36 + this.#nodeHalves.length * 72;
  }

  has(item: number): boolean {
    return item < this.#itemNodes.length && this.#itemNodes[item] !== NONE;
  }

  /** Inserts the item, or moves it: center and half extents (meters). */
  set(item: number, cx: number, cy: number, cz: number, hx: number, hy: number, hz: number): void {
    if (item >= this.#itemNodes.length) this.#growItems(item + 1);
    const box = item * 6;
    this.#itemBoxes[box] = cx;
    this.#itemBoxes[box + 1] = cy;
    this.#itemBoxes[box + 2] = cz;
    this.#itemBoxes[box + 3] = hx;
    this.#itemBoxes[box + 4] = hy;
    this.#itemBoxes[box + 5] = hz;
    const extent = Math.max(hx, hy, hz);
    const old = this.#itemNodes[item]!;
    if (old !== NONE) {
      if (this.#fits(old, cx, cy, cz, extent)) return;
      this.#unlink(item, old);
    }
    this.#link(item, this.#nodeFor(cx, cy, cz, extent));
  }

  delete(item: number): boolean {
    if (!this.has(item)) return false;
    this.#unlink(item, this.#itemNodes[item]!);
    this.#itemNodes[item] = NONE;
    return true;
  }

  /** Appends every item whose box touches the frustum at `offset` of `planes`. */
  queryFrustum(planes: Float64Array, offset: number, out: ItemList): void {
    let top = this.#begin();
    while (top > 0) {
      const node = this.#stack[--top]!;
      let side: Side = this.#stackSides[top] as Side;
      this.visitedNodes++;
      if (side !== Side.Inside && node !== 0) {
        const at = node * 3;
        const loose = this.#nodeHalves[node]! * 2;
        const c = this.#nodeCenters;
        side = classifyBox(planes, offset, c[at]!, c[at + 1]!, c[at + 2]!, loose, loose, loose);
        if (side === Side.Outside) continue;
      }
      const boxes = this.#itemBoxes;
      for (let item = this.#nodeHeads[node]!; item !== NONE; item = this.#itemNext[item]!) {
        const b = item * 6;
        if (
          side === Side.Inside ||
          classifyBox(
            planes,
            offset,
            boxes[b]!,
            boxes[b + 1]!,
            boxes[b + 2]!,
            boxes[b + 3]!,
            boxes[b + 4]!,
            boxes[b + 5]!,
          ) !== Side.Outside
        )
          appendItem(out, item);
      }
      top = this.#pushChildren(node, top, side);
    }
  }

  /** Appends every item whose box comes within `radius` of the point. */
  querySphere(x: number, y: number, z: number, radius: number, out: ItemList): void {
    let top = this.#begin();
    const reach = radius * radius;
    while (top > 0) {
      const node = this.#stack[--top]!;
      this.visitedNodes++;
      if (node !== 0) {
        const at = node * 3;
        const loose = this.#nodeHalves[node]! * 2;
        const dx = Math.max(0, Math.abs(x - this.#nodeCenters[at]!) - loose);
        const dy = Math.max(0, Math.abs(y - this.#nodeCenters[at + 1]!) - loose);
        const dz = Math.max(0, Math.abs(z - this.#nodeCenters[at + 2]!) - loose);
        if (dx * dx + dy * dy + dz * dz > reach) continue;
      }
      const boxes = this.#itemBoxes;
      for (let item = this.#nodeHeads[node]!; item !== NONE; item = this.#itemNext[item]!) {
        const b = item * 6;
        const dx = Math.max(0, Math.abs(x - boxes[b]!) - boxes[b + 3]!);
        const dy = Math.max(0, Math.abs(y - boxes[b + 1]!) - boxes[b + 4]!);
        const dz = Math.max(0, Math.abs(z - boxes[b + 2]!) - boxes[b + 5]!);
        if (dx * dx + dy * dy + dz * dz <= reach) appendItem(out, item);
      }
      top = this.#pushChildren(node, top, Side.Intersects);
    }
  }

  #begin(): number {
    this.visitedNodes = 0;
    this.#stack[0] = 0;
    this.#stackSides[0] = Side.Intersects;
    return this.#nodeItems[0]! > 0 ? 1 : 0;
  }

  #pushChildren(node: number, top: number, side: Side): number {
    if (top + 8 > this.#stack.length) this.#growStack();
    let end = top;
    for (let octant = 0; octant < 8; octant++) {
      const child = this.#nodeChildren[node * 8 + octant]!;
      if (child === NONE || this.#nodeItems[child] === 0) continue;
      this.#stack[end] = child;
      this.#stackSides[end++] = side;
    }
    return end;
  }

  #fits(node: number, cx: number, cy: number, cz: number, extent: number): boolean {
    if (node === 0) return false;
    const half = this.#nodeHalves[node]!;
    // Larger than the cube would leave the loose bounds; much smaller belongs further down.
    if (extent > half || (extent < half / 4 && half > this.#leafHalf())) return false;
    const at = node * 3;
    return (
      Math.abs(cx - this.#nodeCenters[at]!) <= half &&
      Math.abs(cy - this.#nodeCenters[at + 1]!) <= half &&
      Math.abs(cz - this.#nodeCenters[at + 2]!) <= half
    );
  }

  #leafHalf(): number {
    return this.#halfSize / 2 ** this.#maxDepth;
  }

  #nodeFor(cx: number, cy: number, cz: number, extent: number): number {
    const [x, y, z] = this.#center;
    const outside = Math.max(Math.abs(cx - x), Math.abs(cy - y), Math.abs(cz - z)) > this.#halfSize;
    let node = 0;
    if (outside) return node;
    for (let depth = 0; depth < this.#maxDepth; depth++) {
      if (extent > this.#nodeHalves[node]! / 2) return node;
      node = this.#childAt(node, cx, cy, cz);
    }
    return node;
  }

  #childAt(node: number, cx: number, cy: number, cz: number): number {
    const at = node * 3;
    const x = this.#nodeCenters[at]!;
    const y = this.#nodeCenters[at + 1]!;
    const z = this.#nodeCenters[at + 2]!;
    const octant = (cx >= x ? 1 : 0) | (cy >= y ? 2 : 0) | (cz >= z ? 4 : 0);
    const known = this.#nodeChildren[node * 8 + octant]!;
    if (known !== NONE) return known;
    if (this.#nodeCount === this.#nodeHalves.length) this.#growNodes();
    const child = this.#nodeCount++;
    const half = this.#nodeHalves[node]! / 2;
    this.#nodeHalves[child] = half;
    this.#nodeParents[child] = node;
    this.#nodeCenters[child * 3] = x + (octant & 1 ? half : -half);
    this.#nodeCenters[child * 3 + 1] = y + (octant & 2 ? half : -half);
    this.#nodeCenters[child * 3 + 2] = z + (octant & 4 ? half : -half);
    this.#nodeChildren[node * 8 + octant] = child;
    return child;
  }

  #link(item: number, node: number): void {
    const head = this.#nodeHeads[node]!;
    this.#itemNodes[item] = node;
    this.#itemNext[item] = head;
    this.#itemPrevious[item] = NONE;
    if (head !== NONE) this.#itemPrevious[head] = item;
    this.#nodeHeads[node] = item;
    for (let up = node; up !== NONE; up = this.#nodeParents[up]!) this.#nodeItems[up]!++;
  }

  #unlink(item: number, node: number): void {
    const next = this.#itemNext[item]!;
    const previous = this.#itemPrevious[item]!;
    if (previous === NONE) this.#nodeHeads[node] = next;
    else this.#itemNext[previous] = next;
    if (next !== NONE) this.#itemPrevious[next] = previous;
    for (let up = node; up !== NONE; up = this.#nodeParents[up]!) this.#nodeItems[up]!--;
  }

  #growItems(needed: number): void {
    const capacity = Math.max(needed, this.#itemNodes.length * 2, 64);
    const nodes = new Int32Array(capacity).fill(NONE);
    nodes.set(this.#itemNodes);
    this.#itemNodes = nodes;
    this.#itemNext = enlarged(this.#itemNext, capacity);
    this.#itemPrevious = enlarged(this.#itemPrevious, capacity);
    this.#itemBoxes = grown(this.#itemBoxes, capacity * 6);
  }

  #growNodes(): void {
    const capacity = this.#nodeHalves.length * 2;
    this.#nodeCenters = grown(this.#nodeCenters, capacity * 3);
    this.#nodeHalves = grown(this.#nodeHalves, capacity);
    this.#nodeChildren = enlarged(this.#nodeChildren, capacity * 8);
    this.#nodeParents = enlarged(this.#nodeParents, capacity);
    this.#nodeHeads = enlarged(this.#nodeHeads, capacity);
    this.#nodeItems = grown(this.#nodeItems, capacity);
  }

  #growStack(): void {
    this.#stack = enlarged(this.#stack, this.#stack.length * 2);
    this.#stackSides = grown(this.#stackSides, this.#stack.length);
  }
}

function enlarged(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length).fill(NONE);
  larger.set(array);
  return larger;
}
