/**
 * What handing bytes to the GPU costs this thread, learned from what it has cost: milliseconds a
 * piece and milliseconds a byte, fitted by least squares over pieces that count the less the longer
 * ago they were. So a piece that would not fit the frame is known before it is begun.
 */

/** What is handed over; each costs in its own way. */
export const UploadKind = {
  /** Bytes copied into a buffer that is there already. */
  Geometry: 0,
  /** A texture with its mips: made, filled, filtered. */
  Texture: 1,
  /** A whole payload, by a view that does not work in pieces. */
  Payload: 2,
} as const;
export type UploadKind = (typeof UploadKind)[keyof typeof UploadKind];

const KINDS = 3;

/** Weight of the past when a new piece is learned: half of it is gone after 14 pieces. */
const MEMORY = 0.95;

/** Sums of a weighted fit `ms = fixed + slope * bytes`: weights, bytes, ms, bytes², bytes * ms. */
const SUMS = 5;

export class UploadCost {
  readonly #sums: Float64Array = new Float64Array(KINDS * SUMS);
  readonly #fixedMs: Float64Array = new Float64Array(KINDS);
  readonly #msPerByte: Float64Array = new Float64Array(KINDS);

  /** Milliseconds that a piece of that many bytes will take; 0 while none has been seen. */
  predictMs(kind: UploadKind, bytes: number): number {
    return this.#fixedMs[kind]! + this.#msPerByte[kind]! * bytes;
  }

  /** Bytes that go into one piece of `ms`; Infinity where bytes cost nothing, 0 where nothing fits. */
  bytesIn(kind: UploadKind, ms: number): number {
    const left = ms - this.#fixedMs[kind]!;
    if (left <= 0) return this.#fixedMs[kind]! === 0 ? Number.POSITIVE_INFINITY : 0;
    const slope = this.#msPerByte[kind]!;
    return slope > 0 ? left / slope : Number.POSITIVE_INFINITY;
  }

  /** Takes in what a piece has cost. */
  learn(kind: UploadKind, bytes: number, ms: number): void {
    const at = kind * SUMS;
    const sums = this.#sums;
    for (let i = at; i < at + SUMS; i++) sums[i] = sums[i]! * MEMORY;
    sums[at] = sums[at]! + 1;
    sums[at + 1] = sums[at + 1]! + bytes;
    sums[at + 2] = sums[at + 2]! + ms;
    sums[at + 3] = sums[at + 3]! + bytes * bytes;
    sums[at + 4] = sums[at + 4]! + bytes * ms;
    this.#fit(kind);
  }

  /** Neither figure may be negative: a larger piece never costs less, and none pays back. */
  #fit(kind: UploadKind): void {
    const at = kind * SUMS;
    const n = this.#sums[at]!;
    const x = this.#sums[at + 1]!;
    const y = this.#sums[at + 2]!;
    const xx = this.#sums[at + 3]!;
    const xy = this.#sums[at + 4]!;
    const spread = n * xx - x * x;
    let slope = spread > xx * 1e-9 ? (n * xy - x * y) / spread : 0;
    if (slope < 0) slope = 0;
    let fixed = (y - slope * x) / n;
    if (fixed < 0) {
      fixed = 0;
      slope = xx > 0 ? xy / xx : 0;
    }
    this.#fixedMs[kind] = fixed;
    this.#msPerByte[kind] = slope;
  }
}
