/**
 * A ring of text records in shared memory, from one thread to one other: what a completion says
 * crosses over without a message. Records keep their order; one that does not fit is refused, and
 * its writer sends it another way.
 *
 * Layout: 16 Int32 of control (count of units written, count read, whether the reader sleeps), then
 * 16-bit units. A record: its length in units (2 units), its number (2 units), its text in UTF-16.
 */

const CONTROL_BYTES = 64;
const [WRITTEN, READ, ASLEEP] = [0, 1, 2];
const HEAD_UNITS = 4;
/** Characters made into a string at a time: they are arguments of a call. */
const CHUNK_UNITS = 4096;

/** What later standards know and the library of this project's target does not. */
type WaitAsync = (
  array: Int32Array,
  index: number,
  value: number,
) => { async: boolean; value: Promise<string> | string };
const waitAsync = (Atomics as unknown as { waitAsync?: WaitAsync }).waitAsync;

/** @param bytes room for records, at least 1 KiB; rounded up to a power of two */
export function createRing(bytes: number): SharedArrayBuffer {
  const units = 2 ** Math.ceil(Math.log2(Math.max(1024, bytes) / 2));
  return new SharedArrayBuffer(CONTROL_BYTES + units * 2);
}

class RingView {
  protected readonly control: Int32Array;
  protected readonly units: Uint16Array;
  protected readonly mask: number;

  constructor(buffer: SharedArrayBuffer) {
    this.control = new Int32Array(buffer, 0, CONTROL_BYTES / 4);
    this.units = new Uint16Array(buffer, CONTROL_BYTES);
    this.mask = this.units.length - 1;
  }
}

export class RingWriter extends RingView {
  /** Adds a record, unless there is no room for it now. */
  push(number: number, text: string): boolean {
    const written = this.control[WRITTEN]!;
    const used = (written - Atomics.load(this.control, READ)) | 0;
    if (used + HEAD_UNITS + text.length > this.units.length) return false;
    this.#put(written, text.length & 0xffff);
    this.#put(written + 1, text.length >>> 16);
    this.#put(written + 2, number & 0xffff);
    this.#put(written + 3, (number >>> 16) & 0xffff);
    const from = written + HEAD_UNITS;
    for (let i = 0; i < text.length; i++) this.#put(from + i, text.charCodeAt(i));
    Atomics.store(this.control, WRITTEN, (from + text.length) | 0);
    return true;
  }

  /** Wakes a reader that waits. True when it must be poked with a message: it cannot wait here. */
  wake(): boolean {
    Atomics.notify(this.control, WRITTEN);
    return Atomics.exchange(this.control, ASLEEP, 0) === 1;
  }

  #put(at: number, unit: number): void {
    this.units[at & this.mask] = unit;
  }
}

export class RingReader extends RingView {
  /** Units written when `next` looked last. */
  #seen = 0;
  #isWaiting = false;
  #isClosed = false;

  /** The number of the next record, or -1. */
  get next(): number {
    const read = this.control[READ]!;
    this.#seen = Atomics.load(this.control, WRITTEN);
    if (read === this.#seen) return -1;
    return this.#at(read + 2) | (this.#at(read + 3) << 16);
  }

  /** The text of the next record. It stays until `advance`. */
  text(): string {
    const read = this.control[READ]!;
    const length = this.#length(read);
    let text = '';
    for (let done = 0; done < length; ) {
      const from = (read + HEAD_UNITS + done) & this.mask;
      const count = Math.min(CHUNK_UNITS, length - done, this.units.length - from);
      text += String.fromCharCode.apply(null, this.units.subarray(from, from + count) as never);
      done += count;
    }
    return text;
  }

  advance(): void {
    const read = this.control[READ]!;
    Atomics.store(this.control, READ, (read + HEAD_UNITS + this.#length(read)) | 0);
  }

  /** Calls back, once, when there is more than `next` saw last; at once if there is. */
  onMore(wake: () => void): void {
    if (this.#isWaiting || this.#isClosed) return;
    const call = (): void => {
      this.#isWaiting = false;
      if (!this.#isClosed) wake();
    };
    const seen = this.#seen;
    if (!waitAsync) {
      // The writer sees this and sends a message; or has written before, and is seen here.
      Atomics.store(this.control, ASLEEP, 1);
      if (Atomics.load(this.control, WRITTEN) !== seen) queueMicrotask(call);
      return;
    }
    this.#isWaiting = true;
    const { value } = waitAsync(this.control, WRITTEN, seen);
    if (typeof value === 'string') queueMicrotask(call);
    else void value.then(call);
  }

  close(): void {
    this.#isClosed = true;
    Atomics.notify(this.control, WRITTEN);
  }

  #length(read: number): number {
    return this.#at(read) | (this.#at(read + 1) << 16);
  }

  #at(at: number): number {
    return this.units[at & this.mask]!;
  }
}
