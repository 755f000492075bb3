/**
 * When each volume has to be looked at again. A distance changes by no more than a viewpoint travels, so
 * a volume whose border is 40 m away is left alone until the fastest viewpoint has gone 40 m; a heap
 * gives those that are due. What is beyond a horizon is not even in the heap: a tree of boxes finds it
 * once the viewpoints have traveled that far. At rest nothing is looked at.
 *
 * Based on: Basch, Guibas, Hershberger. Data structures for mobile data. SODA 1997: certificates with
 * times of failure in a queue; here the time is travel.
 */
import { IndexedHeap } from '../base/heap.ts';
import { appendItem, createItemList, type ItemList, LooseOctree } from './octree.ts';

/** Travel until the tree is asked again: what 64 frames take, within these (meters). */
const MIN_HORIZON_METERS = 8;
const MAX_HORIZON_METERS = 512;
const HORIZON_FRAMES = 64;

/** What sums of distances may be wrong by: volumes are looked at sooner by this. */
const MARGIN_METERS = 1e-6;
const MARGIN_SHARE = 1e-9;

/** Numbers of an eye: x, y, z and one that is not read here. */
const EYE_STRIDE = 4;

/** Half the edge of the tree's root cube (meters); what lies outside is kept at the root. */
const HALF_SIZE_METERS = 65_536;

/** What changes every frame, in an array: fields of an object would be garbage each time. */
const TRAVEL = 0;
const HORIZON = 1;
const FIRST_DUE = 2;
const MOVE = 3;

export class VolumeWatch {
  /** Boxes of the volumes and the reach around them. */
  readonly tree: LooseOctree = new LooseOctree(0, {
    center: [0, 0, 0],
    halfSize: HALF_SIZE_METERS,
    maxDepth: 11,
  });
  readonly #due = new IndexedHeap(64);
  readonly #found: ItemList = createItemList(64);
  readonly #state = new Float64Array([0, Number.NEGATIVE_INFINITY, 0, 0]);
  readonly #eyes: Float64Array;
  readonly #spheres: Float64Array;
  #eyeCount = 0;

  constructor(maxEyes: number) {
    this.#eyes = new Float64Array(maxEyes * EYE_STRIDE);
    this.#spheres = new Float64Array(maxEyes * EYE_STRIDE);
  }

  /**
   * Notes where the eyes are and appends the volumes that are due; each of them must then be given to
   * `put` or `leave`. Returns false when eyes came or went: then every volume that is held must be
   * looked at too, and the tree is asked in the next call.
   */
  advance(eyes: Float64Array, count: number, out: ItemList): boolean {
    const state = this.#state;
    if (count !== this.#eyeCount) {
      this.#eyeCount = count;
      this.#noteEyes(eyes, count);
      this.#due.clear();
      state.fill(0);
      this.#askTree(count, out);
      return false;
    }
    this.#noteEyes(eyes, count);
    if (state[MOVE] === 0) return true;
    state[TRAVEL]! += state[MOVE]!;
    if (state[TRAVEL]! >= state[FIRST_DUE]!) this.#takeDue(out);
    if (state[TRAVEL]! >= state[HORIZON]!) this.#askTree(count, out);
    return true;
  }

  #noteEyes(eyes: Float64Array, count: number): void {
    const before = this.#eyes;
    let farthest = 0;
    for (let at = 0; at < count * EYE_STRIDE; at += EYE_STRIDE) {
      const dx = eyes[at]! - before[at]!;
      const dy = eyes[at + 1]! - before[at + 1]!;
      const dz = eyes[at + 2]! - before[at + 2]!;
      farthest = Math.max(farthest, dx * dx + dy * dy + dz * dz);
      before[at] = eyes[at]!;
      before[at + 1] = eyes[at + 1]!;
      before[at + 2] = eyes[at + 2]!;
    }
    this.#state[MOVE] = Math.sqrt(farthest);
  }

  #takeDue(out: ItemList): void {
    const travel = this.#state[TRAVEL]!;
    while (this.#due.size > 0 && -this.#due.priorityOf(this.#due.peek()) <= travel)
      appendItem(out, this.#due.pop());
    this.#noteFirst();
  }

  #noteFirst(): void {
    const { size } = this.#due;
    this.#state[FIRST_DUE] =
      size > 0 ? -this.#due.priorityOf(this.#due.peek()) : Number.POSITIVE_INFINITY;
  }

  /** Appends what lies within a new horizon and is not waited for. */
  #askTree(count: number, out: ItemList): void {
    const state = this.#state;
    const wished = state[MOVE]! * HORIZON_FRAMES;
    const meters = Math.max(MIN_HORIZON_METERS, Math.min(MAX_HORIZON_METERS, wished));
    state[HORIZON] = state[TRAVEL]! + meters;
    this.#found.count = 0;
    for (let at = 0; at < count * EYE_STRIDE; at += EYE_STRIDE) {
      for (let axis = 0; axis < 3; axis++) this.#spheres[at + axis] = this.#eyes[at + axis]!;
      this.#spheres[at + 3] = meters;
    }
    if (count > 0) this.tree.querySpheres(this.#spheres, count, this.#found);
    for (let i = 0; i < this.#found.count; i++) {
      const volume = this.#found.items[i]!;
      if (!this.#due.has(volume)) appendItem(out, volume);
    }
  }

  /** Whether it is known when the volume is due; else it is beyond the horizon. */
  waitsFor(volume: number): boolean {
    return this.#due.has(volume);
  }

  /**
   * The volume cannot cross its border before some viewpoint has traveled `slack[0]` meters.
   *
   * @param isHeld it has to be found without the tree: its border is farther out than its box
   */
  put(volume: number, slack: Float64Array, isHeld: boolean): void {
    const state = this.#state;
    const meters = slack[0]! * (1 - MARGIN_SHARE) - MARGIN_METERS;
    const due = state[TRAVEL]! + meters;
    if (due === Number.POSITIVE_INFINITY || (!isHeld && due >= state[HORIZON]!)) {
      this.#due.delete(volume);
      return;
    }
    this.#due.set(volume, -due);
    if (due < state[FIRST_DUE]!) state[FIRST_DUE] = due;
  }

  /** Nothing can come of the volume: it is in no tree and not waited for. */
  leave(volume: number): void {
    this.tree.delete(volume);
    this.#due.delete(volume);
  }
}
