/** The built worker file: Node's workers cannot run TypeScript, so tests use the one in dist. */
export const workerUrl: URL = new URL('../../dist/src/io/worker/worker.js', import.meta.url);
