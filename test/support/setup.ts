/**
 * vitest's global setup: builds once, because worker files must be JavaScript before a test may
 * start them, and finds a Chromium once. `inject('chromium')` gives tests its path.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { findChromium } from './chromium.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of a Chromium that starts; empty in runs that hold no browser test. */
    chromium: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));

export default function setup(project: TestProject): void {
  if (!process.env['FARFIELD_BUILT'])
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
  project.provide('chromium', findChromium());
}
