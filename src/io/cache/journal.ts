/**
 * The index on disk: a journal of records that only grows, in one of two files. When it is full, a
 * new one is written into the other file: its records, a flush, and only then the header with a
 * higher generation. The valid header with the highest generation is the index, so the switch is one
 * write of 64 bytes, which a crash leaves done or not done.
 */
import type { BlockFile } from './block-file.ts';
import {
  decodeHeader,
  decodeRecord,
  encodeHeader,
  encodeRecord,
  type IndexRecord,
  RECORD_BYTES,
} from './record.ts';

type Buffer = Uint8Array<ArrayBuffer>;

/** No journal is larger, whatever a damaged file says its size is: half a million records. */
export const MAX_JOURNAL_BYTES: number = 32 * 1024 * 1024;

export class Journal {
  readonly #files: readonly [BlockFile, BlockFile];
  /** Largest size of each file. */
  readonly #limitBytes: number;
  /** Index of the file in use. */
  #current = 0;
  #generation = 0;
  /** Records in the file in use, the header included. */
  #places = 0;
  #isSound = false;

  /** @param limitBytes how large each of the two files may become */
  constructor(files: readonly [BlockFile, BlockFile], limitBytes: number) {
    this.#files = files;
    this.#limitBytes = limitBytes;
  }

  /** Bytes of both files. */
  get bytes(): number {
    return this.#files[0].size + this.#files[1].size;
  }

  /** Records that a new journal has room for. */
  get capacity(): number {
    return Math.floor(this.#limitBytes / RECORD_BYTES) - 1;
  }

  /**
   * Hands over the records that were flushed, oldest first, up to the first that is not whole.
   * After a crash, or with files of another limit, `append` then refuses until a `rewrite`.
   */
  load(take: (record: IndexRecord) => void): void {
    const generations = this.#files.map((file) => {
      const header = new Uint8Array(RECORD_BYTES);
      return file.readAt(header, 0) === RECORD_BYTES ? decodeHeader(header) : 0;
    });
    this.#current = generations[1]! > generations[0]! ? 1 : 0;
    this.#generation = generations[this.#current]!;
    this.#isSound = false;
    if (this.#generation === 0) return;
    const file = this.#files[this.#current]!;
    const bytes = new Uint8Array(Math.min(file.size, MAX_JOURNAL_BYTES));
    const places = Math.floor(file.readAt(bytes, 0) / RECORD_BYTES);
    this.#places = 1;
    for (; this.#places < places; this.#places++) {
      const at = this.#places * RECORD_BYTES;
      const slice = bytes.subarray(at, at + RECORD_BYTES);
      const record = decodeRecord(slice, this.#generation, this.#places);
      if (!record) break;
      take(record);
    }
    const other = this.#files[1 - this.#current]!;
    this.#isSound =
      this.#places * RECORD_BYTES === file.size &&
      file.size <= this.#limitBytes &&
      other.size === 0;
  }

  /** Adds records and flushes. False, and nothing done, when only a `rewrite` will do. */
  append(records: readonly IndexRecord[]): boolean {
    const at = this.#places * RECORD_BYTES;
    if (!this.#isSound || at + records.length * RECORD_BYTES > this.#limitBytes) return false;
    const file = this.#files[this.#current]!;
    file.writeAt(this.#encode(records, this.#generation, this.#places), at);
    file.flush();
    this.#places += records.length;
    return true;
  }

  /** Replaces the whole index: at most `capacity` records. It is durable when this returns. */
  rewrite(records: readonly IndexRecord[]): void {
    const old = this.#files[this.#current]!;
    const file = this.#files[1 - this.#current]!;
    const generation = this.#generation + 1;
    this.#isSound = false;
    file.truncate(0);
    file.writeAt(this.#encode(records, generation, 1), RECORD_BYTES);
    file.flush();
    const header = new Uint8Array(RECORD_BYTES);
    encodeHeader(header, generation);
    file.writeAt(header, 0);
    file.flush();
    this.#current = 1 - this.#current;
    this.#generation = generation;
    this.#places = records.length + 1;
    old.truncate(0);
    this.#isSound = true;
  }

  #encode(records: readonly IndexRecord[], generation: number, place: number): Buffer {
    const bytes = new Uint8Array(records.length * RECORD_BYTES);
    records.forEach((record, i) => {
      const target = bytes.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES);
      encodeRecord(target, record, generation, place + i);
    });
    return bytes;
  }
}
