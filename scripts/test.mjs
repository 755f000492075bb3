// The whole check: build, types, lint, package checks, then every test in one vitest run.
//
//   npm test                     everything
//   npm test -- test/io          only tests whose path contains "test/io" (the checks still run)
//   npm test -- --no-checks …    only the tests
//
// Every step runs even when an earlier one failed, so that one run shows all there is to mend. The
// last line holds the counts: a step is one check, and vitest's own figures come from its JSON
// report. Exit code 0 means that nothing failed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countTests } from './count-tests.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => join(root, 'node_modules', '.bin', name);
const filters = process.argv.slice(2).filter((word) => word !== '--no-checks');
const areChecksWanted = !process.argv.includes('--no-checks');
const scratch = mkdtempSync(join(tmpdir(), 'farfield-test-'));
const report = join(scratch, 'vitest.json');
const packs = join(scratch, 'packs');
mkdirSync(packs);

const totals = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

function step(name, command, args, { env = {}, isCounted = true } = {}) {
  console.log(`\n== ${name}`);
  const startedMs = performance.now();
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  const isGood = status === 0;
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const reason = error?.message ?? (signal ? `killed by ${signal}` : `exit code ${status}`);
  console.log(`== ${name}: ${isGood ? 'ok' : `FAILED, ${reason}`} (${seconds} s)`);
  if (isCounted) totals[isGood ? 'passed' : 'failed']++;
  if (!isGood) failures.push(`${name}: ${reason}`);
  return isGood;
}

const tsc = (config) => [join(root, 'node_modules/typescript/bin/tsc'), '-p', config];

step('build', process.execPath, ['scripts/build.mjs']);
if (areChecksWanted) {
  step('types: src', process.execPath, tsc('tsconfig.json'));
  step('types: everything', process.execPath, tsc('tsconfig.node.json'));
  step('lint and format', bin('biome'), ['check', '--error-on-warnings', '.']);
  step('unused files, exports and dependencies', bin('knip'), ['--no-progress']);
  step('package: publint', bin('publint'), ['--strict']);
  // attw deletes the tarball it is given, so it gets one of its own.
  if (
    step('package: pack', 'npm', [
      'pack',
      '--ignore-scripts',
      '--silent',
      '--pack-destination',
      packs,
    ])
  )
    step('package: types as a consumer sees them', process.execPath, ['scripts/attw.mjs', packs]);
}
step(
  'tests',
  bin('vitest'),
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters],
  { env: { FARFIELD_BUILT: '1' }, isCounted: false },
);

const tests = countTests(readReport());
rmSync(scratch, { recursive: true, force: true });
for (const key of Object.keys(totals)) totals[key] += tests[key];
if (failures.length > 0 && totals.failed === 0) totals.failed = failures.length;

if (failures.length > 0)
  console.log(`\nFailed:\n${failures.map((line) => `  ${line}`).join('\n')}`);
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed > 0 ? 1 : 0;

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch (error) {
    return { error: `vitest left no report: ${error.message}` };
  }
}
