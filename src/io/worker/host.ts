/** A worker thread as the pool sees it, the same for browsers and Node. */
import { reasonOf } from '../../base/errors.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

/** The part of Node's `Worker` that the pool uses. */
export interface NodeWorker {
  postMessage(message: unknown, transfer?: readonly never[]): void;
  on(event: string, listener: (value: unknown) => void): unknown;
  terminate(): Promise<unknown>;
  ref(): void;
  unref(): void;
}

/** A browser's module worker, or one of Node's `worker_threads`. */
export type AnyWorker = Worker | NodeWorker;

export interface WorkerEvents {
  onMessage(message: FromWorker): void;
  /** The worker ended or failed. Called at most once, and never after `terminate`. */
  onEnd(reason: string): void;
}

export interface WorkerLink {
  post(message: ToWorker, transfer: Transferable[]): void;
  /** Whether the worker keeps the process alive (Node); it does not until told so. */
  hold(isHeld: boolean): void;
  /** Ends the worker wherever it is; resolves when it has ended. For one that hangs. */
  terminate(): Promise<void>;
  /**
   * Lets the worker finish what it is at, then ends it; resolves when it has ended. Node ends the
   * whole process when a thread is terminated at the wrong moment of zlib's.
   */
  stop(): Promise<void>;
}

/** How long a worker may take to finish what it is at. */
const STOP_GRACE_MS = 2000;

/** Listens to a worker. In Node it no longer keeps the process alive. */
export function linkWorker(worker: AnyWorker, events: WorkerEvents): WorkerLink {
  let isOpen = true;
  let onStopped = (): void => undefined;
  const end = (reason: string): void => {
    onStopped();
    if (!isOpen) return;
    isOpen = false;
    events.onEnd(reason);
  };
  const receive = (message: FromWorker): void => {
    if (message.type === 'stopped') onStopped();
    else if (isOpen) events.onMessage(message);
  };
  if ('on' in worker) {
    worker.on('message', (message) => receive(message as FromWorker));
    worker.on('error', (error) => end(reasonOf(error)));
    worker.on('messageerror', () => end('a message could not be read'));
    worker.on('exit', (code) => end(`it exited with code ${code}`));
    // Only now: a listener attached later would keep the process alive again.
    worker.unref();
  } else {
    worker.addEventListener('message', (event: { data: FromWorker }) => receive(event.data));
    worker.addEventListener('error', (event: { message?: string }) =>
      // A worker script that does not load says nothing at all.
      end(event.message || 'its script does not load'),
    );
    worker.addEventListener('messageerror', () => end('a message could not be read'));
  }
  const hold = (isHeld: boolean): void => {
    if ('unref' in worker) isHeld ? worker.ref() : worker.unref();
  };
  const terminate = async (): Promise<void> => {
    isOpen = false;
    await worker.terminate();
  };
  return {
    post: (message, transfer) => (worker as Worker).postMessage(message, transfer),
    hold,
    terminate,
    async stop() {
      isOpen = false;
      hold(true);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, STOP_GRACE_MS);
        onStopped = () => {
          clearTimeout(timer);
          resolve();
        };
        (worker as Worker).postMessage({ type: 'stop' } satisfies ToWorker);
      });
      await terminate();
    },
  };
}

/** Starts the worker file of this package, or the one at `workerUrl`. */
export function startWorker(workerUrl: string | URL | undefined): AnyWorker {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const threads = host.process?.getBuiltinModule?.('node:worker_threads') as
    | { Worker: new (file: URL, options: { execArgv: string[] }) => NodeWorker }
    | undefined;
  if (threads) {
    // Not a literal: bundlers would take it for one more asset of the page.
    const file = './worker.js';
    // Flags of the process (`--input-type`, loaders) are not meant for this file.
    return new threads.Worker(new URL(workerUrl ?? file, import.meta.url), { execArgv: [] });
  }
  if (workerUrl !== undefined) return new Worker(workerUrl, { type: 'module' });
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
}
