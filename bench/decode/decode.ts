/**
 * How fast payloads are decoded: by every codec, in one worker and in several, in Node and in
 * Chromium, beside the library behind the codec called directly, and what it costs the main thread.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { createProgress } from '../../demo/tools/progress.ts';
import { repositoryRoot } from '../../test/support/page-server.ts';
import { startBenchServer } from '../io/bench-server.ts';
import { buildPage, callPage, type HostName, WORKER_FILE } from '../io/hosts.ts';
import { describeConditions, writeJson } from '../lib/json.ts';
import { listOf, oneOf, parseCount } from '../lib/options.ts';
import { round } from '../lib/stats.ts';
import { type DecodeFigures, type DecodeTask, measureDecode } from './client/measure.ts';
import { type CorpusSample, writeCorpus } from './corpus.ts';
import { writeRealCorpus } from './real-corpus.ts';

export interface DecodeOptions {
  hosts: HostName[];
  workers: number[];
  sides: number[];
  /** Real meshes too, where the shared data is there. */
  real?: boolean;
  codecs?: string[];
  rounds: number;
  /** What a round decodes, about, and at least two payloads a worker. Default 8 MB. */
  roundBytes?: number;
  quick?: boolean;
  json?: string;
}

/** One row: a codec on a host. */
export interface DecodeRun extends Omit<DecodeFigures, 'problems'> {
  host: HostName;
  codec: string;
  workers: number;
  mesh: string;
  data: CorpusSample['data'];
  /** Time of the library by time inside a worker; null where there is nothing to compare with. */
  ratioToRawLibrary: number | null;
  storedBytes: number;
  decodedBytes: number;
  /** Decoded by stored bytes. */
  compressionRatio: number;
}

export interface DecodeReport {
  runs: DecodeRun[];
  verdicts: string[];
}

const ROUND_BYTES = 8e6;
/** Share of the library's own speed. */
const MIN_SHARE = 0.9;
const QUICK = { sides: [64], rounds: 1, workers: [1], real: false };

export function addDecodeCommand(program: Command): void {
  program
    .command('decode')
    .description('decoding in workers, by codec, beside the libraries called directly')
    .option(
      '--hosts <names>',
      'where to decode',
      listOf((text) => oneOf(text, ['node', 'chromium'])),
      ['node', 'chromium'],
    )
    .option('--workers <counts>', 'workers', listOf(parseCount), [
      1,
      Math.max(2, Math.min(4, availableParallelism())),
    ])
    .option('--sides <n>', 'grids of n x n vertices', listOf(parseCount), [318])
    .option('--no-real', 'only grids, no real meshes')
    .option('--codecs <names>', 'only these, e.g. "draco,meshopt + deflate"', listOf(String))
    .option('--rounds <n>', 'rounds of each', parseCount, 3)
    .option('--quick', 'one small mesh, one worker, one round')
    .option('--json <file>', 'write the figures as JSON')
    .action(async (options: DecodeOptions) => {
      const progress = createProgress('decode');
      const report = await measureDecodes(options, progress.update);
      progress.stop();
      printDecodes(report);
      if (options.json)
        writeJson({ bench: 'decode', ...describeConditions(0), ...report }, options.json);
    });
}

export async function measureDecodes(
  given: DecodeOptions,
  onProgress: (fraction: number, what: string) => void = () => undefined,
): Promise<DecodeReport> {
  const options = given.quick ? { ...given, ...QUICK } : given;
  const folder = await mkdtemp(join(tmpdir(), 'farfield-decode-'));
  const runs: DecodeRun[] = [];
  try {
    const all = await writeCorpus(folder, options.sides);
    if (options.real) all.push(...(await writeRealCorpus(folder)));
    const samples = all.filter(({ codec }) => options.codecs?.includes(codec) ?? true);
    if (samples.length === 0)
      throw new Error(`--codecs: expected some of ${[...new Set(all.map((s) => s.codec))]}`);
    const total = options.hosts.length * options.workers.length * samples.length;
    for (const host of options.hosts)
      await withHost(host, folder, async (decode) => {
        for (const workers of options.workers)
          for (const sample of samples) {
            onProgress(runs.length / total, `${host}, ${workers} workers, ${sample.codec}`);
            const jobs = Math.ceil((options.roundBytes ?? ROUND_BYTES) / sample.decodedBytes);
            const figures = await decode({
              ...{ sample, workers, rounds: options.rounds },
              jobs: Math.max(workers * 2, Math.min(500, jobs)),
            });
            runs.push(toRun(host, workers, sample, figures));
          }
      });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { runs, verdicts: judgeDecodes(runs) };
}

type Decode = (
  task: Omit<DecodeTask, 'baseUrl' | 'dracoWasmUrl' | 'workerUrl'>,
) => Promise<DecodeFigures>;

async function withHost(
  host: HostName,
  folder: string,
  work: (decode: Decode) => Promise<void>,
): Promise<void> {
  if (host === 'node') {
    const wasm = join(repositoryRoot, 'dist/src/io/codecs/draco_decoder.wasm');
    const dracoWasmUrl = pathToFileURL(wasm).href;
    const baseUrl = pathToFileURL(folder).href;
    await work((task) => measureDecode({ ...task, baseUrl, dracoWasmUrl, workerUrl: WORKER_FILE }));
    return;
  }
  const page = await buildPage('decode/client/page.js');
  const server = await startBenchServer({ world: folder, page: page.folder });
  try {
    const opened = await callPage(server);
    const baseUrl = `${server.origin}/run/decode`;
    try {
      await work((task) =>
        opened.call<DecodeFigures>('measureDecode', { ...task, baseUrl, dracoWasmUrl: '' }),
      );
    } finally {
      await opened.close();
    }
  } finally {
    await server.close();
    await page.remove();
  }
}

function toRun(
  host: HostName,
  workers: number,
  sample: CorpusSample,
  { problems, ...figures }: DecodeFigures,
): DecodeRun {
  if (problems.length > 0)
    throw new Error(`bench: ${sample.codec} did not decode: ${problems.join('; ')}`);
  const { codec, data, name, bytes, decodedBytes, ratio } = sample;
  // Of stored arrays and of LZ4 there is no faster decoder to compare with: a copy is no decoder.
  const isCompared = !codec.startsWith('raw') && !codec.endsWith('lz4');
  const share = figures.workerMegabytesPerS / figures.rawLibraryMegabytesPerS;
  const rounded = Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [key, round(value)]),
  ) as typeof figures;
  return {
    ...{ host, codec, workers, ...rounded, mesh: name, data },
    ratioToRawLibrary: isCompared ? round(share) : null,
    ...{ storedBytes: bytes, decodedBytes, compressionRatio: round(ratio) },
  };
}

/** One line a codec, host and origin of meshes: the largest in one worker against the library. */
export function judgeDecodes(runs: readonly DecodeRun[]): string[] {
  const lines: string[] = [];
  const single = runs.filter(
    ({ workers, ratioToRawLibrary }) => workers === 1 && ratioToRawLibrary,
  );
  for (const key of new Set(single.map(groupOf))) {
    const rows = single.filter((run) => groupOf(run) === key);
    const largest = rows.reduce((a, b) => (b.decodedBytes > a.decodedBytes ? b : a));
    const share = largest.ratioToRawLibrary!;
    lines.push(
      `${share >= MIN_SHARE ? 'kept:  ' : 'MISSED:'} ${largest.host}, ${largest.codec}, ${largest.mesh}: ` +
        `${Math.round(share * 100)} % of the library called directly, target >= 90 %`,
    );
  }
  return lines.length > 0 ? lines : ['not measured: no row in one worker that has a target'];
}

function groupOf({ host, codec, data }: DecodeRun): string {
  return `${host}, ${codec}, ${data}`;
}

function printDecodes({ runs, verdicts }: DecodeReport): void {
  console.table(
    runs.map((run) => ({
      host: run.host,
      codec: run.codec,
      mesh: run.mesh,
      workers: run.workers,
      'MB/s': run.megabytesPerS,
      'Mtri/s': run.megatrianglesPerS,
      'MB/s in a worker': run.workerMegabytesPerS,
      'library MB/s': run.rawLibraryMegabytesPerS,
      'x library': run.ratioToRawLibrary,
      'main thread us': run.mainThreadMicrosecondsPerCompletion,
      'x smaller': run.compressionRatio,
    })),
  );
  for (const line of verdicts) process.stdout.write(`${line}\n`);
}
