/**
 * The built worker in one file, for tests that start a thread in every test: of the CPU time that a
 * thread in Node takes to start, four fifths go into finding and loading its modules one by one.
 */
import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Writes dist/test/support/bundled/worker/worker.js, and the decoders' wasm where it looks for it. */
export async function bundleWorker(): Promise<void> {
  await build({
    configFile: false,
    root: dist,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: 'src/io/worker/worker.js',
      outDir: 'test/support/bundled/worker',
      emptyOutDir: false,
      minify: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'worker.js', codeSplitting: false } },
    },
  });
  await mkdir(`${dist}test/support/bundled/codecs`, { recursive: true });
  for (const name of ['draco_decoder.wasm', 'basis_transcoder.wasm'])
    await copyFile(`${dist}src/io/codecs/${name}`, `${dist}test/support/bundled/codecs/${name}`);
}
