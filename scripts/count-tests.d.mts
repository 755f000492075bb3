/** Counts what vitest's JSON report says; a run that broke counts at least one failure. */
export function countTests(report: { error?: string; success?: boolean; testResults?: object[] }): {
  passed: number;
  failed: number;
  skipped: number;
};
