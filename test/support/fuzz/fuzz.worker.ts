/** The thread that fuzzes: whoever started it watches `progress` and ends it when it hangs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { type CoverageRecorder, type LineCoverage, recordCoverage } from './coverage.ts';
import type { FuzzOrder, FuzzReport } from './protocol.ts';
import type { FuzzSubject } from './subject.ts';

const { cases, seed, only, progress } = workerData as FuzzOrder;

async function run(): Promise<FuzzReport[]> {
  // Before anything else is loaded, so that what runs at import counts.
  const recorder: CoverageRecorder = await recordCoverage();
  const { fuzz } = await import('./fuzz.ts');
  const { CONTROLS } = await import('./control-subjects.ts');
  const folder = mkdtempSync(join(tmpdir(), 'farfield-fuzz-'));
  try {
    const control = CONTROLS[only ?? ''];
    const subjects = control ? [control] : await findSubjects(folder);
    const weights = subjects.reduce((sum, { weight }) => sum + weight, 0);
    const reports: FuzzReport[] = [];
    for (const subject of subjects) {
      parentPort!.postMessage(subject.name);
      const share = Math.ceil((cases * subject.weight) / weights);
      const onCase = (number: number): void => void Atomics.store(progress, 0, number);
      const counts = await fuzz(subject, { cases: share, seed, onCase });
      reports.push({ name: subject.name, files: subject.files, ...counts, lines: [] });
    }
    const root = new URL('../../../', import.meta.url);
    const urls = new Map<string, string>();
    for (const { files } of subjects)
      for (const file of files) urls.set(file, String(new URL(file.replace(/\.ts$/, '.js'), root)));
    const coverage = await recorder.stop([...urls.values()].map((url) => new URL(url)));
    for (const report of reports)
      report.lines = report.files.map((file): [string, LineCoverage | null] => [
        file,
        coverage.get(urls.get(file)!) ?? null,
      ]);
    return reports;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function findSubjects(folder: string): Promise<FuzzSubject[]> {
  const { allSubjects } = await import('./subjects.ts');
  const subjects = await allSubjects(folder);
  const found = subjects.filter(({ name }) => !only || name === only);
  if (found.length > 0) return found;
  const names = subjects.map(({ name }) => name).join(', ');
  throw new Error(`no reader is called "${only}", expected one of ${names}`);
}

parentPort!.postMessage(await run());
