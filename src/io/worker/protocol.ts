/**
 * What a thread and its workers say to each other. Everything travels in batches: one message per
 * turn, because in a browser the message itself costs more than a small result.
 */
import type { ErrorCode } from '../../base/errors.ts';
import type { DecodeResult } from '../decoder.ts';
import type { Bytes, ReadReport, SourceDescriptor } from '../source.ts';
import type { WasmName } from './wasm-files.ts';

/** A decode job on its way to a worker. */
export interface WorkerJob {
  id: number;
  kind: number;
  /** Address of the game's decoder module for the kind, if it is one of its own. */
  decoder: string | null;
  bytes: Bytes;
  checksum: number;
  decodedBytes: number;
  label: string;
  /** What the device samples (`TextureSupport`), null while nobody has said. */
  textureSupport: number | null;
}

export interface WorkerResult extends DecodeResult {
  id: number;
  /** Its place among all results of this worker, where some go through the ring. */
  number?: number;
}

/** Pool to worker. */
export type ToDecoder =
  /** Decode these, in this order. */
  | { type: 'decode'; jobs: WorkerJob[] }
  /** A compiled decoder, or why there is none. */
  | { type: 'wasm'; name: WasmName; module: WebAssembly.Module | null; message: string }
  /** Send through this ring what it can take. */
  | { type: 'ring'; buffer: SharedArrayBuffer };

/** Worker to pool. */
export type FromDecoder =
  /** A job needs a decoder; answered with `wasm`. */
  | { type: 'need-wasm'; name: WasmName }
  /** `isBroken`: this worker's memory cannot be trusted any more, replace it. */
  | { type: 'done'; results: WorkerResult[]; isBroken: boolean }
  /** Shared memory that results in the ring will lie in. */
  | { type: 'slab'; index: number; buffer: SharedArrayBuffer }
  /** There is something in the ring, for a thread that cannot wait for it. */
  | { type: 'poke' };

/** One thing for the I/O worker to do. Sources and reads are known by numbers of the asker's. */
export type ReadOrder =
  | { do: 'open'; source: number; descriptor: SourceDescriptor }
  /** Reads of the source that are running end as `Cancelled`. */
  | { do: 'close'; source: number }
  /** `spans`: start and end of each part in turn, or null for the whole file. */
  | {
      do: 'read';
      id: number;
      source: number;
      file: string;
      spans: number[] | null;
      fresh: boolean;
    }
  | { do: 'abort'; id: number };

/** A part that is complete, in a buffer of its own. A whole file is its own part 0. */
export interface ReadPart {
  id: number;
  index: number;
  bytes: Bytes;
}

/** The end of a read: `report` when all went well, else a code. */
export interface ReadEnd {
  id: number;
  report: ReadReport | null;
  code: ErrorCode;
  message: string;
  retryAfterMs: number;
}

/** What has come for some reads since the last message. */
export interface ReadNews {
  /** Read and bytes of its span that came, in pairs; before the parts they complete. */
  progress: number[];
  parts: ReadPart[];
  ends: ReadEnd[];
}

/** To the I/O worker. */
export type ToReader = { type: 'read'; orders: ReadOrder[] };

/** From the I/O worker. */
export type FromReader =
  | { type: 'news'; news: ReadNews }
  /** What a source refused with `Unavailable` may be asked for again. */
  | { type: 'available'; source: number }
  | { type: 'warning'; source: number; message: string }
  /** This worker cannot make the source. */
  | { type: 'refused'; source: number; message: string };

/** To a worker of either role. */
export type ToWorker =
  /** Finish what is running, close everything; answered with `stopped`. */
  { type: 'stop' } | ToDecoder | ToReader;

/** From a worker of either role. */
export type FromWorker =
  /** The first message of every worker: its code has loaded. */
  | { type: 'ready' }
  /** The last one: it may be terminated now. */
  | { type: 'stopped' }
  | FromDecoder
  | FromReader;
