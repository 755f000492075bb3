/**
 * Bookkeeping of a ring of fixed buffers through which bytes go on their way to the GPU: each frame
 * fills the next one, so that what is written was last read several frames ago and nobody waits.
 * Owns no bytes: the caller has one buffer per segment.
 */
import { assertNumber } from '../base/assert.ts';

export class StagingRing {
  readonly segmentBytes: number;
  readonly segments: number;
  #segment = 0;
  #used = 0;

  /**
   * @param segmentBytes size of each buffer; what one frame can stage
   * @param segments frames until a buffer is written again
   */
  constructor(segmentBytes: number, segments: number) {
    assertNumber('segmentBytes', segmentBytes, 1);
    assertNumber('segments', segments, 1);
    this.segmentBytes = segmentBytes;
    this.segments = segments;
  }

  /** Buffer that this frame fills. */
  get segment(): number {
    return this.#segment;
  }

  /** Bytes that this frame can still stage. */
  get leftBytes(): number {
    return this.segmentBytes - this.#used;
  }

  /** A frame begins. The buffer stays the same as long as nothing was staged in it. */
  beginFrame(): void {
    if (this.#used === 0) return;
    this.#segment = (this.#segment + 1) % this.segments;
    this.#used = 0;
  }

  /**
   * Takes `bytes` of this frame's buffer and returns where they begin in it, a multiple of 4; -1
   * where they do not fit.
   */
  take(bytes: number): number {
    const at = this.#used;
    if (at + bytes > this.segmentBytes) return -1;
    this.#used = Math.min(this.segmentBytes, Math.ceil((at + bytes) / 4) * 4);
    return at;
  }
}
