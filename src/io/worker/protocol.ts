/**
 * What the pool and its workers say to each other. Jobs and results travel in batches: one message
 * per turn, because in a browser the message itself costs more than a small result.
 */
import type { DecodeResult } from '../decoder.ts';
import type { Bytes } from '../source.ts';

/** A decode job on its way to a worker. */
export interface WorkerJob {
  id: number;
  bytes: Bytes;
  checksum: number;
  decodedBytes: number;
  label: string;
}

export interface WorkerResult extends DecodeResult {
  id: number;
}

/** Pool to worker. */
export type ToDecoder =
  /** Decode these, in this order. */
  | { type: 'decode'; jobs: WorkerJob[] }
  /** The compiled Draco decoder, or why there is none. */
  | { type: 'draco'; module: WebAssembly.Module | null; message: string };

/** Worker to pool. */
export type FromDecoder =
  /** A job needs Draco; answered with `draco`. */
  | { type: 'need-draco' }
  /** `isBroken`: this worker's memory cannot be trusted any more, replace it. */
  | { type: 'done'; results: WorkerResult[]; isBroken: boolean };

/** To a worker of either role. */
export type ToWorker = ToDecoder;

/** From a worker of either role. */
export type FromWorker =
  /** The first message of every worker: its code has loaded. */
  { type: 'ready' } | FromDecoder;
