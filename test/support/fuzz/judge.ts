/** What a run of the fuzzer must have reached, and what it must not have found. */
import type { FuzzReport } from './protocol.ts';

/** Of each reader's lines, how many some case must run. */
const LEAST_COVERAGE = 0.9;

/** Problems worth a line each; none when all is well. */
export function judge(reports: readonly FuzzReport[]): string[] {
  const problems = reports.flatMap(({ failures }) => failures.slice(0, 5));
  const [cases, reached] = [total(reports, 'cases'), total(reports, 'reached')];
  if (reached * 2 < cases) problems.push(`${reached} of ${cases} cases reached a parser`);
  for (const report of reports) {
    const [covered, all] = sumLines(report);
    if (covered < all * LEAST_COVERAGE)
      problems.push(`${report.name}: ${covered} of ${all} lines ran, expected 90 %`);
  }
  return problems;
}

/** Covered and all lines of a reader; a file that was never loaded counts as one that did not run. */
export function sumLines({ lines }: Pick<FuzzReport, 'lines'>): [number, number] {
  let [covered, all] = [0, 0];
  for (const [, file] of lines) {
    covered += file?.covered ?? 0;
    all += file?.lines ?? 1;
  }
  return [covered, all];
}

export function total(
  reports: readonly FuzzReport[],
  key: 'cases' | 'reached' | 'refused' | 'read',
): number {
  return reports.reduce((sum, report) => sum + report[key], 0);
}
