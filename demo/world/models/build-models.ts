/**
 * Writes all models: in two worker threads where this runs as built JavaScript, in this thread
 * otherwise. Every model is seeded by its own name, so the bytes do not depend on which.
 */
import { Worker } from 'node:worker_threads';
import type { WrittenModel } from './write-model.ts';
import { writeModel } from './write-model.ts';

/** Two: what the smallest machine that the demo is meant for has. */
const THREADS = 2;

export interface BuildJob {
  folder: string;
  seed: number;
  texels: number;
}

/** Calls back after each model. Resolves when all are written; rejects with the first error. */
export async function buildModels(
  names: readonly string[],
  job: BuildJob,
  onModel: (model: WrittenModel) => void,
): Promise<WrittenModel[]> {
  const written: WrittenModel[] = [];
  const done = (model: WrittenModel): void => {
    written.push(model);
    onModel(model);
  };
  if (names.length > 8 && import.meta.url.endsWith('.js')) await inThreads([...names], job, done);
  else for (const name of names) done(await writeModel(job.folder, name, job));
  return written.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function inThreads(
  queue: string[],
  job: BuildJob,
  done: (model: WrittenModel) => void,
): Promise<void> {
  const workers: Worker[] = [];
  const runs = Array.from({ length: THREADS }, () => {
    const worker = new Worker(new URL('./build.worker.js', import.meta.url), { workerData: job });
    workers.push(worker);
    return drain(worker, queue, done);
  });
  try {
    await Promise.all(runs);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Feeds one worker until the queue is empty. */
function drain(
  worker: Worker,
  queue: string[],
  done: (model: WrittenModel) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const name = queue.shift();
      if (name === undefined) resolve();
      else worker.postMessage(name);
    };
    worker.on('message', (model: WrittenModel) => {
      done(model);
      next();
    });
    worker.on('error', reject);
    next();
  });
}
