import { availableParallelism } from 'node:os';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const BROWSER = [
  'test/browser/**/*.test.ts',
  'test/**/*.browser.test.ts',
  'test/consumer/**/*.test.ts',
];

/**
 * Files that replace modules, look at what one holds before its first use, or start the wasm of zstd,
 * which a process may do only once.
 */
const ALONE = [
  'test/bench/decode.test.ts',
  'test/cook/compress.test.ts',
  'test/fuzz/fuzz.test.ts',
  'test/io/codecs/{textures,zstd}.test.ts',
  'test/plugin/{entities-fuzz,zip-world}.test.ts',
  'test/simulation/horizon.test.ts',
  'test/simulation/levels.test.ts',
];

const IN_NODE = {
  // Slow machines are not failures: this only ends what hangs.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // The default leaves one core out, which of two is half.
  maxWorkers: availableParallelism(),
  sequence: { groupOrder: 0 },
};

/**
 * Two groups, one after the other: tests in Node, as many files at once as there are cores, then
 * tests that drive Chromium, two files at a time, because software rendering fills every core. Most
 * files in Node share a process and the modules that are loaded in it: to load them anew for each
 * takes as long as half of the tests.
 */
const config: ViteUserConfig = defineConfig({
  test: {
    globalSetup: ['test/support/setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          ...IN_NODE,
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [...BROWSER, ...ALONE],
          isolate: false,
        },
      },
      {
        extends: true,
        test: { ...IN_NODE, name: 'alone', include: ALONE },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: BROWSER,
          // One page draws while another waits for its bytes.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});

export default config;
