/**
 * The decoding role of a worker: takes jobs in order, answers in batches, transfers what it made.
 * Bad bytes are results with a code.
 */
import { ErrorCode, StreamError } from '../../base/errors.ts';
import { createDracoDecode, isDracoBroken } from '../codecs/draco.ts';
import { decodeMesh, type MeshCodecs } from '../codecs/mesh.ts';
import { type ContentDecode, decodePayload } from '../codecs/payload.ts';
import { listTransferables } from '../codecs/transfer.ts';
import type { Port, Role } from './port.ts';
import type { ToDecoder, WorkerJob, WorkerResult } from './protocol.ts';

/** A job slower than this reports at once; results of quicker ones wait for the next in the batch. */
const QUICK_MS = 2;

export function serveDecode(port: Port): Role<ToDecoder> {
  const inbox: WorkerJob[] = [];
  let outbox: WorkerResult[] = [];
  let isRunning = false;
  let answerDraco: ((message: ToDecoder & { type: 'draco' }) => void) | undefined;

  const codecs: MeshCodecs = {
    draco: createDracoDecode(
      () =>
        new Promise((resolve, reject) => {
          answerDraco = ({ module, message }) => {
            if (module) resolve(module);
            else reject(new StreamError(ErrorCode.Network, message));
          };
          port.post({ type: 'need-draco' });
        }),
    ),
  };
  const decode: ContentDecode = (content, job) => decodeMesh(content, job, codecs);

  const flush = (): void => {
    if (outbox.length === 0) return;
    const results = outbox;
    outbox = [];
    const transfer = results.flatMap(({ content }) => (content ? listTransferables(content) : []));
    port.post({ type: 'done', results, isBroken: isDracoBroken() }, transfer);
  };
  const run = async (): Promise<void> => {
    isRunning = true;
    for (let job = inbox.shift(); job; job = inbox.shift()) {
      const result = await decodePayload(job, decode, () => performance.now());
      outbox.push({ ...result, id: job.id });
      if (result.decodeMs > QUICK_MS || isDracoBroken()) flush();
    }
    isRunning = false;
    flush();
  };
  let running = Promise.resolve();
  return {
    take(message) {
      if (message.type === 'draco') {
        answerDraco?.(message);
        return;
      }
      inbox.push(...message.jobs);
      if (!isRunning) running = run();
    },
    async stop() {
      inbox.length = 0;
      // A job that waits for the decoder would wait for ever: nobody answers any more.
      answerDraco?.({ type: 'draco', module: null, message: 'the worker was told to stop' });
      await running;
    },
  };
}
