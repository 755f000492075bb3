// Wraps the Basis transcoder that three.js ships in an ES module and puts its wasm beside it, for src
// and for dist: a worker then loads it like any other file, from the project's own origin.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const path = require.resolve('three/examples/jsm/libs/basis/basis_transcoder.js');
const { REVISION } = await import('three');
const head = `// Generated from three.js r${REVISION} (Basis Universal: Apache-2.0, Binomial LLC).
const module = { exports: {} };
const exports = module.exports;
const __dirname = '', __filename = '';
const require = (name) => globalThis.process.getBuiltinModule(name);
`;
const folders = process.argv.slice(2);
for (const folder of folders.length > 0 ? folders : ['src/io/codecs']) {
  const target = `${root}${folder}`;
  mkdirSync(target, { recursive: true });
  const glue = readFileSync(path, 'utf8');
  writeFileSync(`${target}/basis-glue.js`, `${head}${glue}\nexport default module.exports;\n`);
  writeFileSync(
    `${target}/basis-glue.d.ts`,
    'export default function createBasisModule(options: object): Promise<object>;\n',
  );
  copyFileSync(path.replace(/\.js$/, '.wasm'), `${target}/basis_transcoder.wasm`);
}
