/**
 * The decoding role of a worker: takes jobs in order, answers in batches, transfers what it made.
 * Bad bytes are results with a code.
 */
import { ErrorCode, StreamError } from '../../base/errors.ts';
import { createBasisTranscode, isBasisBroken } from '../codecs/basis.ts';
import { createDracoDecode, isDracoBroken } from '../codecs/draco.ts';
import { decodeMesh, type MeshCodecs } from '../codecs/mesh.ts';
import { createContentDecode, decodePayload, failResult } from '../codecs/payload.ts';
import { listTransferables } from '../codecs/transfer.ts';
import { isCustom } from '../content.ts';
import type { Port, Role } from './port.ts';
import type { ToDecoder, WorkerJob, WorkerResult } from './protocol.ts';
import type { WasmName } from './wasm-files.ts';

/** A job slower than this reports at once; results of quicker ones wait for the next in the batch. */
const QUICK_MS = 2;

export function serveDecode(port: Port): Role<ToDecoder> {
  const inbox: WorkerJob[] = [];
  let outbox: Outgoing[] = [];
  let isRunning = false;
  const askers = new Map<WasmName, (answer: ToDecoder & { type: 'wasm' }) => void>();

  const askFor = (name: WasmName): Promise<WebAssembly.Module> =>
    new Promise((resolve, reject) => {
      askers.set(name, ({ module, message }) => {
        if (module) resolve(module);
        else reject(new StreamError(ErrorCode.Network, message));
      });
      port.post({ type: 'need-wasm', name });
    });
  const codecs: MeshCodecs = {
    draco: createDracoDecode(() => askFor('draco')),
    basis: createBasisTranscode(() => askFor('basis')),
  };
  const decode = createContentDecode((content, job) => decodeMesh(content, job, codecs));

  const flush = (): void => {
    if (outbox.length === 0) return;
    const results = outbox;
    outbox = [];
    postResults(port, results);
  };
  const run = async (): Promise<void> => {
    isRunning = true;
    for (let job = inbox.shift(); job; job = inbox.shift()) {
      codecs.support = job.textureSupport;
      const result = await decodePayload(job, decode, () => performance.now());
      outbox.push({ result: { ...result, id: job.id }, label: job.label });
      if (result.decodeMs > QUICK_MS || hasBroken()) flush();
    }
    isRunning = false;
    flush();
  };
  let running = Promise.resolve();
  return {
    take(message) {
      if (message.type === 'wasm') {
        askers.get(message.name)?.(message);
        return;
      }
      inbox.push(...message.jobs);
      if (!isRunning) running = run();
    },
    async stop() {
      inbox.length = 0;
      // A job that waits for a decoder would wait for ever: nobody answers any more.
      for (const [name, answer] of askers)
        answer({ type: 'wasm', name, module: null, message: 'the worker was told to stop' });
      await running;
    },
  };
}

interface Outgoing {
  result: WorkerResult;
  label: string;
}

/** A value of the game's that cannot be sent fails alone, whatever else is in the batch. */
function postResults(port: Port, outgoing: readonly Outgoing[]): void {
  const results = outgoing.map(({ result }) => withoutTransfer(result));
  const transfer = outgoing.flatMap(({ result: { content } }) =>
    content ? listTransferables(content) : [],
  );
  const isBroken = hasBroken();
  try {
    port.post({ type: 'done', results, isBroken }, transfer);
  } catch (error) {
    if (outgoing.length > 1) for (const one of outgoing) postResults(port, [one]);
    else for (const one of outgoing) postFailure(port, one, error);
  }
}

function postFailure(port: Port, { result, label }: Outgoing, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  const failure = failResult(label, `its value cannot leave the worker: ${reason}`);
  const { id, decodeMs } = result;
  port.post({ type: 'done', results: [{ ...failure, id, decodeMs }], isBroken: hasBroken() });
}

function withoutTransfer(result: WorkerResult): WorkerResult {
  const { content } = result;
  if (!content || !isCustom(content)) return result;
  return { ...result, content: { kind: content.kind, value: content.value } };
}

/** Whether a decoder of this thread has aborted. */
function hasBroken(): boolean {
  return isDracoBroken() || isBasisBroken();
}
