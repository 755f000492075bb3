/** What defragmentation asks its caller to copy: one row a copy, in columns that are reused. */
import { grown } from '../../base/grown.ts';

const FIRST_LENGTH = 64;

/**
 * Copies of bytes within one large range, in the order in which they must be made.
 *
 * For each row, first to last: copy `bytes[i]` bytes from `from[i]` to `to[i]`. When all are made,
 * read `offsetOf(handles[i])` anew where `completes[i]` is 1. Do not take `to[i]` for the new
 * offset: a range larger than the budget of a frame is copied in pieces over several frames, and
 * is to be found at its old offset until the last of them. Columns are owned by the list, which may
 * replace them when it grows: read them anew after each `defragment`.
 */
export class MoveList {
  /** Rows in use. */
  count = 0;
  /** Range that a row belongs to. */
  handles: Int32Array = new Int32Array(FIRST_LENGTH);
  /** Bytes from the start of the arena to the bytes that are to be copied. */
  from: Float64Array = new Float64Array(FIRST_LENGTH);
  /** Bytes from the start of the arena to where they belong. */
  to: Float64Array = new Float64Array(FIRST_LENGTH);
  bytes: Float64Array = new Float64Array(FIRST_LENGTH);
  /** 1: with this row the range lies at its new offset. */
  completes: Uint8Array = new Uint8Array(FIRST_LENGTH);

  /** Forgets all rows. */
  clear(): void {
    this.count = 0;
  }

  /**
   * Whether source and target of a row share bytes. `copyWithin` copes with that;
   * `copyBufferSubData` within one buffer does not: go by way of a second buffer.
   */
  overlaps(row: number): boolean {
    return Math.abs(this.to[row]! - this.from[row]!) < this.bytes[row]!;
  }

  /** Appends a row. */
  add(handle: number, from: number, to: number, bytes: number, completes: boolean): void {
    if (this.count === this.handles.length) this.#grow();
    const row = this.count++;
    this.handles[row] = handle;
    this.from[row] = from;
    this.to[row] = to;
    this.bytes[row] = bytes;
    this.completes[row] = completes ? 1 : 0;
  }

  #grow(): void {
    const length = this.count * 2;
    this.handles = grown(this.handles, length);
    this.from = grown(this.from, length);
    this.to = grown(this.to, length);
    this.bytes = grown(this.bytes, length);
    this.completes = grown(this.completes, length);
  }
}
