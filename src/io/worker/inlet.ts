/**
 * Where the results of one worker come in, by message or through the ring, in the order in which the
 * worker made them: each has a number, and one that came early waits for those before it.
 */
import type { WorkerResult } from './protocol.ts';
import { RingReader } from './ring.ts';
import { unpackResult } from './shared-result.ts';

export class RingInlet {
  readonly #ring: RingReader;
  readonly #slabs = new Map<number, SharedArrayBuffer>();
  readonly #early = new Map<number, WorkerResult>();
  #next = 0;

  constructor(buffer: SharedArrayBuffer) {
    this.#ring = new RingReader(buffer);
  }

  addSlab(index: number, buffer: SharedArrayBuffer): void {
    this.#slabs.set(index, buffer);
  }

  /** Takes results that came by message. */
  add(results: readonly WorkerResult[]): void {
    for (const result of results) this.#early.set(result.number!, result);
  }

  /** Everything whose turn it is. */
  drain(): WorkerResult[] {
    const results: WorkerResult[] = [];
    for (;;) {
      const result = this.#early.get(this.#next) ?? this.#read();
      if (!result) return results;
      this.#early.delete(this.#next);
      this.#next++;
      delete result.number;
      results.push(result);
    }
  }

  /** Calls back, once, when the ring holds more. */
  onMore(wake: () => void): void {
    this.#ring.onMore(wake);
  }

  close(): void {
    this.#ring.close();
  }

  #read(): WorkerResult | null {
    if (this.#ring.next !== this.#next) return null;
    const result = unpackResult(this.#ring.text(), this.#slabs);
    if (result) this.#ring.advance();
    return result;
  }
}
