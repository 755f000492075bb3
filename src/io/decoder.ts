/**
 * The port of decoding: bytes of a payload in, content or an error code out. The worker pool
 * implements it off the main thread; the inline decoder implements it in place, for simulations.
 */
import type { ErrorCode } from '../base/errors.ts';
import type { PayloadContent } from './content.ts';
import type { Bytes } from './source.ts';

export interface DecodeJob {
  payload: number;
  /** `PayloadKind`, or one of the game's own. */
  kind: number;
  /** The payload as stored. Transferred: the caller must not touch it afterwards. */
  bytes: Bytes;
  checksum: number;
  decodedBytes: number;
  priority: number;
  label: string;
}

export interface DecodeResult {
  code: ErrorCode;
  message: string;
  content: PayloadContent | null;
  decodeMs: number;
  /** What unpacked most of it, e.g. `draco`; for the throughput by codec. */
  codec?: string;
  /** Bytes of the content that came out, 0 on failure. */
  decodedBytes?: number;
}

/** What the decoder has done since it was made. */
export interface DecoderStats {
  /** Threads that decode. */
  workerCount: number;
  /** Milliseconds that all threads together have worked. */
  busyMs: number;
  /** Milliseconds that all threads together have existed. */
  aliveMs: number;
  /** Workers that ended unasked and were replaced. */
  crashes: number;
  /** By codec: bytes decoded and the milliseconds they took. */
  codecs: Record<string, { jobs: number; bytes: number; ms: number }>;
}

export interface Decoder {
  /** Never rejects: bad bytes and dead workers are results with a code. */
  decode(job: DecodeJob): Promise<DecodeResult>;
  /** Withdraws a job that has not begun; false when it is too late. */
  cancel(payload: number): boolean;
  /** Changes the place of a job that has not begun; without effect on others. */
  reprioritize?(payload: number, priority: number): void;
  /**
   * Says what the device samples, as bits of `TextureSupport`, for all jobs handed out from now on:
   * KTX2 images become what fits.
   */
  setTextureSupport?(bits: number): void;
  /** Jobs accepted and not yet answered. */
  readonly pendingCount: number;
  readonly stats?: Readonly<DecoderStats>;
  /** Resolves when every worker has ended. Open jobs are answered with `Cancelled`. */
  dispose(): Promise<void>;
}
