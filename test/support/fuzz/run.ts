/**
 * Fuzzes every reader in a thread of its own and prints what it did.
 *
 *   npm run test:fuzz                        220,000 cases
 *   npm run test:fuzz -- --cases 1000000     more of them
 *   npm run test:fuzz -- --seed 7            others
 *   npm run test:fuzz -- --only zip          one reader
 *   npm run test:fuzz -- --missed            with the lines that never ran
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { formatTable } from '../../../cook/report-text.ts';
import { judge, sumLines, total } from './judge.ts';
import type { FuzzOrder, FuzzReport } from './protocol.ts';
import { watch } from './watch.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '220000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    missed: { type: 'boolean', default: false },
  },
});

function print(reports: readonly FuzzReport[]): void {
  const head = ['reader', 'cases', 'reached', 'refused', 'read', 'failures', 'most KiB', 'lines'];
  const rows = reports.map((report) => {
    const { name, cases, reached, refused, read, failures, mostBytes } = report;
    const [covered, all] = sumLines(report);
    const figures = [cases, reached, refused, read, failures.length, Math.ceil(mostBytes / 1024)];
    return [name, ...figures.map(String), `${((covered / all) * 100).toFixed(1)} %`];
  });
  const sums = (['cases', 'reached', 'refused', 'read'] as const).map((key) => total(reports, key));
  const failures = reports.reduce((sum, report) => sum + report.failures.length, 0);
  rows.push(['all', ...[...sums, failures].map(String), '', '']);
  console.log(formatTable([head, ...rows]).join('\n'));
  if (!values.missed) return;
  for (const { lines } of reports)
    for (const [file, count] of lines)
      console.log(`${file}: ${count ? count.missed.join(' ') || 'all ran' : 'never loaded'}`);
}

const progress = new Int32Array(new SharedArrayBuffer(4));
const order: FuzzOrder = {
  cases: Number(values.cases),
  seed: Number(values.seed),
  only: values.only ?? null,
  progress,
};
const file = './fuzz.worker.js';
const worker = new Worker(new URL(file, import.meta.url), { workerData: order });
const reports = await watch(worker, progress);
await worker.terminate();
print(reports);
const problems = judge(reports);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
