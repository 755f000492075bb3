/** Data in the pack file, by extents. A device that fails is an answer here, not an exception. */
import type { Bytes } from '../source.ts';
import type { BlockFile } from './block-file.ts';
import { type Extent, UNIT_BYTES } from './extents.ts';

export class Pack {
  readonly #file: BlockFile;
  #isDirty = false;

  constructor(file: BlockFile) {
    this.#file = file;
  }

  get bytes(): number {
    return this.#file.size;
  }

  /** Null where the file does not have all `size` bytes. */
  read(extents: readonly Extent[], size: number): Bytes | null {
    const bytes = new Uint8Array(size);
    let at = 0;
    try {
      for (const { start, count } of extents) {
        const target = bytes.subarray(at, at + count * UNIT_BYTES);
        at += this.#file.readAt(target, start * UNIT_BYTES);
      }
    } catch {
      return null;
    }
    return at === size ? bytes : null;
  }

  /** False where not all of it could be written. */
  write(extents: readonly Extent[], bytes: Uint8Array): boolean {
    let at = 0;
    this.#isDirty = true;
    try {
      for (const { start, count } of extents) {
        const piece = bytes.subarray(at, at + count * UNIT_BYTES);
        this.#file.writeAt(piece, start * UNIT_BYTES);
        at += piece.length;
      }
      return true;
    } catch {
      return false;
    }
  }

  /** Throws what the device throws. */
  flush(): void {
    if (this.#isDirty) this.#file.flush();
    this.#isDirty = false;
  }

  /** Cuts off what lies behind `size`. Throws what the device throws. */
  truncate(size: number): void {
    if (this.#file.size > size) this.#file.truncate(size);
  }
}
