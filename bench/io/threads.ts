/**
 * `npm run bench -- threads`: what one payload costs the main thread, by who fetches and how
 * completions come back, in Node and in Chromium, against a local HTTP server in a process of its
 * own. Both figures are CPU time of the main thread alone, by the kernel's account (Node, Linux only)
 * and by the browser's: what other threads and processes take does not count.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { launchBrowser, openPage } from '../../test/support/browser.ts';
import { encodeMesh, makeGrid } from '../../test/support/encode-mesh.ts';
import { describeConditions, writeJson } from '../lib/json.ts';
import { parseCount } from '../lib/options.ts';
import {
  type MainThreadOutcome,
  type MainThreadTask,
  measureMainThread,
  THREADING_MODES,
} from './main-thread.ts';

const FILE = 'pack.bin';
const PAYLOADS = 500;
const PER_READ = [1, 16];
/** Serves byte ranges of the one file whose path is its argument; says its port. */
const SERVER = `const file = require('fs').readFileSync(process.argv[1]);
require('http').createServer((request, response) => {
  const [, start, last] = /bytes=(\\d+)-(\\d+)/.exec(request.headers.range ?? '') ?? [0, 0, file.length - 1];
  response.writeHead(206, {
    'content-range': 'bytes ' + start + '-' + last + '/' + file.length,
    'content-length': last - start + 1,
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'content-range',
    'cross-origin-resource-policy': 'cross-origin',
  }).end(file.subarray(+start, +last + 1));
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

interface ThreadsRow {
  host: 'node' | 'chromium';
  mode: string;
  perRead: number;
  mainThreadMicrosecondsPerCompletion: number;
}

type Measure = (task: MainThreadTask) => Promise<MainThreadOutcome>;

export function addThreadsCommand(program: Command): void {
  program
    .command('threads')
    .description(
      'main-thread cost of a payload: fetched here or in the I/O worker, message or ring',
    )
    .option('--rounds <n>', 'times that everything is loaded', parseCount, 6)
    .option('--json <file>', 'write the figures to a file')
    .action(runThreads);
}

async function runThreads({ rounds, json }: { rounds: number; json?: string }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'farfield-threads-'));
  const jobs = await writePayloads(join(folder, FILE));
  const server = spawn(process.execPath, ['-e', SERVER, join(folder, FILE)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const task = { url: await urlOf(server), file: FILE, jobs, rounds };
    const runs = [...(await measureNode(task)), ...(await measureChromium(task))];
    if (json) writeJson({ runs, conditions: describeConditions(0) }, json);
  } finally {
    server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function writePayloads(path: string): Promise<MainThreadTask['jobs']> {
  const chunks: Uint8Array[] = [];
  let end = 0;
  const jobs: MainThreadTask['jobs'] = [];
  for (let payload = 0; payload < PAYLOADS; payload++) {
    // From 28 to 106 vertices a side: about 4 to 20 KiB each.
    const side = 28 + ((payload * 37) % 79);
    const { bytes, checksum, decodedBytes } = await encodeMesh(makeGrid(side), {
      codec: 'meshopt',
    });
    const start = end;
    end += bytes.length;
    chunks.push(bytes);
    jobs.push({ payload, checksum, decodedBytes, label: `payload ${payload}`, start, end });
  }
  await writeFile(path, Buffer.concat(chunks));
  process.stdout.write(`${PAYLOADS} payloads, ${Math.round(end / PAYLOADS)} bytes on average\n`);
  return jobs;
}

async function urlOf(server: ChildProcess): Promise<string> {
  const [port] = (await once(server.stdout!, 'data')) as [Buffer];
  return `http://127.0.0.1:${port.toString().trim()}/`;
}

type Shared = Pick<MainThreadTask, 'url' | 'file' | 'jobs' | 'rounds'>;

/** CPU time of the thread that asks. */
function threadMs(): number {
  const [nanoseconds] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
}

async function measureNode(task: Shared): Promise<ThreadsRow[]> {
  const workerUrl = new URL('../../src/io/worker/worker.js', import.meta.url).href;
  return measureAll('node', { ...task, workerUrl }, (one) => measureMainThread(one, threadMs));
}

async function measureChromium(task: Shared): Promise<ThreadsRow[]> {
  const browser = await launchBrowser({ watchdogMs: 15 * 60_000 });
  try {
    const { page } = await openPage(browser, {
      entry: 'bench/io/main-thread-page.ts',
      isIsolated: true,
      timeoutMs: 10 * 60_000,
    });
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    await page.exposeFunction('busyMs', async () => {
      const { metrics } = await session.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'ThreadTime')!.value * 1000;
    });
    await page.waitForFunction(() => 'measure' in globalThis);
    return await measureAll('chromium', task, (one) =>
      page.evaluate((input) => (globalThis as unknown as { measure: Measure }).measure(input), one),
    );
  } finally {
    await browser.close();
  }
}

/** Each mode twice, in turn; the lesser figure counts: what disturbs only adds. */
async function measureAll(
  host: ThreadsRow['host'],
  task: Shared & { workerUrl?: string },
  measure: Measure,
): Promise<ThreadsRow[]> {
  const rows: ThreadsRow[] = [];
  for (const perRead of PER_READ) {
    const best = new Map<string, number>();
    for (let turn = 0; turn < 2; turn++)
      for (const mode of THREADING_MODES) {
        const { busyMs, completions } = await measure({ ...task, mode, perRead });
        best.set(mode, Math.min(best.get(mode) ?? Infinity, (busyMs * 1000) / completions));
      }
    for (const [mode, microseconds] of best) {
      const figure = Math.round(microseconds * 10) / 10;
      rows.push({ host, mode, perRead, mainThreadMicrosecondsPerCompletion: figure });
      process.stdout.write(`${host}, ${perRead} a read, ${mode}: ${figure} us per completion\n`);
    }
  }
  return rows;
}
