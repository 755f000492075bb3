/**
 * Occlusion weights: how much of each slot is hidden behind something else, as far as other systems
 * know. What is hidden counts less when bytes are handed out; what is shown never depends on it.
 *
 * A weight is news of a moment: it halves every `halfLifeSeconds` unless it is written again, and is
 * gone after some six of them. It costs nothing until something is written, then two bytes a slot,
 * and work for the slots that carry a weight alone.
 */
import { grown } from '../base/grown.ts';

/** The byte of a slot that is hidden altogether. */
export const FULLY_HIDDEN = 255;

/** Weights decay in this many steps per half-life, so that bytes are fine enough. */
const STEPS_PER_HALF_LIFE = 8;

/** Each byte one step later. Rounded down, so that every weight ends. */
const DECAYED: Uint8Array = Uint8Array.from({ length: FULLY_HIDDEN + 1 }, (_, hidden) =>
  Math.floor(hidden * 2 ** (-1 / STEPS_PER_HALF_LIFE)),
);

/** Whether a slot is in the list of those that carry a weight. */
const Mark = { Unlisted: 0, Listed: 1, Fresh: 2 } as const;

export interface OcclusionOptions {
  /** An occlusion weight that is not written again halves in this time (seconds). */
  halfLifeSeconds: number;
  /** What is hidden altogether still counts this much, 0 to 1: nothing is quite forgotten. */
  floor: number;
}

export class OcclusionTable {
  /** 0 = counts in full … 255 = hidden. Slots beyond its end count in full. */
  #hidden: Uint8Array = new Uint8Array(0);
  #marks: Uint8Array = new Uint8Array(0);
  #listed: Uint32Array = new Uint32Array(0);
  #count = 0;
  readonly #factors: Float64Array;
  readonly #stepSeconds: number;
  #sinceSeconds = 0;

  constructor({ halfLifeSeconds, floor }: OcclusionOptions) {
    this.#stepSeconds = halfLifeSeconds / STEPS_PER_HALF_LIFE;
    this.#factors = Float64Array.from(
      { length: FULLY_HIDDEN + 1 },
      (_, hidden) => 1 - ((1 - floor) * hidden) / FULLY_HIDDEN,
    );
  }

  /** Slots that carry a weight, those included that were seen since the last step. */
  get count(): number {
    return this.#count;
  }

  get byteLength(): number {
    return this.#hidden.byteLength + this.#marks.byteLength + this.#listed.byteLength;
  }

  /** 0 = counts in full … 255 = hidden. */
  hiddenOf(slot: number): number {
    return slot < this.#hidden.length ? this.#hidden[slot]! : 0;
  }

  /** Factor on the worth of one slot. */
  factorOf(slot: number): number {
    return this.#factors[this.hiddenOf(slot)]!;
  }

  /** Mean factor of slots `[first, end)`. */
  meanFactor(first: number, end: number): number {
    let hidden = 0;
    for (let slot = first; slot < Math.min(end, this.#hidden.length); slot++)
      hidden += this.#hidden[slot]!;
    const share = hidden / (FULLY_HIDDEN * Math.max(1, end - first));
    return 1 - share * (1 - this.#factors[FULLY_HIDDEN]!);
  }

  /**
   * Writes one weight. 0 restores the slot at once.
   *
   * @param slotCount slots in use; room is made for that many
   * @returns whether it changed anything
   */
  write(slot: number, hidden: number, slotCount: number): boolean {
    if (hidden === 0 && this.hiddenOf(slot) === 0) return false;
    if (slot >= this.#hidden.length) this.#grow(slotCount);
    const changed = this.#hidden[slot] !== hidden;
    this.#hidden[slot] = hidden;
    if (this.#marks[slot] === Mark.Unlisted) {
      if (this.#count === this.#listed.length)
        this.#listed = grown(this.#listed, Math.max(256, this.#count * 2));
      this.#listed[this.#count++] = slot;
    }
    this.#marks[slot] = Mark.Fresh;
    return changed;
  }

  /** Lets `seconds` pass. Returns whether any weight changed. Allocates nothing. */
  decay(seconds: number): boolean {
    if (this.#count === 0) {
      this.#sinceSeconds = 0;
      return false;
    }
    this.#sinceSeconds += seconds;
    const isDue = this.#sinceSeconds >= this.#stepSeconds;
    while (this.#sinceSeconds >= this.#stepSeconds && this.#count > 0) {
      this.#sinceSeconds -= this.#stepSeconds;
      this.#step();
    }
    return isDue;
  }

  /** Drops the weights of slots `[first, end)`: they belong to something else from now on. */
  forget(first: number, end: number): void {
    let kept = 0;
    for (let i = 0; i < this.#count; i++) {
      const slot = this.#listed[i]!;
      if (slot < first || slot >= end) this.#listed[kept++] = slot;
      else this.#drop(slot);
    }
    this.#count = kept;
  }

  /** What was written since the last step is kept for one more: it is news. */
  #step(): void {
    let kept = 0;
    for (let i = 0; i < this.#count; i++) {
      const slot = this.#listed[i]!;
      const isFresh = this.#marks[slot] === Mark.Fresh;
      const hidden = isFresh ? this.#hidden[slot]! : DECAYED[this.#hidden[slot]!]!;
      if (hidden === 0) {
        this.#drop(slot);
        continue;
      }
      this.#hidden[slot] = hidden;
      this.#marks[slot] = Mark.Listed;
      this.#listed[kept++] = slot;
    }
    this.#count = kept;
  }

  #drop(slot: number): void {
    this.#hidden[slot] = 0;
    this.#marks[slot] = Mark.Unlisted;
  }

  #grow(slotCount: number): void {
    this.#hidden = grown(this.#hidden, slotCount);
    this.#marks = grown(this.#marks, slotCount);
  }
}
