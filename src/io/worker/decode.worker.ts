/**
 * The decode worker: one source file for browser module workers and Node's worker threads. Takes
 * jobs in order, answers in batches, transfers what it made. Bad bytes are results with a code.
 */
import { ErrorCode, StreamError } from '../../base/errors.ts';
import { createDracoDecode, isDracoBroken } from '../codecs/draco.ts';
import { decodeMesh, type MeshCodecs } from '../codecs/mesh.ts';
import { type ContentDecode, decodePayload } from '../codecs/payload.ts';
import { listTransferables } from '../codecs/transfer.ts';
import type { FromWorker, ToWorker, WorkerJob, WorkerResult } from './protocol.ts';

/** A job slower than this reports at once; results of quicker ones wait for the next in the batch. */
const QUICK_MS = 2;

interface Port {
  post(message: FromWorker, transfer: Transferable[]): void;
  listen(receive: (message: ToWorker) => void): void;
}

interface NodePort {
  postMessage(message: unknown, transfer: readonly Transferable[]): void;
  on(event: 'message', listener: (message: ToWorker) => void): void;
}

interface BrowserScope {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(event: 'message', listener: (event: { data: ToWorker }) => void): void;
}

function openPort(): Port {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const threads = host.process?.getBuiltinModule?.('node:worker_threads') as
    | { parentPort: NodePort | null }
    | undefined;
  const node = threads?.parentPort;
  if (node)
    return {
      post: (message, transfer) => node.postMessage(message, transfer),
      listen: (receive) => node.on('message', receive),
    };
  const scope = globalThis as unknown as BrowserScope;
  return {
    post: (message, transfer) => scope.postMessage(message, transfer),
    listen: (receive) => scope.addEventListener('message', ({ data }) => receive(data)),
  };
}

const port = openPort();
const inbox: WorkerJob[] = [];
let outbox: WorkerResult[] = [];
let isRunning = false;
let answerDraco: ((message: ToWorker & { type: 'draco' }) => void) | undefined;

const codecs: MeshCodecs = {
  draco: createDracoDecode(
    () =>
      new Promise((resolve, reject) => {
        answerDraco = ({ module, message }) => {
          if (module) resolve(module);
          else reject(new StreamError(ErrorCode.Network, message));
        };
        port.post({ type: 'need-draco' }, []);
      }),
  ),
};

const decode: ContentDecode = (content, job) => decodeMesh(content, job, codecs);

function flush(): void {
  if (outbox.length === 0) return;
  const results = outbox;
  outbox = [];
  const transfer = results.flatMap(({ content }) => (content ? listTransferables(content) : []));
  port.post({ type: 'done', results, isBroken: isDracoBroken() }, transfer);
}

async function run(): Promise<void> {
  isRunning = true;
  for (let job = inbox.shift(); job; job = inbox.shift()) {
    const result = await decodePayload(job, decode, () => performance.now());
    outbox.push({ ...result, id: job.id });
    if (result.decodeMs > QUICK_MS || isDracoBroken()) flush();
  }
  isRunning = false;
  flush();
}

port.listen((message) => {
  if (message.type === 'draco') {
    answerDraco?.(message);
    return;
  }
  inbox.push(...message.jobs);
  if (!isRunning) void run();
});
port.post({ type: 'ready' }, []);
