// Builds dist: the Draco glue, then every TypeScript file that Node or a bundler will run.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (file, ...args) =>
  execFileSync(process.execPath, [file, ...args], { cwd: root, stdio: 'inherit' });

run('scripts/copy-draco.mjs', 'src/io/codecs', 'dist/src/io/codecs');
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
if (existsSync(`${root}dist/cook/cli.js`)) chmodSync(`${root}dist/cook/cli.js`, 0o755);
