/**
 * Gathers what reads bring into few messages. Bytes and parts may wait a moment for others, so that
 * a fast link does not drown the other thread in messages; the end of a read never waits, because a
 * free place in its queue does.
 */
import type { Port } from './port.ts';
import type { ReadEnd, ReadNews, ReadPart } from './protocol.ts';

/** Parts and progress go out this often at most, the first of them at once. */
const INTERVAL_MS = 4;

export class NewsBatch {
  readonly #port: Port;
  readonly #progress = new Map<number, number>();
  #parts: ReadPart[] = [];
  #ends: ReadEnd[] = [];
  #lastMs = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDue = false;

  constructor(port: Port) {
    this.#port = port;
  }

  addBytes(id: number, count: number): void {
    this.#progress.set(id, (this.#progress.get(id) ?? 0) + count);
    this.#flushLater();
  }

  addPart(part: ReadPart): void {
    this.#parts.push(part);
    this.#flushLater();
  }

  addEnd(end: ReadEnd): void {
    this.#ends.push(end);
    this.#flushSoon();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const news: ReadNews = {
      progress: [...this.#progress].flat(),
      parts: this.#parts,
      ends: this.#ends,
    };
    this.#progress.clear();
    this.#parts = [];
    this.#ends = [];
    this.#lastMs = performance.now();
    this.#port.post(
      { type: 'news', news },
      news.parts.map(({ bytes }) => bytes.buffer),
    );
  }

  #flushLater(): void {
    if (this.#timer !== undefined || this.#isDue) return;
    const waitMs = this.#lastMs + INTERVAL_MS - performance.now();
    if (waitMs <= 0) this.#flushSoon();
    else this.#timer = setTimeout(() => this.flush(), waitMs);
  }

  /** After everything that belongs to this turn. */
  #flushSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.flush();
    });
  }
}
