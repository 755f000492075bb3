/**
 * Spreads jobs over worker threads. Which thread does what depends on timing, what comes out does
 * not: results are returned in the order of the jobs.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { reasonOf } from '../src/base/errors.ts';
import { CookError } from './errors.ts';
import { type CookJob, type CookResult, runJob } from './jobs.ts';

export interface PoolOptions {
  /** Threads; 0 works in this one. */
  workers: number;
  /** Called after each job with its index and the number of jobs done. */
  onDone: (index: number, done: number) => void;
}

/** More threads than this only fill memory with decoded images. */
const MAX_WORKERS = 8;

/** Threads to use where nothing else is said. Node cannot run a worker from TypeScript source. */
export function defaultWorkers(): number {
  return existsSync(workerFile()) ? Math.min(MAX_WORKERS, availableParallelism()) : 0;
}

function workerFile(): string {
  return fileURLToPath(new URL('./cook.worker.js', import.meta.url));
}

/**
 * Runs every job. When some fail, rejects with the error of the first of them in order, once those
 * that had begun have ended.
 */
export async function runJobs(
  jobs: readonly (CookJob | (() => CookJob))[],
  options: PoolOptions,
): Promise<CookResult[]> {
  const results: CookResult[] = new Array(jobs.length);
  const failures = new Map<number, Error>();
  let next = 0;
  let done = 0;
  const drain = async (run: (index: number) => Promise<CookResult>): Promise<void> => {
    while (next < jobs.length && failures.size === 0) {
      const index = next++;
      try {
        results[index] = await run(index);
        options.onDone(index, ++done);
      } catch (error) {
        failures.set(index, error instanceof Error ? error : new Error(reasonOf(error)));
      }
    }
  };
  if (options.workers === 0) await drain((index) => runJob(jobAt(jobs, index)));
  else {
    const count = Math.min(options.workers, jobs.length);
    const threads = Array.from({ length: count }, () => startThread(jobs));
    try {
      await Promise.all(threads.map((thread) => drain(thread.run)));
    } finally {
      await Promise.all(threads.map((thread) => thread.end()));
    }
  }
  const first = Math.min(...failures.keys());
  if (failures.size > 0) throw failures.get(first);
  return results;
}

interface Thread {
  run(index: number): Promise<CookResult>;
  end(): Promise<unknown>;
}

interface Answer {
  index: number;
  result?: CookResult;
  error?: string;
}

/** A job that is a function is made when its turn comes: then not all of them are in memory. */
function jobAt(jobs: readonly (CookJob | (() => CookJob))[], index: number): CookJob {
  const job = jobs[index]!;
  return typeof job === 'function' ? job() : job;
}

function startThread(jobs: readonly (CookJob | (() => CookJob))[]): Thread {
  const worker = new Worker(workerFile());
  let settle: { resolve: (result: CookResult) => void; reject: (error: Error) => void } | undefined;
  let death: Error | undefined;
  worker.on('message', ({ result, error }: Answer) => {
    if (result) settle?.resolve(result);
    else settle?.reject(new CookError(error ?? 'a worker answered nothing'));
  });
  const die = (error: Error): void => {
    death = error;
    settle?.reject(error);
  };
  worker.on('error', (error) => die(new Error(`a cook worker died: ${reasonOf(error)}`)));
  worker.on('exit', (code) => die(new Error(`a cook worker ended with exit code ${code}`)));
  return {
    run: (index) =>
      new Promise((resolve, reject) => {
        if (death) {
          reject(death);
          return;
        }
        settle = { resolve, reject };
        worker.postMessage({ index, job: jobAt(jobs, index) });
      }),
    end: () => worker.terminate(),
  };
}
