// Counts what vitest's JSON report says, so that a run which broke can never look like one that
// passed: a file that failed to load is a failure although it holds no failed test, an error
// outside every test is a failure, and so is a report without a single test.

/**
 * @param {object} report vitest's JSON report, or `{ error }` where there is none
 * @returns {{passed: number, failed: number, skipped: number}}
 */
export function countTests(report) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report.testResults ?? []) {
    let failedHere = 0;
    for (const { status } of file.assertionResults) {
      if (status === 'passed') totals.passed++;
      else if (status === 'failed') failedHere++;
      else totals.skipped++;
    }
    totals.failed += failedHere === 0 && file.status === 'failed' ? 1 : failedHere;
  }
  const isEmpty = totals.passed + totals.failed === 0;
  const isBroken = report.success !== true && totals.failed === 0;
  if (report.error || isEmpty || isBroken) totals.failed++;
  return totals;
}
