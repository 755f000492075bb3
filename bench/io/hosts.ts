/** Where loads run: in this Node process, or on a page in headless Chromium. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { launchBrowser, openPage } from '../../test/support/browser.ts';
import { repositoryRoot } from '../../test/support/page-server.ts';
import type { BenchServer } from './bench-server.ts';
import { type CriticalOutcome, type CriticalTask, loadCritical } from './client/critical.ts';
import { type LoadOutcome, type LoadTask, load } from './client/load.ts';

export type HostName = 'node' | 'chromium';

export interface Host {
  name: HostName;
  load(task: LoadTask): Promise<LoadOutcome>;
  loadCritical(task: CriticalTask): Promise<CriticalOutcome>;
  /** Downloads `url` whole; resolves with its size in bytes. */
  flood(url: string): Promise<number>;
  close(): Promise<void>;
}

/** Longer than any run: it only ends a browser that hangs. */
const WATCHDOG_MS = 60 * 60_000;

/** Node runs no TypeScript: its workers come from what the build made of them. */
export const WORKER_FILE: string = pathToFileURL(
  join(repositoryRoot, 'dist/src/io/worker/worker.js'),
).href;

export function openNode(): Host {
  return {
    name: 'node',
    load: (task) => load({ ...task, workerUrl: WORKER_FILE }),
    loadCritical,
    flood: async (url) => (await (await fetch(url)).arrayBuffer()).byteLength,
    close: async () => undefined,
  };
}

/** Opens the page that `buildPage` made, from the benchmark's server. */
export async function openChromium(server: BenchServer): Promise<Host> {
  const { call, close } = await callPage(server);
  return {
    name: 'chromium',
    load: (task) => call('load', task),
    loadCritical: (task) => call('loadCritical', task),
    flood: (url) => call('flood', url),
    close,
  };
}

export interface CalledPage {
  /** Calls a method of the page's `benchPage`. */
  call<T>(method: string, input: unknown): Promise<T>;
  close(): Promise<void>;
}

export async function callPage(server: BenchServer): Promise<CalledPage> {
  const browser = await launchBrowser({ watchdogMs: WATCHDOG_MS });
  const opened = await openPage(browser, {
    url: `${server.origin}/page/`,
    timeoutMs: WATCHDOG_MS,
  }).catch(async (error) => {
    await browser.close();
    throw error;
  });
  return {
    call: <T>(method: string, input: unknown) =>
      opened.page.evaluate(
        ([name, argument]) => {
          const { benchPage } = globalThis as unknown as {
            benchPage: Record<string, (input: unknown) => unknown>;
          };
          return benchPage[name]!(argument);
        },
        [method, input] as const,
      ) as Promise<T>,
    async close() {
      await opened.close();
      await browser.close();
    },
  };
}

export interface BuiltPage {
  folder: string;
  remove(): Promise<void>;
}

/**
 * Bundles what the build made of a page's script, as a game's bundler would, into a folder.
 *
 * @param entry path below `dist/bench`
 */
export async function buildPage(entry: string = 'io/client/page.js'): Promise<BuiltPage> {
  const folder = await mkdtemp(join(tmpdir(), 'farfield-bench-'));
  await build({
    configFile: false,
    root: join(repositoryRoot, 'dist/bench'),
    base: './',
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      target: 'es2023',
      outDir: folder,
      emptyOutDir: true,
      rollupOptions: {
        input: join(repositoryRoot, 'dist/bench', entry),
        output: { entryFileNames: 'page.js' },
      },
    },
  });
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>bench</title>' +
      '<link rel="icon" href="data:,"><script type="module" src="./page.js"></script></html>',
  );
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
