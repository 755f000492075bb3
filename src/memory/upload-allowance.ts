/**
 * What may be handed to the GPU within one frame: bytes, and milliseconds as foreseen from what
 * uploads have cost. The first piece of a frame may always go, however large: nothing is stuck.
 */
import type { Clock } from '../base/clock.ts';
import { UploadCost, type UploadKind } from './upload-cost.ts';

/** Below this a piece is not worth its call. */
const LEAST_PIECE_BYTES = 64 * 1024;

/** What a view asks before it hands something over, and tells afterwards. */
export interface UploadLimits {
  /**
   * How many of `bytes` may go now: all of them, some of them (at least 64 KiB), or 0 when the rest
   * has to wait for the next frame. Call right before the work: its time counts from here.
   */
  fit(kind: UploadKind, bytes: number): number;
  /** Whether all of `bytes` may go now, for what cannot be divided. Otherwise as `fit`. */
  mayGo(kind: UploadKind, bytes: number): boolean;
  /** They went, and the work is done. */
  went(kind: UploadKind, bytes: number): void;
}

export class UploadAllowance implements UploadLimits {
  readonly cost: UploadCost = new UploadCost();
  readonly #clock: Clock;
  #limitBytes = 0;
  #limitMs = 0;
  #beganMs = 0;
  #pieceMs = 0;
  #pieces = 0;
  #bytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Pieces that went in this frame. */
  get pieces(): number {
    return this.#pieces;
  }

  /** Bytes that went in this frame. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A frame begins. */
  begin(limitBytes: number, limitMs: number): void {
    this.#limitBytes = limitBytes;
    this.#limitMs = limitMs;
    this.#beganMs = this.#clock.now();
    this.#pieces = 0;
    this.#bytes = 0;
  }

  fit(kind: UploadKind, bytes: number): number {
    this.#pieceMs = this.#clock.now();
    const leftMs = this.#limitMs - (this.#pieceMs - this.#beganMs);
    const inTime = leftMs < 0 ? 0 : this.cost.bytesIn(kind, leftMs);
    const room = Math.floor(Math.min(this.#limitBytes - this.#bytes, inTime));
    if (room >= bytes) return bytes;
    const least = Math.min(bytes, LEAST_PIECE_BYTES);
    if (room >= least) return room;
    return this.#pieces === 0 ? least : 0;
  }

  mayGo(kind: UploadKind, bytes: number): boolean {
    this.#pieceMs = this.#clock.now();
    if (this.#pieces === 0) return true;
    if (this.#bytes + bytes > this.#limitBytes) return false;
    const spentMs = this.#pieceMs - this.#beganMs;
    return spentMs + this.cost.predictMs(kind, bytes) <= this.#limitMs;
  }

  went(kind: UploadKind, bytes: number): void {
    this.cost.learn(kind, bytes, this.#clock.now() - this.#pieceMs);
    this.#pieces++;
    this.#bytes += bytes;
  }
}
