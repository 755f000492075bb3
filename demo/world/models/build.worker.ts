/** One thread of model building: a name comes in, a GLB is on disk, its size goes out. */
import { parentPort, workerData } from 'node:worker_threads';
import type { BuildJob } from './build-models.ts';
import { writeModel } from './write-model.ts';

const job = workerData as BuildJob;
const port = parentPort;

port?.on('message', (name: string) => {
  writeModel(job.folder, name, job).then(
    (model) => port.postMessage(model),
    // Thrown outside the promise, so that it reaches the owner as the worker's error event.
    (error: unknown) =>
      setImmediate(() => {
        throw error;
      }),
  );
});
