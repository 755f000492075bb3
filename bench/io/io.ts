/**
 * What it takes to bring payloads in over a network: this library beside a plain `Promise.all` and
 * 3d-tiles-renderer's queue, in Chromium and in Node, against a real HTTP server with latency and a
 * cap, and beside what physics allows.
 */
import type { Command } from 'commander';
import { createProgress } from '../../demo/tools/progress.ts';
import { describeConditions, writeJson } from '../lib/json.ts';
import { listOf, oneOf, parseCount, parseSeed } from '../lib/options.ts';
import { type BenchServer, startBenchServer } from './bench-server.ts';
import { type IoRun, measureCell } from './cell.ts';
import type { SystemName } from './client/load.ts';
import { type CriticalRun, measureCritical } from './critical-cell.ts';
import { type BuiltPage, buildPage, type Host, openChromium, openNode } from './hosts.ts';
import { createPlan, PARTS, type PlannedCell, type PlanOptions } from './plan.ts';
import { measureProfiles, type ProfileRun } from './profiles.ts';
import { judgeIo, printIo } from './report.ts';
import { createTrace, type Trace } from './trace.ts';
import { findWorld } from './world.ts';

export interface IoOptions extends PlanOptions {
  json?: string;
  trace?: string;
  world?: string;
}

export interface IoReport {
  runs: IoRun[];
  /** Median of the worst measured link, in milliseconds; null where it was not measured. */
  criticalBehindQueueMs: number | null;
  critical: CriticalRun[];
  /** Simulated devices and links. */
  profiles: ProfileRun[];
  /** One line for each target. */
  verdicts: string[];
}

const DEFAULT_SYSTEMS: readonly SystemName[] = [
  'farfield',
  'farfield + decode',
  'promise-all',
  '3d-tiles-renderer',
];
const SYSTEMS: readonly SystemName[] = [...DEFAULT_SYSTEMS, 'promise-all, one address'];

export function addIoCommand(program: Command): void {
  const names = (allowed: readonly string[]) => listOf((text) => oneOf(text, allowed));
  program
    .command('io')
    .description('time to bring payloads in over a network, beside peers and the physical bound')
    .option('--hosts <names>', 'where to load', names(['node', 'chromium']), ['node', 'chromium'])
    .option('--latencies <ms>', 'latencies of the link', listOf(parseAmount), [0, 40, 120])
    .option(
      '--mbits <n>',
      'caps of the link in Mbit/s, 0 is none',
      listOf(parseAmount),
      [0, 100, 20],
    )
    .option('--payloads <n>', 'payloads to bring in', parseCount, 500)
    .option('--max-kib <n>', 'largest payload', parseCount, 128)
    .option('--rounds <n>', 'times that each system loads', parseCount, 3)
    .option('--systems <names>', 'what loads', names(SYSTEMS), [...DEFAULT_SYSTEMS])
    .option('--parts <names>', 'what to measure', names(PARTS), [...PARTS])
    .option('--quick', 'one round of few payloads, at 40 ms and 20 Mbit/s')
    .option('--seed <n>', 'seed of the flight that asks for the payloads', parseSeed, 1)
    .option('--world <folder>', 'a cooked world (default: the demo island, cooked if need be)')
    .option('--trace <file>', 'write the log of every request as text')
    .option('--json <file>', 'write the figures as JSON')
    .action(runIo);
}

async function runIo(options: IoOptions): Promise<void> {
  const world = await findWorld(options.world);
  const progress = createProgress('io');
  const { report, trace } = await measureIo(world, options, progress.update);
  progress.stop();
  printIo(report);
  if (options.json)
    writeJson({ bench: 'io', ...describeConditions(options.seed), ...report }, options.json);
  trace.save(options.trace);
}

/** Measures what the options ask for on a cooked world in `folder`. */
export async function measureIo(
  folder: string,
  options: IoOptions,
  onProgress: (fraction: number, what: string) => void = () => undefined,
): Promise<{ report: IoReport; trace: Trace }> {
  const { cells, simulated } = await createPlan(folder, options);
  const trace = createTrace();
  const page = cells.some(({ host }) => host === 'chromium') ? await buildPage() : null;
  const server = await startBenchServer({ world: folder, page: page?.folder ?? '' });
  const hosts = new Map<string, Host>();
  const runs: IoRun[] = [];
  const critical: CriticalRun[] = [];
  const profiles: ProfileRun[] = [];
  try {
    if (simulated) {
      onProgress(0, 'simulated devices');
      profiles.push(...(await measureProfiles(simulated.files, simulated.payloads)));
    }
    for (const [i, cell] of cells.entries()) {
      onProgress(i / cells.length, describe(cell));
      const host = hosts.get(cell.host) ?? (await openHost(cell.host, server));
      hosts.set(cell.host, host);
      const common = { host, server, onLog: trace.add };
      if (cell.part === 'critical') critical.push(await measureCritical({ ...cell, ...common }));
      else runs.push(...(await measureCell({ ...cell, ...common })));
    }
  } finally {
    await close(hosts, server, page);
  }
  const criticalBehindQueueMs = critical[0]?.milliseconds ?? null;
  const report = { runs, criticalBehindQueueMs, critical, profiles };
  return { report: { ...report, verdicts: judgeIo(report) }, trace };
}

async function openHost(name: string, server: BenchServer): Promise<Host> {
  return name === 'node' ? openNode() : openChromium(server);
}

async function close(
  hosts: Map<string, Host>,
  server: BenchServer,
  page: BuiltPage | null,
): Promise<void> {
  for (const host of hosts.values()) await host.close();
  await server.close();
  await page?.remove();
}

function describe({ part, host, latencyMs, mbitPerS }: PlannedCell): string {
  return `${part}: ${host}, ${latencyMs} ms, ${mbitPerS ?? 'no cap'}${mbitPerS ? ' Mbit/s' : ''}`;
}

function parseAmount(text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new Error(`expected numbers from 0 up, got "${text}"`);
}
