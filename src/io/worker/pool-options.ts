/** Options of the worker pool and their defaults. */
import { assert, assertNumber, describe } from '../../base/assert.ts';
import { type CustomKinds, checkKinds, type RegisteredKind } from '../custom-kinds.ts';
import type { AnyWorker } from './host.ts';
import { findWasm } from './wasm-files.ts';

export interface WorkerPoolOptions {
  /** Workers at most, 1 to 16. Default: one less than the cores, from 1 to 4. */
  workerCount?: number;
  /** Makes a worker, where a bundler cannot find the worker file by itself. Wins over `workerUrl`. */
  createWorker?: () => AnyWorker;
  /** Address of `worker.js`; default: the file beside this one. */
  workerUrl?: string | URL;
  /** Address of `draco_decoder.wasm`; default: the one of this package. */
  dracoWasmUrl?: string | URL;
  /** Kinds of the game's own; their decoder modules run in the workers. */
  kinds?: CustomKinds;
  /** Address of `basis_transcoder.wasm`; default: the one of this package. */
  basisWasmUrl?: string | URL;
  /** Jobs posted to one worker at a time: one that runs and one that waits behind it. */
  jobsPerWorker?: number;
  /** Encoded bytes posted to one worker at a time; a single job may always go. */
  maxPendingBytes?: number;
  /** A worker whose code has not loaded after this time counts as one that cannot start. */
  startTimeoutMs?: number;
  /** A worker that is silent for this long over a job is ended and replaced. */
  jobTimeoutMs?: number;
  /**
   * How results come back. `message`: transferred, several in a message. `ring`: through shared
   * memory, which costs this thread least but needs a page that is cross-origin isolated; where it
   * is not, messages are used and somebody is told. Node can always share. Content from the ring is
   * views on shared memory: WebGL and WebGPU take them, `Blob` and `TextDecoder` do not.
   */
  completions?: 'message' | 'ring';
  /** Room for the records of one worker that wait in its ring; what does not fit goes by message. */
  ringBytes?: number;
  /** Told what a developer should know. Default: the console. */
  onWarning?: (message: string) => void;
}

type UndefaultedOption =
  | 'createWorker'
  | 'workerUrl'
  | 'dracoWasmUrl'
  | 'basisWasmUrl'
  | 'kinds'
  | 'onWarning';
type Defaulted = Exclude<keyof WorkerPoolOptions, UndefaultedOption>;

export const WORKER_POOL_DEFAULTS: Readonly<Required<Pick<WorkerPoolOptions, Defaulted>>> = {
  workerCount: countWorkers(),
  jobsPerWorker: 2,
  maxPendingBytes: 8 * 1024 * 1024,
  startTimeoutMs: 20_000,
  jobTimeoutMs: 30_000,
  completions: 'message',
  ringBytes: 256 * 1024,
};

export type PoolSettings = WorkerPoolOptions &
  Required<Pick<WorkerPoolOptions, Defaulted | 'dracoWasmUrl' | 'basisWasmUrl'>> & {
    decoders: ReadonlyMap<number, RegisteredKind>;
  };

/** Fills in the defaults. Throws on a value out of range. */
export function checkPoolOptions(options: WorkerPoolOptions): PoolSettings {
  const decoders = checkKinds(options.kinds);
  const settings = {
    ...WORKER_POOL_DEFAULTS,
    dracoWasmUrl: findWasm('draco'),
    basisWasmUrl: findWasm('basis'),
    ...options,
    decoders,
  };
  assertNumber('workerCount', settings.workerCount, 1, 16);
  assertNumber('jobsPerWorker', settings.jobsPerWorker, 1, 16);
  assertNumber('maxPendingBytes', settings.maxPendingBytes, 1);
  assertNumber('startTimeoutMs', settings.startTimeoutMs, 1);
  assertNumber('jobTimeoutMs', settings.jobTimeoutMs, 1);
  assertNumber('ringBytes', settings.ringBytes, 1024, 64 * 1024 * 1024);
  assert(
    settings.completions === 'message' || settings.completions === 'ring',
    `completions must be "message" or "ring", got ${describe(settings.completions)}`,
  );
  if (settings.completions === 'ring' && !canShareMemory()) {
    const warn = options.onWarning ?? ((message: string) => console.warn(`farfield: ${message}`));
    warn(
      'completions: "ring" needs a page that is cross-origin isolated (Cross-Origin-Opener-Policy: ' +
        'same-origin, Cross-Origin-Embedder-Policy: require-corp); results come by message instead',
    );
    settings.completions = 'message';
  }
  return settings;
}

/** Whether memory can be shared with a worker. Node always can and knows no isolation. */
function canShareMemory(): boolean {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  return typeof SharedArrayBuffer === 'function' && crossOriginIsolated !== false;
}

function countWorkers(): number {
  const cores = globalThis.navigator?.hardwareConcurrency ?? nodeCores() ?? 2;
  return Math.min(4, Math.max(1, cores - 1));
}

/** Node 20 has no `navigator`. */
function nodeCores(): number | undefined {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const os = host.process?.getBuiltinModule?.('node:os') as
    | { availableParallelism(): number }
    | undefined;
  return os?.availableParallelism();
}
