/**
 * The arena beside a naive model: real bytes, each range filled with a pattern of its own, and a
 * plain list of who lies where. Everything the arena says is checked against it.
 */
import { expect } from 'vitest';
import { MoveList } from '../../src/memory/arena/move-list.ts';
import {
  NO_RANGE,
  RangeArena,
  type RangeArenaOptions,
} from '../../src/memory/arena/range-arena.ts';

/** What ranges are filled with: a stretch of it that begins at a place of the range's own. */
const NOISE: Uint8Array = Uint8Array.from(
  { length: 1 << 17 },
  (_, i) => Math.imul(i, 2654435761) >>> 24,
);
const PATTERNS = 4096;

/** Copies one row of a list of moves. */
export type CopyRow = (bytes: Uint8Array, moves: MoveList, row: number) => void;

const copyRow: CopyRow = (bytes, moves, row) => {
  const from = moves.from[row]!;
  bytes.copyWithin(moves.to[row]!, from, from + moves.bytes[row]!);
};

interface Live {
  handle: number;
  offset: number;
  bytes: number;
  pattern: number;
}

export class ModelledArena {
  readonly arena: RangeArena;
  readonly bytes: Uint8Array;
  readonly live: Live[] = [];
  readonly stale: number[] = [];
  readonly moves: MoveList = new MoveList();
  /** Bytes that the last `defragment` of all asked to be copied. */
  movedBytes = 0;
  /** Where the range goes whose bytes have been copied in part. */
  pending: { handle: number; offset: number; bytes: number } | undefined;
  #alignment: number;
  #copyRow: CopyRow;
  #patterns = 0;
  #peakBytes = 0;

  constructor(capacityBytes: number, options: RangeArenaOptions & { copyRow?: CopyRow } = {}) {
    const { copyRow: copy = copyRow, ...rest } = options;
    this.arena = new RangeArena(capacityBytes, rest);
    this.bytes = new Uint8Array(capacityBytes);
    this.#alignment = this.arena.alignment;
    this.#copyRow = copy;
  }

  /** Free stretches by address, from the model alone; what is reserved for a move is not free. */
  holes(): { offset: number; bytes: number }[] {
    const holes: { offset: number; bytes: number }[] = [];
    const taken = this.pending ? [...this.live, this.pending] : [...this.live];
    let end = 0;
    for (const { offset, bytes } of taken.sort((a, b) => a.offset - b.offset)) {
      if (offset > end) holes.push({ offset: end, bytes: offset - end });
      end = offset + bytes;
    }
    if (end < this.arena.capacityBytes)
      holes.push({ offset: end, bytes: this.arena.capacityBytes - end });
    return holes;
  }

  /** Allocates, checks that the place is the best fit, and fills it. Returns whether it fitted. */
  allocate(sizeBytes: number): boolean {
    const bytes = Math.ceil(sizeBytes / this.#alignment) * this.#alignment;
    let best = this.#bestFit(bytes);
    if (best === undefined && this.pending !== undefined) {
      // A move in progress gives its place up, but only where that helps.
      const { pending } = this;
      this.pending = undefined;
      best = this.#bestFit(bytes);
      if (best === undefined) this.pending = pending;
    }
    const handle = this.arena.allocate(sizeBytes);
    if (best === undefined) {
      expect(handle).toBe(NO_RANGE);
      return false;
    }
    const offset = this.arena.offsetOf(handle);
    expect({ offset, bytes: this.arena.sizeOf(handle) }).toEqual({ offset: best.offset, bytes });
    const pattern = (this.#patterns++ * 37) % PATTERNS;
    this.live.push({ handle, offset, bytes, pattern });
    this.#fill(this.live.at(-1)!);
    return true;
  }

  #bestFit(bytes: number): { offset: number; bytes: number } | undefined {
    return this.holes()
      .filter((hole) => hole.bytes >= bytes)
      .sort((a, b) => a.bytes - b.bytes || a.offset - b.offset)[0];
  }

  free(place: number): void {
    const [range] = this.live.splice(place, 1);
    this.#forget(range!.handle);
    this.arena.free(range!.handle);
    this.stale.push(range!.handle);
  }

  /** Writes a range anew, in the middle of a move or not. */
  rewrite(place: number): void {
    const range = this.live[place]!;
    this.#forget(range.handle);
    this.arena.noteWrite(range.handle);
    range.pattern = (this.#patterns++ * 37) % PATTERNS;
    this.#fill(range);
  }

  defragment(maxBytes: number, wantedBytes: number = 0): number {
    this.moves.clear();
    const moved = this.arena.defragment(maxBytes, this.moves, wantedBytes);
    expect(moved).toBeLessThanOrEqual(maxBytes);
    let sum = 0;
    for (let row = 0; row < this.moves.count; row++) {
      this.#copyRow(this.bytes, this.moves, row);
      sum += this.moves.bytes[row]!;
      const range = this.live.find(({ handle }) => handle === this.moves.handles[row])!;
      if (this.moves.completes[row]) {
        range.offset = this.moves.to[row]! + this.moves.bytes[row]! - range.bytes;
        this.pending = undefined;
      } else this.pending ??= { ...range, offset: this.moves.to[row]! };
    }
    expect(moved).toBe(sum);
    this.movedBytes = moved;
    return moved;
  }

  /** Ranges whose bytes are not what was written into them. */
  corruptRanges(): number {
    return this.live.filter(({ handle, bytes, pattern }) => {
      const offset = this.arena.offsetOf(handle);
      const there = this.bytes.subarray(offset, offset + bytes);
      return Buffer.compare(there, NOISE.subarray(pattern, pattern + bytes)) !== 0;
    }).length;
  }

  /** Places, sums and handles are those of the model, and nothing lies on something else. */
  check(): void {
    const { arena } = this;
    const holes = this.holes();
    const wrong = this.live.filter(
      ({ handle, offset, bytes }) =>
        !arena.isLive(handle) ||
        arena.offsetOf(handle) !== offset ||
        arena.sizeOf(handle) !== bytes ||
        offset % this.#alignment !== 0,
    );
    expect(wrong).toEqual([]);
    const live = this.live.reduce((sum, { bytes }) => sum + bytes, 0);
    const used = live + (this.pending?.bytes ?? 0);
    const free = holes.reduce((sum, hole) => sum + hole.bytes, 0);
    // What the holes leave is what is used: no two ranges overlap.
    expect(used + free).toBe(arena.capacityBytes);
    const largest = Math.max(0, ...holes.map((hole) => hole.bytes));
    const { peakBytes, fragmentation, ...sums } = arena.stats();
    expect(sums).toEqual({
      capacityBytes: this.bytes.length,
      usedBytes: used,
      freeBytes: free,
      largestFreeBytes: largest,
      ranges: this.live.length,
    });
    expect(fragmentation).toBeCloseTo(free === 0 ? 0 : 1 - largest / free, 12);
    expect(peakBytes).toBeGreaterThanOrEqual(Math.max(live, this.#peakBytes));
    this.#peakBytes = peakBytes;
    expect(this.stale.some((handle) => arena.isLive(handle))).toBe(false);
  }

  #forget(handle: number): void {
    if (this.pending?.handle === handle) this.pending = undefined;
  }

  #fill({ offset, bytes, pattern }: Live): void {
    this.bytes.set(NOISE.subarray(pattern, pattern + bytes), offset);
  }
}
