/**
 * The decoding role of a worker: takes jobs in order, answers in batches, transfers what it made.
 * Bad bytes are results with a code.
 */
import { ErrorCode, StreamError } from '../../base/errors.ts';
import { createBasisTranscode, isBasisBroken } from '../codecs/basis.ts';
import { createDracoDecode, isDracoBroken } from '../codecs/draco.ts';
import { decodeMesh, type MeshCodecs } from '../codecs/mesh.ts';
import { createContentDecode, decodePayload } from '../codecs/payload.ts';
import { type Outgoing, ResultOutlet } from './outlet.ts';
import type { Port, Role } from './port.ts';
import type { ToDecoder, WorkerJob } from './protocol.ts';
import type { WasmName } from './wasm-files.ts';

/** A job slower than this reports at once; results of quicker ones wait for the next in the batch. */
const QUICK_MS = 2;

export function serveDecode(port: Port): Role<ToDecoder> {
  const outlet = new ResultOutlet(port);
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
  const decode = createContentDecode((content, job, name) =>
    decodeMesh(content, job, codecs, name),
  );

  const flush = (): void => {
    if (outbox.length === 0) return;
    const results = outbox;
    outbox = [];
    outlet.send(results, hasBroken());
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
      if (message.type === 'wasm') askers.get(message.name)?.(message);
      else if (message.type === 'ring') outlet.useRing(message.buffer);
      else {
        inbox.push(...message.jobs);
        if (!isRunning) running = run();
      }
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

/** Whether a decoder of this thread has aborted. */
function hasBroken(): boolean {
  return isDracoBroken() || isBasisBroken();
}
