/** A worker's line to the thread that started it, the same for browsers and Node. */
import type { FromWorker, ToWorker } from './protocol.ts';

export interface Port {
  post(message: FromWorker, transfer?: Transferable[]): void;
  listen(receive: (message: ToWorker) => void): void;
}

/** One of the things a worker can do. */
export interface Role<Message> {
  take(message: Message): void;
  /** Begins nothing new; resolves when nothing is running. */
  stop(): Promise<void>;
}

interface NodePort {
  postMessage(message: unknown, transfer: readonly Transferable[]): void;
  on(event: 'message', listener: (message: ToWorker) => void): void;
}

interface BrowserScope {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(event: 'message', listener: (event: { data: ToWorker }) => void): void;
}

export function openPort(): Port {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const threads = host.process?.getBuiltinModule?.('node:worker_threads') as
    | { parentPort: NodePort | null }
    | undefined;
  const node = threads?.parentPort;
  if (node)
    return {
      post: (message, transfer = []) => node.postMessage(message, transfer),
      listen: (receive) => node.on('message', receive),
    };
  const scope = globalThis as unknown as BrowserScope;
  return {
    post: (message, transfer = []) => scope.postMessage(message, transfer),
    listen: (receive) => scope.addEventListener('message', ({ data }) => receive(data)),
  };
}
