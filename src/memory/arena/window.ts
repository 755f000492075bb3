/**
 * Where one large hole is had most cheaply: the stretch of neighboring blocks with the fewest owned
 * units in it. A search goes over all blocks once: it is made when a request was refused, and in
 * frames in which the largest hole is to grow and nothing beside it fits elsewhere.
 */
import { type Blocks, FREE, NONE } from './blocks.ts';

/** Holes outside of a stretch that are looked at: one of them must take its largest block. */
const TOP = 6;

/** More than any stretch owns. */
const MOST_UNITS: number = 2 ** 31 - 1;

/** What the owned blocks of a stretch may be. */
type Aim = 'empty' | 'empty-beside' | 'pack';

/** Finds a stretch of blocks, and keeps it: `first` and `last` belong to it. */
export class WindowSearch {
  first: number = NONE;
  last: number = NONE;
  /** Units owned in the stretch. */
  ownedUnits = 0;
  #blocks: Blocks;
  /** The largest holes, largest first, their sizes, and whether each is in the stretch. */
  #top = new Int32Array(TOP);
  #topSizes = new Int32Array(TOP);
  #isInside = new Uint8Array(TOP);
  /** Owned blocks in the stretch by the number of top holes that take them. */
  #takers = new Int32Array(TOP + 1);

  constructor(blocks: Blocks) {
    this.#blocks = blocks;
  }

  /**
   * The stretch of at least `units` whose owned blocks add up to the least, each of them no larger
   * than a hole outside. False if there is none.
   */
  findToEmpty(units: number): boolean {
    this.#findTop();
    return this.#search(units, 'empty');
  }

  /** As `findToEmpty`, but without the largest hole: neither inside nor to be filled. */
  findBeside(units: number): boolean {
    this.#findTop();
    return this.#search(units, 'empty-beside');
  }

  /**
   * The stretch with at least `units` free whose owned blocks add up to the least, none of them
   * larger than `maxUnits`. It begins and ends with a free block. False if there is none.
   */
  findToPack(units: number, maxUnits: number): boolean {
    this.#top.fill(NONE);
    this.#topSizes.fill(maxUnits);
    return this.#search(units, 'pack');
  }

  #search(units: number, aim: Aim): boolean {
    const { next, sizes, owners } = this.#blocks;
    const isPack = aim === 'pack';
    // Most blocks fit into each of the top holes, and only their units count.
    const small = this.#topSizes[TOP - 1]!;
    this.first = NONE;
    this.#isInside.fill(0);
    this.#takers.fill(0);
    let fewest: number = MOST_UNITS;
    let owned = 0;
    let free = 0;
    let low = this.#blocks.first;
    for (let high = low; high !== NONE; high = next[high]!) {
      if (owners[high] === FREE) free += sizes[high]!;
      else owned += sizes[high]!;
      if (sizes[high]! >= small) this.#count(high, 1);
      while ((isPack ? 0 : owned) + free >= units) {
        if (owned < fewest && this.#isPossible(aim)) {
          fewest = owned;
          this.first = low;
          this.last = high;
        }
        if (owners[low] === FREE) free -= sizes[low]!;
        else owned -= sizes[low]!;
        if (sizes[low]! >= small) this.#count(low, -1);
        low = next[low]!;
      }
    }
    this.ownedUnits = fewest;
    return this.first !== NONE;
  }

  #findTop(): void {
    let hole = this.#blocks.holes.largest();
    for (let place = 0; place < TOP; place++) {
      this.#top[place] = hole;
      this.#topSizes[place] = hole === NONE ? 0 : this.#blocks.sizes[hole]!;
      if (hole !== NONE) hole = this.#blocks.holes.before(hole);
    }
  }

  /** Whether the largest hole that may be filled takes the largest owned block of the stretch. */
  #isPossible(aim: Aim): boolean {
    const isBeside = aim === 'empty-beside';
    if (isBeside && this.#isInside[0] === 1) return false;
    let place = isBeside ? 1 : 0;
    while (place < TOP && this.#isInside[place] === 1) place++;
    for (let takers = 0; takers <= place && takers <= TOP; takers++)
      if (this.#takers[takers]! > 0) return false;
    return true;
  }

  /** Adds a block of at least the size of the last top hole (1) or takes it out (-1). */
  #count(block: number, sign: number): void {
    if (this.#blocks.owners[block] === FREE) {
      for (let place = 0; place < TOP; place++)
        if (this.#top[place] === block) this.#isInside[place] = sign > 0 ? 1 : 0;
      return;
    }
    const size = this.#blocks.sizes[block]!;
    let takers = 0;
    while (takers < TOP && this.#topSizes[takers]! >= size) takers++;
    this.#takers[takers] = this.#takers[takers]! + sign;
  }
}
