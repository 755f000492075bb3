/**
 * The port of decoding: bytes of a payload in, content or an error code out. The worker pool
 * implements it off the main thread; the inline decoder implements it in place, for simulations.
 */
import type { ErrorCode } from '../base/errors.ts';
import type { MeshContent, PayloadKind } from './content.ts';
import type { Bytes } from './source.ts';

export interface DecodeJob {
  payload: number;
  kind: PayloadKind;
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
  content: MeshContent | null;
  decodeMs: number;
}

export interface Decoder {
  /** Never rejects: bad bytes and dead workers are results with a code. */
  decode(job: DecodeJob): Promise<DecodeResult>;
  /** Withdraws a job that has not begun; false when it is too late. */
  cancel(payload: number): boolean;
  /** Jobs accepted and not yet answered. */
  readonly pendingCount: number;
  /** Resolves when every worker has ended. Open jobs are answered with `Cancelled`. */
  dispose(): Promise<void>;
}
