// Builds dist: the glue of Draco and Basis, then every TypeScript file that Node or a bundler will run. What an
// earlier build made of a file that is gone now goes too, so that it cannot be packed or imported.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function run(file, ...args) {
  const { status } = spawnSync(process.execPath, [file, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Removes compiled files below `folder` (a path inside dist) that have no source any more. */
function removeStale(folder) {
  for (const entry of readdirSync(join(root, 'dist', folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      removeStale(path);
      continue;
    }
    const base = path.replace(/(\.d\.ts|\.js)(\.map)?$/, '');
    const isKnown = ['.ts', '.js', '.d.ts', ''].some((end) => existsSync(join(root, base + end)));
    if (!isKnown) rmSync(join(root, 'dist', path));
  }
}

run('scripts/copy-wasm.mjs', 'src/io/codecs', 'dist/src/io/codecs');
removeStale('');
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
const cli = join(root, 'dist/cook/cli.js');
if (existsSync(cli)) chmodSync(cli, 0o755);
