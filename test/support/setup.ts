/**
 * vitest's global setup: builds once, because worker files must be JavaScript before a test may
 * start them, and bundles the worker; finds a Chromium once. `inject('chromium')` gives tests its path.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { bundleWorker } from './bundle-worker.ts';
import { findChromium } from './chromium.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of a Chromium that starts; empty in runs that hold no browser test. */
    chromium: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs once per project of the configuration; what the first run found holds for the others. */
export default async function setup(project: TestProject): Promise<void> {
  if (!process.env['FARFIELD_BUILT']) build();
  process.env['FARFIELD_BUILT'] = '1';
  if (!process.env['FARFIELD_BUNDLED']) await bundleWorker();
  process.env['FARFIELD_BUNDLED'] = '1';
  process.env['CHROMIUM_PATH'] = findChromium();
  project.provide('chromium', process.env['CHROMIUM_PATH']);
}

/** A type error is `npm test`'s to report: tsc writes its output all the same, and tests can use it. */
function build(): void {
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.stderr.write('The build has errors; testing what it wrote.\n');
}
