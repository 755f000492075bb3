/** The loading screen's question: is everything there that the first view shows? */
import type { Streaming } from '../../../src/index.ts';

/** The view counts as complete when it had no hole and nothing left to load for so many frames. */
const CALM_FRAMES = 12;

/** On a slow link the curtain rises this long after the last hole closed, with detail still coming. */
const PATIENCE_SECONDS = 5;

export class Arrival {
  isComplete = false;
  /** 0 to 1, never falling. */
  progress = 0;
  readonly #streaming: Streaming;
  #isOpen = false;
  #calmFrames = 0;
  #wholeSeconds = 0;
  #mostAwaited = 1;

  constructor(streaming: Streaming) {
    this.#streaming = streaming;
  }

  /** The world is open: from now on the question makes sense. */
  begin(): void {
    this.#isOpen = true;
  }

  update(dtSeconds: number): void {
    if (this.isComplete || !this.#isOpen) return;
    const stats = this.#streaming.stats();
    const onItsWay = stats.payloadsPending + stats.payloadsStaged;
    const awaited = stats.candidates + onItsWay;
    this.#mostAwaited = Math.max(this.#mostAwaited, awaited);
    const isLoading = Object.values(stats.levels).includes('loading');
    const isWhole = stats.holes === 0 && !isLoading && stats.payloadsResident > 0;
    // A candidate that memory has no room for stays one: what counts is whether anything comes.
    const isCalm = isWhole && onItsWay === 0;
    this.#calmFrames = isCalm ? this.#calmFrames + 1 : 0;
    this.#wholeSeconds = isWhole ? this.#wholeSeconds + dtSeconds : 0;
    this.progress = Math.max(this.progress, Math.min(0.99, 1 - awaited / this.#mostAwaited));
    if (this.#calmFrames < CALM_FRAMES && this.#wholeSeconds < PATIENCE_SECONDS) return;
    this.progress = 1;
    this.isComplete = true;
  }
}
