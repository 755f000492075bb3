/** The built worker file: Node's workers cannot run TypeScript, so tests use the one in dist. */
export const workerUrl: URL = new URL('../../dist/src/io/worker/worker.js', import.meta.url);

/** The same worker in one file, which starts in a fifth of the time: for tests that start many. */
export const bundledWorkerUrl: URL = new URL(
  '../../dist/test/support/bundled/worker/worker.js',
  import.meta.url,
);
