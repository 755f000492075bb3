/**
 * What a game wrote into the columns of volumes, found by comparing with what they last held: bitECS
 * says nothing of such writes. Where a volume is (center, active) is compared at each call, block by
 * block of rows and 8 bytes at a time: 2 ns a volume where entity ids lie together. All else of a row is
 * folded into one number and looked at in turns.
 */
import { grown } from '../base/grown.ts';
import { appendItem, createItemList, type ItemList } from './item-list.ts';

/** Rows of one block; one volume among seven rows of others costs as much as eight. */
const BLOCK_ROWS = 8;
/** Centers of a block, two numbers in 8 bytes; `active` of a block, four in 4. */
const BLOCK_PAIRS = 12;
const BLOCK_FOURS = 2;

/** Rows looked at in turns: all of them in so many calls. */
export const REWRITE_CALLS = 64;

/** Columns of volumes by entity id; `rest` is all that is neither center nor active. */
export interface WatchedColumns {
  center: Float32Array;
  active: Uint8Array;
  /** Each with as many values a row as given. */
  rest: readonly { column: Float32Array | Uint32Array | Uint8Array; stride: number }[];
}

export class VolumeChanges {
  /** The volumes watched, in no order. */
  readonly watched: ItemList = createItemList(64);
  readonly #centers: Int32Array;
  readonly #active: Uint8Array;
  readonly #pairs: Float64Array;
  readonly #fours: Int32Array;
  readonly #words: { view: Int32Array; stride: number }[] = [];
  readonly #bytes: { view: Uint8Array; stride: number }[] = [];
  /** Place of each volume in `watched` + 1; 0 = none. */
  #places = new Uint32Array(64);
  /** What the columns held: a block of the one and of the other. */
  #oldCenters = new Int32Array(64 * 3);
  #oldPairs = new Float64Array(this.#oldCenters.buffer);
  #oldActive = new Uint8Array(64);
  #oldFours = new Int32Array(this.#oldActive.buffer);
  #checks = new Int32Array(64);
  /** Volumes in each block, and the blocks that have any. */
  #counts = new Uint8Array(64 / BLOCK_ROWS);
  readonly #blocks: ItemList = createItemList(64);
  #next = 0;

  constructor({ center, active, rest }: WatchedColumns) {
    this.#centers = new Int32Array(center.buffer, center.byteOffset, center.length);
    this.#active = active;
    this.#pairs = new Float64Array(center.buffer, center.byteOffset, center.length >> 1);
    this.#fours = new Int32Array(active.buffer, active.byteOffset, active.length >> 2);
    for (const { column, stride } of rest)
      if (column instanceof Uint8Array) this.#bytes.push({ view: column, stride });
      else {
        const view = new Int32Array(column.buffer, column.byteOffset, column.length);
        this.#words.push({ view, stride });
      }
  }

  has(volume: number): boolean {
    return volume < this.#places.length && this.#places[volume] !== 0;
  }

  /** Begins to watch a volume, or takes what it holds now for known. */
  remember(volume: number): void {
    this.#reserve(volume);
    if (this.#places[volume] === 0) {
      appendItem(this.watched, volume);
      this.#places[volume] = this.watched.count;
      const block = Math.floor(volume / BLOCK_ROWS);
      if (this.#counts[block]!++ === 0) {
        appendItem(this.#blocks, block);
        this.#blocks.items.subarray(0, this.#blocks.count).sort();
      }
    }
    for (let k = 0; k < 3; k++) this.#oldCenters[volume * 3 + k] = this.#centers[volume * 3 + k]!;
    this.#oldActive[volume] = this.#active[volume]!;
    this.#checks[volume] = this.#fold(volume);
  }

  forget(volume: number): void {
    if (!this.has(volume)) return;
    const { items } = this.watched;
    const place = this.#places[volume]! - 1;
    const last = items[--this.watched.count]!;
    items[place] = last;
    this.#places[last] = place + 1;
    this.#places[volume] = 0;
    const block = Math.floor(volume / BLOCK_ROWS);
    if (--this.#counts[block]! > 0) return;
    const at = this.#blocks.items.subarray(0, this.#blocks.count).indexOf(block);
    this.#blocks.items.copyWithin(at, at + 1, this.#blocks.count);
    this.#blocks.count--;
  }

  /** Appends the volumes whose center or active is not what it was, which is known from then on. */
  collectMoved(out: ItemList): void {
    const blocks = this.#blocks.items;
    const { count } = this.#blocks;
    const now = this.#pairs;
    const old = this.#oldPairs;
    const fours = this.#fours;
    const oldFours = this.#oldFours;
    const { length } = this.#active;
    for (let i = 0; i < count; i++) {
      const block = blocks[i]!;
      const end = (block + 1) * BLOCK_ROWS;
      const four = block * BLOCK_FOURS;
      // Bits that are NaN differ from themselves: such a block is looked at more closely, for nothing.
      let isSame =
        end <= length && fours[four] === oldFours[four] && fours[four + 1] === oldFours[four + 1];
      const last = (block + 1) * BLOCK_PAIRS;
      for (let at = block * BLOCK_PAIRS; at < last; at += 4)
        isSame =
          isSame &&
          now[at] === old[at] &&
          now[at + 1] === old[at + 1] &&
          now[at + 2] === old[at + 2] &&
          now[at + 3] === old[at + 3];
      if (!isSame) this.#takeBlock(end - BLOCK_ROWS, Math.min(end, length), out);
    }
  }

  #takeBlock(first: number, end: number, out: ItemList): void {
    for (let row = first; row < end; row++) {
      let differs = this.#active[row]! ^ this.#oldActive[row]!;
      for (let word = row * 3; word < row * 3 + 3; word++) {
        differs |= this.#centers[word]! ^ this.#oldCenters[word]!;
        this.#oldCenters[word] = this.#centers[word]!;
      }
      this.#oldActive[row] = this.#active[row]!;
      if (differs !== 0 && this.has(row)) appendItem(out, row);
    }
  }

  /** Appends those of the next share of volumes of which anything else is not what it was. */
  collectRewritten(out: ItemList): void {
    const { count, items } = this.watched;
    const share = Math.ceil(count / REWRITE_CALLS);
    for (let i = 0; i < share; i++) {
      if (this.#next >= count) this.#next = 0;
      const volume = items[this.#next++]!;
      const check = this.#fold(volume);
      if (check === this.#checks[volume]) continue;
      this.#checks[volume] = check;
      appendItem(out, volume);
    }
  }

  /** FNV-1a by words: each step is one to one, so that a row in which one word changed never folds alike. */
  #fold(volume: number): number {
    let check = 0x811c9dc5;
    for (let c = 0; c < this.#words.length; c++) {
      const { view, stride } = this.#words[c]!;
      for (let k = volume * stride; k < volume * stride + stride; k++)
        check = Math.imul(check ^ view[k]!, 0x01000193);
    }
    for (let c = 0; c < this.#bytes.length; c++)
      check = Math.imul(check ^ this.#bytes[c]!.view[volume]!, 0x01000193);
    return check;
  }

  #reserve(volume: number): void {
    if (volume < this.#places.length) return;
    const rows = Math.ceil((volume + 1) / BLOCK_ROWS) * BLOCK_ROWS * 2;
    this.#places = grown(this.#places, rows);
    this.#oldCenters = grown(this.#oldCenters, rows * 3);
    this.#oldPairs = new Float64Array(this.#oldCenters.buffer);
    this.#oldActive = grown(this.#oldActive, rows);
    this.#oldFours = new Int32Array(this.#oldActive.buffer);
    this.#checks = grown(this.#checks, rows);
    this.#counts = grown(this.#counts, rows / BLOCK_ROWS);
  }
}
