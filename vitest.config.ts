import { availableParallelism } from 'node:os';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const BROWSER = [
  'test/browser/**/*.test.ts',
  'test/**/*.browser.test.ts',
  'test/consumer/**/*.test.ts',
];

/**
 * Two groups, one after the other: tests in Node, as many files at once as there are cores, then
 * tests that drive Chromium, one file at a time, because software rendering fills every core.
 */
const config: ViteUserConfig = defineConfig({
  test: {
    globalSetup: ['test/support/setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: BROWSER,
          // Slow machines are not failures: this only ends what hangs.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // The default leaves one core out, which of two is half.
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: BROWSER,
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});

export default config;
