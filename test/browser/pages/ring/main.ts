/** Decodes the same jobs through messages and through the ring, and says what came out. */
import type { DecodeJob } from '../../../../src/io/decoder.ts';
import { createWorkerPool } from '../../../../src/io/worker/pool.ts';
import { arraysOf, countShared, fingerprint } from '../../../support/fingerprint.ts';

interface Outcome {
  order: number[];
  prints: string[];
  shared: number;
  all: number;
  warnings: string[];
  /** Whether WebGL takes the arrays. */
  glError: number;
}

async function decodeAll(completions: 'message' | 'ring'): Promise<Outcome> {
  const jobs = (await (await fetch('/jobs/jobs.json')).json()) as (DecodeJob & { at: number[] })[];
  const bytes = new Uint8Array(await (await fetch('/jobs/jobs.bin')).arrayBuffer());
  const warnings: string[] = [];
  const onWarning = (message: string): void => void warnings.push(message);
  const pool = createWorkerPool({ workerCount: 1, completions, onWarning });
  await pool.warm();
  const order: number[] = [];
  const results = await Promise.all(
    jobs.map(async ({ at, ...job }) => {
      const result = await pool.decode({ ...job, bytes: bytes.slice(at[0], at[1]) });
      order.push(job.payload);
      return result;
    }),
  );
  await pool.dispose();
  const gl = document.createElement('canvas').getContext('webgl2')!;
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  for (const array of arraysOf(results)) gl.bufferData(gl.ARRAY_BUFFER, array, gl.STATIC_DRAW);
  const prints = results.map(fingerprint);
  return { order, prints, ...countShared(results), warnings, glError: gl.getError() };
}

Object.assign(globalThis, { decodeAll });
