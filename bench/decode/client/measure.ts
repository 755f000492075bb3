/**
 * Decodes a sample in the worker pool and by the raw library, in turns, in Node or on a page.
 *
 * What is compared is the time inside a worker with the time of the library on this thread, each the
 * best of its rounds: on a machine with other work to do, everything else measures the others.
 */
import { crc32 } from '../../../src/base/crc32.ts';
import { ErrorCode } from '../../../src/base/errors.ts';
import { PayloadKind } from '../../../src/io/content.ts';
import type { Bytes } from '../../../src/io/source.ts';
import { type AnyWorker, startWorker } from '../../../src/io/worker/host.ts';
import { createWorkerPool } from '../../../src/io/worker/pool.ts';
import { createRawDecode } from './raw-library.ts';
import type { Sample } from './sample.ts';

export interface DecodeTask {
  sample: Sample;
  baseUrl: string;
  dracoWasmUrl: string;
  /** Address of the worker file, where it is not beside the code that runs. */
  workerUrl?: string;
  workers: number;
  /** Payloads decoded per round; all are handed over at once. */
  jobs: number;
  rounds: number;
}

export interface DecodeFigures {
  /** Decoded bytes by wall time of the whole pool, best round. */
  megabytesPerS: number;
  megatrianglesPerS: number;
  /** Decoded bytes by time inside one worker, best job. */
  workerMegabytesPerS: number;
  /** Decoded bytes by time of the library called directly, best call. */
  rawLibraryMegabytesPerS: number;
  /** Main thread: handing over and taking back, per payload. */
  mainThreadMicrosecondsPerCompletion: number;
  problems: string[];
}

/** Decoded bytes that are timed together at least. */
const BATCH_BYTES = 2e6;

export async function measureDecode(task: DecodeTask): Promise<DecodeFigures> {
  const { sample, baseUrl, dracoWasmUrl, workerUrl, workers, jobs, rounds } = task;
  const stored = await read(`${baseUrl}/${sample.file}`);
  if (crc32(stored) !== sample.checksum) throw new Error(`bench: ${sample.file} is damaged`);
  const raw = await createRawDecode(stored, await read(dracoWasmUrl));
  const meter = createThreadMeter();
  const pool = createWorkerPool({
    workerCount: workers,
    dracoWasmUrl,
    createWorker: () => meter.watch(startWorker(workerUrl)),
  });
  await pool.warm();
  const problems: string[] = [];
  // Clocks of browsers are coarse: small payloads are timed by the batch, on both sides.
  const batch = Math.max(1, Math.ceil(BATCH_BYTES / sample.decodedBytes));
  const best = { wallMs: Infinity, jobMs: Infinity, rawMs: Infinity, mainMs: Infinity };
  const round = async (): Promise<void> => {
    const copies = Array.from({ length: jobs }, () => stored.slice());
    meter.reset();
    const start = performance.now();
    const results = await Promise.all(
      copies.map((bytes, payload) =>
        pool.decode({
          ...{ payload, kind: PayloadKind.Mesh, bytes, priority: -payload, label: sample.name },
          ...{ checksum: sample.checksum, decodedBytes: sample.decodedBytes },
        }),
      ),
    );
    best.wallMs = Math.min(best.wallMs, performance.now() - start);
    best.mainMs = Math.min(best.mainMs, meter.ms() / jobs);
    for (const { code, message, content, decodeMs } of results) {
      if (code !== ErrorCode.None || !content) problems.push(message || 'no content');
      if (batch === 1 && decodeMs > 0) best.jobMs = Math.min(best.jobMs, decodeMs);
    }
    const meanMs = results.reduce((sum, { decodeMs }) => sum + decodeMs, 0) / jobs;
    if (batch > 1) best.jobMs = Math.min(best.jobMs, meanMs);
  };
  for (let i = 0; i < rounds + 1; i++) {
    await round();
    for (let call = 0; call < Math.max(3, Math.min(jobs, 20)); call++) {
      const start = performance.now();
      for (let i = 0; i < batch; i++) await raw();
      best.rawMs = Math.min(best.rawMs, (performance.now() - start) / batch);
    }
    // The first round warms compilers and memory up.
    if (i === 0) Object.assign(best, { wallMs: Infinity, jobMs: Infinity, mainMs: Infinity });
  }
  await pool.dispose();
  const rate = (ms: number): number => sample.decodedBytes / 1e3 / ms;
  return {
    megabytesPerS: rate(best.wallMs / jobs),
    megatrianglesPerS: (sample.triangles * jobs) / 1e3 / best.wallMs,
    workerMegabytesPerS: rate(best.jobMs),
    rawLibraryMegabytesPerS: rate(best.rawMs),
    mainThreadMicrosecondsPerCompletion: best.mainMs * 1000,
    problems: problems.slice(0, 3),
  };
}

async function read(url: string): Promise<Bytes> {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  if (url.startsWith('file:')) {
    const files = host.process!.getBuiltinModule!('node:fs') as {
      readFileSync(file: URL): Uint8Array;
    };
    return new Uint8Array(files.readFileSync(new URL(url)));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`bench: HTTP ${response.status} for ${url}`);
  return new Uint8Array(await response.arrayBuffer());
}

interface ThreadMeter {
  watch(worker: AnyWorker): AnyWorker;
  reset(): void;
  /** Main-thread milliseconds spent in handing over and in taking messages, unpacking included. */
  ms(): number;
}

type Listen = (type: string, listener: (event: { data: unknown }) => void) => void;

/** Times `postMessage` and every `message` listener. In a browser `data` is unpacked when read. */
function createThreadMeter(): ThreadMeter {
  let sum = 0;
  const timed = <T>(work: () => T): T => {
    const start = performance.now();
    const result = work();
    sum += performance.now() - start;
    return result;
  };
  return {
    watch(worker) {
      const target = worker as unknown as {
        postMessage(...values: unknown[]): void;
        on?: Listen;
        addEventListener?: Listen;
      };
      const post = target.postMessage.bind(worker);
      target.postMessage = (...values) => timed(() => post(...values));
      const name = 'on' in target ? 'on' : 'addEventListener';
      const listen = target[name]!.bind(worker) as Listen;
      target[name] = (type, listener) =>
        listen(type, type === 'message' ? (event) => timed(() => listener(event)) : listener);
      return worker;
    },
    reset() {
      sum = 0;
    },
    ms: () => sum,
  };
}
