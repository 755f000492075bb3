/**
 * Long work beside a game that draws: done in short turns with pauses in between, in which frames
 * are drawn and messages arrive. All work of one pace shares its turns.
 */
import type { Clock } from './clock.ts';

/**
 * The pause while frames are drawn (ms): two turns fall into a frame of 16 ms at most. While none
 * are drawn a turn follows as soon as the host lets it.
 */
const FRAME_PAUSE_MS = 8;

/** Time between two pieces of work in which others must have had their turn (ms). */
const GAP_MS = 1;

export class Pace {
  readonly #clock: Clock;
  readonly #turnMs: number;
  /** Frames drawn so far; raised by whoever draws. */
  frames = 0;
  /** Longest turn so far (ms on the clock), and how many there were. */
  maxTurnMs = 0;
  turns = 0;
  #spentMs = 0;
  #endedMs = Number.NEGATIVE_INFINITY;
  #pausedAtFrame = 0;
  #pause: Promise<void> | null = null;

  /** @param turnMs a turn ends with the first piece of work after this */
  constructor(clock: Clock, turnMs: number) {
    this.#clock = clock;
    this.#turnMs = turnMs;
  }

  /** Does one piece of work when it is its turn. */
  async do<T>(work: () => T): Promise<T> {
    if (this.#clock.now() - this.#endedMs > GAP_MS) this.#spentMs = 0;
    while (this.#spentMs >= this.#turnMs) {
      this.#pause ??= this.#rest();
      await this.#pause;
    }
    if (this.#spentMs === 0) this.turns++;
    const startMs = this.#clock.now();
    try {
      return work();
    } finally {
      this.#endedMs = this.#clock.now();
      this.#spentMs += this.#endedMs - startMs;
      this.maxTurnMs = Math.max(this.maxTurnMs, this.#spentMs);
    }
  }

  /**
   * Runs all steps and returns the result.
   *
   * @param check called before each turn; throws to end the work
   */
  async run<T>(steps: Generator<void, T>, check: () => void): Promise<T> {
    const turn = (): IteratorResult<void, T> => {
      check();
      const endMs = this.#clock.now() + this.#turnMs - this.#spentMs;
      let result = steps.next();
      while (!result.done && this.#clock.now() < endMs) result = steps.next();
      return result;
    };
    for (;;) {
      const { done, value } = await this.do(turn);
      if (done) return value;
    }
  }

  async #rest(): Promise<void> {
    const areFramesDrawn = this.frames !== this.#pausedAtFrame;
    this.#pausedAtFrame = this.frames;
    await new Promise<void>((resolve) => {
      this.#clock.after(areFramesDrawn ? FRAME_PAUSE_MS : 0, resolve);
    });
    this.#pause = null;
    this.#spentMs = 0;
  }
}
