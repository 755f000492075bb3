/**
 * Free blocks in the order of their sizes, equal ones in the order of their addresses: a treap over
 * columns. Finding, adding and removing take O(log n) steps in the mean over the priorities, which
 * are a hash of the block's number and so the same on every machine.
 *
 * Based on: Seidel, R.; Aragon, C. R. Randomized Search Trees. 1996.
 */
import { grown } from '../../base/grown.ts';

/** Where the index reads its keys: columns by block, replaced when the table of blocks grows. */
export interface SizedBlocks {
  readonly offsets: Int32Array;
  readonly sizes: Int32Array;
}

const NONE = -1;

/** An ordered set of blocks. While a block is in it its size and offset must not change. */
export class SizeIndex {
  #blocks: SizedBlocks;
  #left: Int32Array;
  #right: Int32Array;
  #root = NONE;

  constructor(blocks: SizedBlocks) {
    this.#blocks = blocks;
    this.#left = new Int32Array(blocks.sizes.length);
    this.#right = new Int32Array(blocks.sizes.length);
  }

  /** The smallest block of at least `size`, the lowest of equal ones; -1 where there is none. */
  atLeast(size: number): number {
    const { sizes } = this.#blocks;
    let best = NONE;
    let node = this.#root;
    while (node !== NONE) {
      if (sizes[node]! >= size) {
        best = node;
        node = this.#left[node]!;
      } else node = this.#right[node]!;
    }
    return best;
  }

  /** The block that follows in the order, -1 after the last. */
  after(block: number): number {
    let best = NONE;
    let node = this.#root;
    while (node !== NONE) {
      if (this.#isBefore(block, node)) {
        best = node;
        node = this.#left[node]!;
      } else node = this.#right[node]!;
    }
    return best;
  }

  /** The block that comes before this one in the order, -1 before the first. */
  before(block: number): number {
    let best = NONE;
    let node = this.#root;
    while (node !== NONE) {
      if (this.#isBefore(node, block)) {
        best = node;
        node = this.#right[node]!;
      } else node = this.#left[node]!;
    }
    return best;
  }

  /** The largest block, the highest of equal ones; -1 where there is none. */
  largest(): number {
    let node = this.#root;
    if (node === NONE) return NONE;
    for (let right = this.#right[node]!; right !== NONE; right = this.#right[node]!) node = right;
    return node;
  }

  add(block: number): void {
    if (block >= this.#left.length) this.#grow();
    const [left, right] = [this.#left, this.#right];
    const rank = rankOf(block);
    let parent = NONE;
    let node = this.#root;
    let isRight = false;
    while (node !== NONE && rankOf(node) >= rank) {
      parent = node;
      isRight = this.#isBefore(node, block);
      node = isRight ? right[node]! : left[node]!;
    }
    this.#link(parent, isRight, block);
    this.#split(node, block);
  }

  remove(block: number): void {
    let parent = NONE;
    let isRight = false;
    let node = this.#root;
    while (node !== block) {
      parent = node;
      isRight = this.#isBefore(node, block);
      node = isRight ? this.#right[node]! : this.#left[node]!;
    }
    this.#merge(parent, isRight, this.#left[block]!, this.#right[block]!);
  }

  /** Hangs what is below `node` to the left and right of `block`. */
  #split(from: number, block: number): void {
    const [left, right] = [this.#left, this.#right];
    let node = from;
    let lower = block;
    let upper = block;
    while (node !== NONE) {
      if (this.#isBefore(node, block)) {
        if (lower === block) left[block] = node;
        else right[lower] = node;
        lower = node;
        node = right[node]!;
      } else {
        if (upper === block) right[block] = node;
        else left[upper] = node;
        upper = node;
        node = left[node]!;
      }
    }
    if (lower === block) left[block] = NONE;
    else right[lower] = NONE;
    if (upper === block) right[block] = NONE;
    else left[upper] = NONE;
  }

  /** Hangs all of two trees, the first before the second, below `parent`. */
  #merge(above: number, side: boolean, before: number, behind: number): void {
    let parent = above;
    let isRight = side;
    let first = before;
    let second = behind;
    while (first !== NONE && second !== NONE) {
      const isFirst = rankOf(first) >= rankOf(second);
      const node = isFirst ? first : second;
      this.#link(parent, isRight, node);
      parent = node;
      isRight = isFirst;
      if (isFirst) first = this.#right[first]!;
      else second = this.#left[second]!;
    }
    this.#link(parent, isRight, first === NONE ? second : first);
  }

  #link(parent: number, isRight: boolean, node: number): void {
    if (parent === NONE) this.#root = node;
    else if (isRight) this.#right[parent] = node;
    else this.#left[parent] = node;
  }

  #isBefore(a: number, b: number): boolean {
    const { sizes, offsets } = this.#blocks;
    const difference = sizes[a]! - sizes[b]!;
    return difference < 0 || (difference === 0 && offsets[a]! < offsets[b]!);
  }

  #grow(): void {
    this.#left = grown(this.#left, this.#blocks.sizes.length);
    this.#right = grown(this.#right, this.#blocks.sizes.length);
  }
}

/** Chance by number: the finalizer of MurmurHash3. */
function rankOf(block: number): number {
  let hash = block ^ (block >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
