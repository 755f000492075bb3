// Wraps draco3d's CommonJS glue in an ES module and puts its wasm beside it, for src and for dist.
//
// Bundlers' development servers load files inside node_modules that only a worker reaches without
// converting them, so a CommonJS file there kills the worker. An ES module needs no configuration
// from whoever installs the package.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const glue = readFileSync(require.resolve('draco3d/draco_decoder_nodejs.js'), 'utf8');
const head = `// Generated from draco3d ${require('draco3d/package.json').version} (Apache-2.0, The Draco Authors).
const module = { exports: {} };
const exports = module.exports;
const __dirname = '', __filename = '';
const require = (name) => globalThis.process.getBuiltinModule(name);
`;
const folders = process.argv.slice(2);
for (const folder of folders.length > 0 ? folders : ['src/io/codecs']) {
  const target = `${root}${folder}`;
  mkdirSync(target, { recursive: true });
  writeFileSync(`${target}/draco-glue.js`, `${head}${glue}\nexport default module.exports;\n`);
  writeFileSync(
    `${target}/draco-glue.d.ts`,
    'export default function createDecoderModule(options: object): Promise<object>;\n',
  );
  copyFileSync(require.resolve('draco3d/draco_decoder.wasm'), `${target}/draco_decoder.wasm`);
}
