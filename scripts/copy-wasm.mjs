// Wraps the glue of the decoders in WebAssembly (CommonJS: draco3d, and the Basis transcoder that three.js
// ships) in ES modules and puts their wasm beside them: node scripts/copy-wasm.mjs FOLDER...
//
// Bundlers' development servers load files inside node_modules that only a worker reaches without
// converting them, so a CommonJS file there kills the worker. An ES module needs no configuration
// from whoever installs the package, and the wasm comes from the project's own origin.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const { REVISION } = await import('three');
const decoders = [
  {
    name: 'draco',
    glue: 'draco3d/draco_decoder_nodejs.js',
    wasm: 'draco3d/draco_decoder.wasm',
    factory: 'createDecoderModule',
    origin: `draco3d ${require('draco3d/package.json').version} (Apache-2.0, The Draco Authors)`,
  },
  {
    name: 'basis',
    glue: 'three/examples/jsm/libs/basis/basis_transcoder.js',
    wasm: 'three/examples/jsm/libs/basis/basis_transcoder.wasm',
    factory: 'createBasisModule',
    origin: `three.js r${REVISION} (Basis Universal: Apache-2.0, Binomial LLC)`,
  },
];

function copy({ name, glue, wasm, factory, origin }, target) {
  const head = `// Generated from ${origin}.
const module = { exports: {} };
const exports = module.exports;
const __dirname = '', __filename = '';
const require = (name) => globalThis.process.getBuiltinModule(name);
`;
  const script = readFileSync(require.resolve(glue), 'utf8');
  writeFileSync(`${target}/${name}-glue.js`, `${head}${script}\nexport default module.exports;\n`);
  writeFileSync(
    `${target}/${name}-glue.d.ts`,
    `export default function ${factory}(options: object): Promise<object>;\n`,
  );
  copyFileSync(require.resolve(wasm), `${target}/${wasm.split('/').at(-1)}`);
}

const folders = process.argv.slice(2);
for (const folder of folders.length > 0 ? folders : ['src/io/codecs']) {
  mkdirSync(`${root}${folder}`, { recursive: true });
  for (const decoder of decoders) copy(decoder, `${root}${folder}`);
}
