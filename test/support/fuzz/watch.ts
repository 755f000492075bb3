/** Watches the thread that fuzzes: a reader that never ends is ended, and named. */
import type { Worker } from 'node:worker_threads';
import type { FuzzReport } from './protocol.ts';

/** A case takes less than a millisecond; the largest machine hiccup takes less than this. */
const HANG_MS = 60_000;

/**
 * What the thread reports. Rejects, with the thread ended, when it fails or when one case takes
 * between one and two times `hangMs`; the sound files are made before the first case, which may take
 * as long as it does by default.
 *
 * @param progress the thread writes the number of its case into 0
 */
export function watch(
  worker: Worker,
  progress: Int32Array,
  hangMs: number = HANG_MS,
): Promise<FuzzReport[]> {
  return new Promise((resolve, reject) => {
    let subject: string | null = null;
    let last = '';
    let stillMs = 0;
    const timer = setInterval(() => {
      const now = `${subject} ${Atomics.load(progress, 0)}`;
      stillMs = now === last ? stillMs + hangMs : 0;
      last = now;
      if (stillMs < (subject === null ? HANG_MS : hangMs)) return;
      clearInterval(timer);
      void worker.terminate();
      reject(new Error(`${subject ?? 'the start'} hangs in case ${Atomics.load(progress, 0)}`));
    }, hangMs);
    worker.on('message', (message: string | FuzzReport[]) => {
      if (typeof message === 'string') subject = message;
      else resolve(message);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      clearInterval(timer);
      reject(new Error(`the thread ended with code ${code}`));
    });
  });
}
