/**
 * What one payload costs the main thread between the request and the decoded content, by who
 * fetches (this thread or the I/O worker) and how completions come back (messages or the ring).
 * Runs in Node and in pages; the caller brings the clock of busy time.
 */
import type { DecodeJob } from '../../src/io/decoder.ts';
import { readParts } from '../../src/io/parts.ts';
import { httpSource } from '../../src/io/sources/http.ts';
import { createIoWorker } from '../../src/io/worker/io-worker.ts';
import { createWorkerPool } from '../../src/io/worker/pool.ts';

export type ThreadingMode = 'fetch here' | 'I/O worker' | 'I/O worker, ring';
export const THREADING_MODES: readonly ThreadingMode[] = [
  'fetch here',
  'I/O worker',
  'I/O worker, ring',
];

export interface MainThreadTask {
  mode: ThreadingMode;
  /** Folder of `file`. */
  url: string;
  file: string;
  /** Payloads of the file, by ascending start. */
  jobs: (Pick<DecodeJob, 'payload' | 'checksum' | 'decodedBytes' | 'label'> & {
    start: number;
    end: number;
  })[];
  /** Payloads that travel in one read. */
  perRead: number;
  /** Times that everything is loaded. */
  rounds: number;
  workerUrl?: string;
}

export interface MainThreadOutcome {
  completions: number;
  busyMs: number;
  wallMs: number;
}

const READS_IN_FLIGHT = 6;

/** @param busyMs milliseconds this thread has worked so far */
export async function measureMainThread(
  task: MainThreadTask,
  busyMs: () => number | Promise<number>,
): Promise<MainThreadOutcome> {
  const worker = task.workerUrl === undefined ? {} : { workerUrl: task.workerUrl };
  const io = task.mode === 'fetch here' ? null : createIoWorker(worker);
  const direct = httpSource(task.url);
  const source = io?.adopt(direct) ?? direct;
  const completions = task.mode === 'I/O worker, ring' ? 'ring' : 'message';
  const pool = createWorkerPool({ ...worker, completions });
  await pool.warm();
  const reads: MainThreadTask['jobs'][] = [];
  for (let i = 0; i < task.jobs.length; i += task.perRead)
    reads.push(task.jobs.slice(i, i + task.perRead));
  let count = 0;
  const load = async (jobs: MainThreadTask['jobs']): Promise<void> => {
    const decodes: Promise<void>[] = [];
    await readParts(source, task.file, jobs, {
      onPart(index, bytes) {
        const { start: _, end: __, ...job } = jobs[index]!;
        const decoding = pool.decode({ ...job, kind: 1, priority: 0, bytes });
        decodes.push(
          decoding.then(({ code, message }) => {
            if (code !== 0) throw new Error(message);
            count++;
          }),
        );
      },
    });
    await Promise.all(decodes);
  };
  const round = async (): Promise<void> => {
    const queue = [...reads];
    const lane = async (): Promise<void> => {
      for (let jobs = queue.shift(); jobs; jobs = queue.shift()) await load(jobs);
    };
    await Promise.all(Array.from({ length: READS_IN_FLIGHT }, lane));
  };
  await round();
  count = 0;
  const [startMs, startBusyMs] = [performance.now(), await busyMs()];
  for (let i = 0; i < task.rounds; i++) await round();
  const outcome = {
    completions: count,
    busyMs: (await busyMs()) - startBusyMs,
    wallMs: performance.now() - startMs,
  };
  await pool.dispose();
  await io?.dispose();
  return outcome;
}
