import { expect, test } from 'vitest';
import { countTests } from '../../scripts/count-tests.mjs';

const file = (status: string, ...statuses: string[]): object => ({
  status,
  assertionResults: statuses.map((one) => ({ status: one })),
});

test('passed, failed and skipped tests are counted over all files', () => {
  const testResults = [
    file('passed', 'passed', 'skipped', 'todo'),
    file('failed', 'passed', 'failed', 'failed'),
  ];
  expect(countTests({ success: false, testResults })).toEqual({ passed: 2, failed: 2, skipped: 2 });
});

test('a file that could not be loaded is a failure', () => {
  const testResults = [file('passed', 'passed'), file('failed')];
  expect(countTests({ success: false, testResults })).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

test('an error outside every test is a failure', () => {
  const report = { success: false, testResults: [file('passed', 'passed')] };
  expect(countTests(report)).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

test('no report and an empty report are failures', () => {
  expect(countTests({ error: 'none' }).failed).toBe(1);
  expect(countTests({ success: true, testResults: [] }).failed).toBe(1);
});

test('a clean run has no failure', () => {
  const report = { success: true, testResults: [file('passed', 'passed', 'passed')] };
  expect(countTests(report)).toEqual({ passed: 2, failed: 0, skipped: 0 });
});
