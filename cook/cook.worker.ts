/** Cooks models and terrain tiles beside the main thread. Started by `pool.ts` only. */
import { parentPort } from 'node:worker_threads';
import { reasonOf } from '../src/base/errors.ts';
import { type CookJob, runJob, transferables } from './jobs.ts';

/** What the pool sends. */
export interface JobMessage {
  index: number;
  job: CookJob;
}

parentPort?.on('message', ({ index, job }: JobMessage) => {
  runJob(job).then(
    (result) => parentPort?.postMessage({ index, result }, transferables(result)),
    (error: unknown) => parentPort?.postMessage({ index, error: reasonOf(error) }),
  );
});
