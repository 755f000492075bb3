/** The eviction policies as caches, on published traces: their hit ratios, and whether they are right. */
import type { Command } from 'commander';
import { describeConditions, writeJson } from '../lib/json.ts';
import { listOf, parseCount } from '../lib/options.ts';
import { type Comparison, compareWithPublished, OLTP, PUBLISHED_PAGES } from './published.ts';
import { listTraces, readTrace, type Trace } from './read-trace.ts';
import { hitPercent, TRACE_POLICIES, type TracePolicy } from './replay.ts';

const DEFAULT_FOLDER = '../shared/data/traces';

/** Sizes of the cache by the number of different pages, where none are named. */
const SHARES = [0.05, 0.1, 0.2, 0.4];

interface TracesOptions {
  traces: string;
  pages?: number[];
  json?: string;
}

interface TraceRun {
  trace: string;
  accesses: number;
  differentPages: number;
  pages: number;
  hitPercent: Record<TracePolicy, number>;
}

/** Adds `traces` to the bench command line. */
export function addTracesCommand(program: Command): void {
  program
    .command('traces')
    .description('hit ratios of the eviction policies on published traces')
    .option('--traces <folder>', 'files in the formats of ARC, LIRS and cache2k', DEFAULT_FOLDER)
    .option('--pages <counts>', 'sizes of the cache, separated by commas', listOf(parseCount))
    .option('--json <file>', 'write the figures as JSON')
    .action(async ({ traces: folder, pages, json }: TracesOptions) => {
      const runs: TraceRun[] = [];
      const published: Comparison[] = [];
      for (const file of listTraces(folder)) {
        const trace = await readTrace(file);
        const measured = sizesOf(trace, pages).map((size) => measure(trace, size));
        printRuns(trace, measured);
        runs.push(...measured);
        if (trace.name !== OLTP) continue;
        published.push(...compareWithPublished(trace, sizesOf(trace, pages)));
      }
      const isSound = printPublished(published);
      const conditions = { bench: 'traces', ...describeConditions(0) };
      if (json) writeJson({ ...conditions, traces: runs, published }, json);
      if (!isSound) process.exitCode = 1;
    });
}

function sizesOf({ name, pageCount }: Trace, named: readonly number[] | undefined): number[] {
  if (named) return [...named];
  if (name === OLTP) return [...PUBLISHED_PAGES];
  return SHARES.map((share) => Math.max(1, Math.round(pageCount * share)));
}

function measure(trace: Trace, size: number): TraceRun {
  const hits = TRACE_POLICIES.map((name) => [name, hitPercent(trace, name, size)] as const);
  return {
    trace: trace.name,
    accesses: trace.pages.length,
    differentPages: trace.pageCount,
    pages: size,
    hitPercent: Object.fromEntries(hits) as Record<TracePolicy, number>,
  };
}

function printRuns({ name, pages, pageCount }: Trace, runs: readonly TraceRun[]): void {
  const accesses = pages.length.toLocaleString('en');
  const different = pageCount.toLocaleString('en');
  process.stdout.write(`\n${name}: ${accesses} accesses, ${different} pages; hits, %\n`);
  console.table(
    runs.map((run) => ({
      pages: run.pages,
      ...Object.fromEntries(
        Object.entries(run.hitPercent).map(([policy, percent]) => [policy, percent.toFixed(2)]),
      ),
    })),
  );
}

/** Says of each comparison what came of it; whether all came out as they must. */
function printPublished(published: readonly Comparison[]): boolean {
  if (published.length === 0) {
    process.stdout.write(
      `\nnot compared with published figures: those are for ${OLTP} at ` +
        `${PUBLISHED_PAGES.join(', ')} pages\n`,
    );
    return true;
  }
  process.stdout.write(`\n${OLTP} beside what was published (FAST 2003); hits, %\n`);
  console.table(
    published.map((one) => ({
      policy: one.policy,
      pages: one.pages,
      published: one.publishedPercent.toFixed(2),
      measured: one.measuredPercent.toFixed(2),
      difference: one.differencePoints.toFixed(2),
      verdict: verdictOf(one),
    })),
  );
  return published.every(({ isAgreed, isControl }) => isAgreed !== isControl);
}

function verdictOf({ isAgreed, isControl }: Comparison): string {
  if (isControl) return isAgreed ? 'NOT CAUGHT' : 'caught';
  return isAgreed ? 'agrees' : 'DISAGREES';
}
