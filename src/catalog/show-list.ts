/** This frame's changes of what is shown, gathered for the view. Grows, never shrinks. */
import { grown } from '../base/grown.ts';
import type { ShowChanges } from '../memory/view.ts';

export class ShowList implements ShowChanges {
  count = 0;
  starts: Uint32Array = new Uint32Array(1024);
  ends: Uint32Array = new Uint32Array(1024);
  from: Int32Array = new Int32Array(1024);
  to: Int32Array = new Int32Array(1024);
  /** Slots that show something now. */
  shownSlots = 0;

  /** Slots `[start, end)` go from payload `from` to payload `to` (-1 = nothing). */
  push(start: number, end: number, from: number, to: number): void {
    const last = this.count - 1;
    this.shownSlots += (end - start) * ((to >= 0 ? 1 : 0) - (from >= 0 ? 1 : 0));
    if (
      last >= 0 &&
      this.ends[last] === start &&
      this.from[last] === from &&
      this.to[last] === to
    ) {
      this.ends[last] = end;
      return;
    }
    if (this.count === this.starts.length) this.#grow();
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.from[this.count] = from;
    this.to[this.count++] = to;
  }

  clear(): void {
    this.count = 0;
  }

  #grow(): void {
    const capacity = this.starts.length * 2;
    this.starts = grown(this.starts, capacity);
    this.ends = grown(this.ends, capacity);
    this.from = grown(this.from, capacity);
    this.to = grown(this.to, capacity);
  }
}
